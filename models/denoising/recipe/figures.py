"""What `evaluate.py` measured, as the tables of the model's card."""

from collections.abc import Mapping
from typing import Any

HEAD = (
    "| level | noisy | non-local means | blind | told | gain over non-local means, blind | worst picture "
    "| worse than it | blind, as an 8-bit file | SSIM: non-local means, blind | estimate off by |\n"
    + "| --- " * 11
    + "|"
)
SETS = {
    "validation": "validation photos",
    "test": "held-out photos",
    "well_known": "pictures of scikit-image and scikit-learn",
}


def table(measured: Mapping[str, Any]) -> str:
    """Markdown: a row for each level of noise."""
    rows = [HEAD]
    for name, of in measured.items():
        if name.startswith("level_"):
            cells = [
                name.removeprefix("level_"),
                f"{of['psnr_noisy']:.2f}",
                f"{of['psnr_non_local_means']:.2f}",
                f"**{of['psnr_blind']:.2f}**",
                f"{of['psnr_told']:.2f}",
                f"{of['gain']:+.2f}",
                f"{of['least_gain']:+.2f}",
                f"{of['worse_than_non_local_means']} of {measured['pictures']}",
                f"{of['psnr_as_file']:.2f}",
                f"{of['ssim_non_local_means']:.3f}, {of['ssim_blind']:.3f}",
                f"{of['level_error']:.2f}",
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: one table for each set of pictures."""
    return "\n\n".join(
        f"On {report[name]['pictures']} {words}:\n\n{table(report[name])}"
        for name, words in SETS.items()
        if name in report
    )
