"""The metrics of `evaluate.py` as the table of the model cards."""

from collections.abc import Mapping, Sequence
from typing import Any

BASELINES = ("gray", "mean_ab")
METRICS = {
    "ciede2000": "CIEDE2000, mean (lower is better)",
    "ab_psnr": "ab-PSNR, dB",
    "colorfulness_ratio": "colorfulness relative to the true colors (ratio of means)",
    "colorfulness_ratio_median": "the same, median over photos",
}
SHARE, SHARE_PSNR = "better than both baselines by CIEDE2000", "better than both by ab-PSNR"


def table(report: Mapping[str, Any], models: Sequence[str]) -> str:
    """Markdown: one row per metric, one column per baseline and model."""
    names = [*BASELINES, *models]
    heads = ["gray", "mean ab of the training photos", *(f"`{name}`" for name in models)]
    rows = [f"| | {' | '.join(heads)} |", "| --- " * (len(names) + 1) + "|"]
    rows += [
        f"| {title} | {' | '.join(f'{report[name][key]:.2f}' for name in names)} |"
        for key, title in METRICS.items()
    ]
    shares = [_share(report[name], "95 % interval " if name == models[0] else "") for name in models]
    rows.append(f"| {SHARE} | – | – | {' | '.join(shares)} |")
    psnr = (f"{report[name]['better_share_ab_psnr'] * 100:.0f} %" for name in models)
    rows.append(f"| {SHARE_PSNR} | – | – | {' | '.join(psnr)} |")
    return "\n".join(rows)


def _share(metrics: Mapping[str, float], prefix: str) -> str:
    share, low, high = (metrics[f"better_share_ciede2000{end}"] * 100 for end in ("", "_low", "_high"))
    return f"{share:.0f} % ({prefix}{low:.0f} to {high:.0f} %)"
