"""The table of the mask network's card, from the metrics that `instances/evaluate.py` measures."""

from collections.abc import Mapping

METHODS = {
    "box": "filled box",
    "grabcut": "GrabCut from the box, 5 iterations",
    "network": "network, one view",
    "views": "network, two views",
    "cleaned": "two views, cleaned (the answer)",
    "sharpened": "two views, cleaned, edge sharpened",
}
HEAD = (
    "| | mean IoU | median IoU | above 0.8 | below 0.5 | boundary F | ms on one core |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)
_COLUMNS = ("iou", "iou_median", "above_0_8", "below_0_5", "boundary_f")


def table(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown: one row for each method."""
    rows = [HEAD]
    for name, title in METHODS.items():
        each = metrics[name]
        figures = " | ".join(f"{each[column]:.3f}" for column in _COLUMNS)
        rows.append(f"| {title} | {figures} | {each['milliseconds']:.0f} |")
    return "\n".join(rows)
