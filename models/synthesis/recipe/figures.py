"""The tables of the model cards, from the metrics of evaluate.py."""

from typing import Any

ROWS = {
    "l1_levels": ("L1 to the true picture, levels of 255", "{:.1f}"),
    "psnr": ("PSNR, dB", "{:.2f}"),
    "sharpness": ("sharpness relative to the true pictures", "{:.2f}"),
    "edge_recall": ("lines found again within a pixel", "{:.3f}"),
    "edge_recall_rough": ("the same, of thick, broken or partial lines", "{:.3f}"),
    "class_kept": ("the judge names the class right", "{:.3f}"),
    "frechet_distance": ("Fréchet distance in the judge's features", "{:.2f}"),
    "pixel_accuracy": ("segmenter: pixels with the part of the map", "{:.3f}"),
    "mean_iou": ("segmenter: mean IoU over the parts", "{:.3f}"),
    "iou_of_real": ("the same, relative to real pictures", "{:.3f}"),
}
COLUMNS = {"adversary": "with adversary", "l1": "L1 alone", "real": "real pictures"}


def table(metrics: dict[str, Any]) -> str:
    """Markdown: a row for each figure, a column for each generator and for the real pictures."""
    lines = [f"| | {' | '.join(COLUMNS.values())} |", f"|{' --- |' * (len(COLUMNS) + 1)}"]
    for name, (title, pattern) in ROWS.items():
        values = [metrics[column].get(name) for column in COLUMNS]
        if any(value is not None for value in values):
            cells = ["–" if value is None else pattern.format(value) for value in values]
            lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)
