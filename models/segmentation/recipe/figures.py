"""What `evaluate.py` measured, as the tables of the model's card."""

from collections.abc import Mapping
from typing import Any

HEAD = (
    "| | mIoU with background | foreground IoU | boundary F | pixels right |\n| --- | --- | --- | --- | --- |"
)
PROTOCOLS = {"unseen_subjects": "unseen subjects", "seen_subjects": "seen subjects"}
BASELINE = "majority class (all background), same pictures"


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: both protocols beside the baseline, and IoU by class."""
    rows = [HEAD]
    for protocol, words in PROTOCOLS.items():
        mine, nothing = report[protocol]["unet"], report[protocol]["majority_class"]
        interval = f"({mine['miou_low']:.3f} to {mine['miou_high']:.3f})"
        rows.append(f"| {words} | **{mine['miou']:.3f}** {interval} | {_others(mine)} |")
        rows.append(f"| {BASELINE} | {nothing['miou']:.3f} | {_others(nothing)} |")
    return "\n".join(rows) + "\n\n" + by_class(report)


def _others(measured: Mapping[str, float]) -> str:
    return " | ".join(f"{measured[name]:.3f}" for name in ("foreground_iou", "boundary_f", "pixel_accuracy"))


def by_class(report: Mapping[str, Any]) -> str:
    """A sentence: the IoU of each class, the best known first."""
    unseen, seen = (
        {
            name.removeprefix("iou_"): value
            for name, value in report[protocol]["unet"].items()
            if name.startswith("iou_")
        }
        for protocol in PROTOCOLS
    )
    ordered = sorted(unseen, key=lambda name: -unseen[name])
    told = ", ".join(f"{name} {unseen[name]:.2f} ({seen[name]:.2f})" for name in ordered)
    return f"IoU by class on unseen subjects (on seen ones): {told}."
