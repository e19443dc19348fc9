"""The metrics of `evaluate.py` as the tables of the model cards."""

from collections.abc import Mapping
from typing import Any

BICUBIC = "bicubic"
HEAD = (
    "| pictures | bicubic | this model | gain | SSIM bicubic | SSIM | sharpness bicubic | sharpness "
    "| worse than bicubic |\n" + "| --- " * 9 + "|"
)
SETS = {
    "photos": "held-out photos",
    "scikit": "scikit-image and scikit-learn",
    "photos_jpeg": "held-out photos, JPEG of quality 60",
    "scikit_jpeg": "scikit-image and scikit-learn, JPEG of quality 60",
}


def table(sets: Mapping[str, Any], model: str) -> str:
    """Markdown: one row per set of pictures that the model was evaluated on."""
    rows = [HEAD]
    for name, title in SETS.items():
        if name in sets:
            baseline, own = sets[name][BICUBIC], sets[name][model]
            cells = [
                f"{sets[name]['pictures']} {title}",
                f"{baseline['psnr_y']:.2f} dB",
                f"{own['psnr_y']:.2f} dB",
                f"{own['psnr_y_gain']:+.2f} dB ({own['psnr_y_gain_low']:+.2f} to "
                f"{own['psnr_y_gain_high']:+.2f})",
                *(f"{each['ssim_y']:.3f}" for each in (baseline, own)),
                *(f"{each['sharpness']:.2f}" for each in (baseline, own)),
                str(own["worse_psnr_y"]),
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: one table per model of a report by scale, set and method."""
    parts = []
    for sets in report.values():
        models = [name for name in sets["photos"] if name not in ("pictures", BICUBIC)]
        parts += [f"{model}\n\n{table(sets, model)}" for model in models]
    return "\n\n".join(parts)
