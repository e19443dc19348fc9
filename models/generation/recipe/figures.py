"""The table of the model cards."""

from collections.abc import Mapping
from typing import Any

NAMES = {
    "generated": "**generated**",
    "test halves": "half of the test pictures against the other",
    "training": "training pictures",
    "blurred": "training pictures, blurred (3 × 3)",
    "noisy": "training pictures with noise (5 %)",
    "variational-16": "samples of the variational autoencoder (z of 16)",
    "faces-variational-16": "samples of the variational autoencoder (z of 16)",
}


def table(metrics: Mapping[str, Any]) -> str:
    """Markdown: a line for each set of pictures that was compared with the test pictures."""
    lines = [
        "| pictures | Fréchet distance | precision | recall | right class | spread |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in metrics.items():
        if isinstance(row, Mapping) and "frechet_distance" in row:
            shares = [
                f"{row[key]:.1%}" if key in row else "–" for key in ("precision", "recall", "agreement")
            ]
            spread = f"{row['spread']:.2f}" if "spread" in row else "–"
            title = NAMES.get(name, name)
            lines.append(f"| {title} | {row['frechet_distance']:.3f} | {' | '.join(shares)} | {spread} |")
    return "\n".join(lines)
