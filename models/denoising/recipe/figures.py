"""The measurements of `evaluate.py` as the tables of the model card."""

from collections.abc import Mapping, Sequence
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
BESIDE_BM3D = (
    "level",
    "noisy",
    "non-local means",
    "BM3D, level given",
    "blind",
    "level given",
    "BM3D better, level given",
    "SSIM: non-local means, BM3D, blind",
)
SETS = {
    "validation": "validation photos",
    "test": "held-out photos",
    "well_known": "images of scikit-image and scikit-learn",
}


def table(measured: Mapping[str, Any]) -> str:
    """Markdown: one row per noise level."""
    return _markdown(COLUMNS, [_row(measured, name) for name in measured if name.startswith("level_")])


def _row(measured: Mapping[str, Any], name: str) -> list[str]:
    metrics = measured[name]
    return [
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


def table_beside_bm3d(measured: Mapping[str, Any]) -> str:
    """Markdown: the network, non-local means and BM3D, one row per noise level."""
    rows = []
    for name, metrics in measured.items():
        if name.startswith("level_"):
            methods = ("noisy", "non_local_means", "bm3d", "blind", "given_level")
            similar = (metrics[f"ssim_{method}"] for method in ("non_local_means", "bm3d", "blind"))
            rows.append(
                [
                    name.removeprefix("level_"),
                    *(f"{metrics[f'psnr_{method}']:.2f}" for method in methods),
                    f"{metrics['worse_than_bm3d']} of {measured['pictures']}",
                    ", ".join(f"{value:.3f}" for value in similar),
                ]
            )
    return _markdown(BESIDE_BM3D, rows)


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: one table per set of images; where BM3D was measured, the one with BM3D."""
    return "\n\n".join(
        f"On {report[name]['pictures']} {description}:\n\n{_table_of(report[name])}"
        for name, description in SETS.items()
        if name in report
    )


def _table_of(measured: Mapping[str, Any]) -> str:
    with_bm3d = any(isinstance(each, Mapping) and "psnr_bm3d" in each for each in measured.values())
    return table_beside_bm3d(measured) if with_bm3d else table(measured)
