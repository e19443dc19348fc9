"""What `evaluate.py` measured, as the table of the models' cards."""

from collections.abc import Mapping, Sequence
from typing import Any

BASELINES = ("gray", "mean_ab")
MEASURES = {
    "ciede2000": "CIEDE2000, mean (less is better)",
    "ab_psnr": "ab-PSNR, dB",
    "colorfulness_ratio": "colorfulness, share of the true one (ratio of means)",
    "colorfulness_ratio_median": "the same, median over photos",
}
SHARE, SHARE_PSNR = "better than both baselines by CIEDE2000", "better than both by ab-PSNR"


def table(report: Mapping[str, Any], models: Sequence[str]) -> str:
    """Markdown: a row for each measure, a column for each baseline and model."""
    names = [*BASELINES, *models]
    heads = ["gray", "mean ab of the training photos", *(f"`{name}`" for name in models)]
    rows = [f"| | {' | '.join(heads)} |", "| --- " * (len(names) + 1) + "|"]
    rows += [
        f"| {words} | {' | '.join(f'{report[name][key]:.2f}' for name in names)} |"
        for key, words in MEASURES.items()
    ]
    shares = [_share(report[name], "95 % interval " if name == models[0] else "") for name in models]
    rows.append(f"| {SHARE} | – | – | {' | '.join(shares)} |")
    psnr = (f"{report[name]['better_share_ab_psnr'] * 100:.0f} %" for name in models)
    rows.append(f"| {SHARE_PSNR} | – | – | {' | '.join(psnr)} |")
    return "\n".join(rows)


def _share(measured: Mapping[str, float], words: str) -> str:
    mine, low, high = (measured[f"better_share_ciede2000{end}"] * 100 for end in ("", "_low", "_high"))
    return f"{mine:.0f} % ({words}{low:.0f} to {high:.0f} %)"
