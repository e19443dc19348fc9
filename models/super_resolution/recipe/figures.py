"""What `evaluate.py` measured, as the tables of the models' cards."""

from collections.abc import Mapping
from typing import Any

BICUBIC = "bicubic"
HEAD = (
    "| pictures | bicubic | this model | gain | SSIM bicubic | SSIM | sharpness bicubic | sharpness "
    "| worse than bicubic |\n" + "| --- " * 9 + "|"
)
SETS = {"photos": "held-out photos", "scikit": "scikit-image and scikit-learn"}


def table(sets: Mapping[str, Any], model: str) -> str:
    """Markdown: a row for each set of pictures that a model was measured on."""
    rows = [HEAD]
    for name, words in SETS.items():
        if name in sets:
            plain, mine = sets[name][BICUBIC], sets[name][model]
            cells = [
                f"{sets[name]['pictures']} {words}",
                f"{plain['psnr_y']:.2f} dB",
                f"{mine['psnr_y']:.2f} dB",
                f"{mine['psnr_y_gain']:+.2f} dB ({mine['psnr_y_gain_low']:+.2f} to "
                f"{mine['psnr_y_gain_high']:+.2f})",
                *(f"{each['ssim_y']:.3f}" for each in (plain, mine)),
                *(f"{each['sharpness']:.2f}" for each in (plain, mine)),
                str(mine["worse_psnr_y"]),
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: one table for each model of a report by scale, set and way to enlarge."""
    parts = []
    for sets in report.values():
        models = [name for name in sets["photos"] if name not in ("pictures", BICUBIC)]
        parts += [f"{model}\n\n{table(sets, model)}" for model in models]
    return "\n\n".join(parts)
