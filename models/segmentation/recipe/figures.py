"""The tables of the model card, from the metrics that `evaluate.py` measures."""

from collections.abc import Mapping
from typing import Any

HEAD = (
    "| | mIoU with background | foreground IoU | boundary F | pixel accuracy |\n"
    "| --- | --- | --- | --- | --- |"
)
PROTOCOLS = {"unseen_subjects": "unseen subjects", "seen_subjects": "seen subjects"}
BASELINE = "majority class (all background), same images"


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: both protocols and the baseline, and IoU by class."""
    rows = [HEAD]
    for protocol, title in PROTOCOLS.items():
        unet, baseline = report[protocol]["unet"], report[protocol]["majority_class"]
        interval = f"({unet['miou_low']:.3f} to {unet['miou_high']:.3f})"
        rows.append(f"| {title} | **{unet['miou']:.3f}** {interval} | {_others(unet)} |")
        rows.append(f"| {BASELINE} | {baseline['miou']:.3f} | {_others(baseline)} |")
    return "\n".join(rows) + "\n\n" + by_class(report)


def _others(metrics: Mapping[str, float]) -> str:
    return " | ".join(f"{metrics[name]:.3f}" for name in ("foreground_iou", "boundary_f", "pixel_accuracy"))


def by_class(report: Mapping[str, Any]) -> str:
    """A sentence: the IoU of each class, the highest first."""
    unseen, seen = (
        {
            name.removeprefix("iou_"): value
            for name, value in report[protocol]["unet"].items()
            if name.startswith("iou_")
        }
        for protocol in PROTOCOLS
    )
    ordered = sorted(unseen, key=lambda name: -unseen[name])
    listed = ", ".join(f"{name} {unseen[name]:.2f} ({seen[name]:.2f})" for name in ordered)
    return f"IoU by class on unseen subjects (on seen ones): {listed}."
