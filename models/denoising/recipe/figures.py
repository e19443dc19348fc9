"""The measurements of `evaluate.py` as the tables of the model card."""

from collections.abc import Mapping
from typing import Any

COLUMNS = (
    "level",
    "noisy",
    "non-local means",
    "blind",
    "level given",
    "blind: gain over non-local means",
    "lowest gain",
    "photos with a loss",
    "blind, 8-bit file",
    "SSIM: non-local means, blind",
    "error of the estimated level",
)
SETS = {
    "validation": "validation photos",
    "test": "held-out photos",
    "well_known": "images of scikit-image and scikit-learn",
}


def table(measured: Mapping[str, Any]) -> str:
    """Markdown: one row per noise level; BM3D's columns are the last ones, if it was measured."""
    with_bm3d = any(isinstance(each, Mapping) and "psnr_bm3d" in each for each in measured.values())
    columns = (*COLUMNS, "BM3D, level given", "SSIM: BM3D") if with_bm3d else COLUMNS
    rows = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    for name, metrics in measured.items():
        if name.startswith("level_"):
            cells = [
                name.removeprefix("level_"),
                f"{metrics['psnr_noisy']:.2f}",
                f"{metrics['psnr_non_local_means']:.2f}",
                f"**{metrics['psnr_blind']:.2f}**",
                f"{metrics['psnr_given_level']:.2f}",
                f"{metrics['gain']:+.2f}",
                f"{metrics['least_gain']:+.2f}",
                f"{metrics['worse_than_non_local_means']} of {measured['pictures']}",
                f"{metrics['psnr_as_file']:.2f}",
                f"{metrics['ssim_non_local_means']:.3f}, {metrics['ssim_blind']:.3f}",
                f"{metrics['level_error']:.2f}",
            ]
            if with_bm3d:
                cells += [f"{metrics['psnr_bm3d']:.2f}", f"{metrics['ssim_bm3d']:.3f}"]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: one table per set of images."""
    return "\n\n".join(
        f"On {report[name]['pictures']} {description}:\n\n{table(report[name])}"
        for name, description in SETS.items()
        if name in report
    )
