"""Write the boxes that torchvision keeps and suppresses, which the browser's suppression must reproduce.

Run from the repository: python -m tests.models.detection.write_suppression_golden
"""

import json
from pathlib import Path

import torch
from torchvision.ops import batched_nms, box_iou, nms

FILE = Path(__file__).parents[3] / "frontend" / "src" / "components" / "boxes" / "suppression.golden.json"
LABELS = ("bird", "car", "dog")
THRESHOLDS = (  # score, IoU, IoU across classes
    (0.0, 0.5, 1.0), (0.25, 0.5, 1.0), (0.25, 0.3, 1.0), (0.5, 0.7, 1.0), (0.1, 0.0, 1.0), (0.0, 1.0, 1.0),
    (0.9, 0.45, 1.0), (0.25, 0.6, 0.6), (0.0, 0.4, 0.2), (0.1, 0.3, 0.0),
)  # fmt: skip


def case(
    count: int, spread: float, thresholds: tuple[float, float, float], generator: torch.Generator
) -> dict:
    """One random scene and its outcome. Scores are distinct, so that the order is unambiguous."""
    score, iou, across = thresholds
    corner = torch.rand(count, 2, generator=generator, dtype=torch.float64) * spread
    size = 10 + torch.rand(count, 2, generator=generator, dtype=torch.float64) * 40
    boxes = torch.cat([corner, corner + size], dim=1).mul(10).round().div(10)
    scores = torch.randperm(1000, generator=generator)[:count].double() / 1000
    labels = torch.randint(len(LABELS), (count,), generator=generator)
    above = (scores >= score).nonzero()[:, 0]
    kept = first = above[batched_nms(boxes[above], scores[above], labels[above], iou)]
    if across < 1:
        kept = first[nms(boxes[first], scores[first], across)]
    overlap = box_iou(boxes, boxes)
    suppressed = {}
    for index in sorted(set(above.tolist()) - set(kept.tolist())):
        if index in first.tolist():  # it fell to a box of any label
            rivals = [one for one in kept.tolist() if overlap[one, index] > across]
        else:
            same = labels == labels[index]
            rivals = [one for one in first.tolist() if same[one] and overlap[one, index] > iou]
        suppressed[index] = [rivals[0], round(float(overlap[rivals[0], index]), 6)]
    names = ("xmin", "ymin", "xmax", "ymax")
    listed = [
        {
            "id": index,
            "label": LABELS[int(labels[index])],
            "score": float(scores[index]),
            "box": dict(zip(names, boxes[index].tolist(), strict=True)),
        }
        for index in range(count)
    ]
    return {
        "score": score,
        "iou": iou,
        "across": across,
        "boxes": listed,
        "kept": kept.tolist(),
        "suppressed": suppressed,
    }


def cases() -> list[dict]:
    generator = torch.Generator().manual_seed(5)
    scenes = ((0, 10.0), (1, 10.0), (12, 40.0), (40, 90.0))
    return [
        case(count, spread, thresholds, generator)
        for count, spread in scenes
        for thresholds in THRESHOLDS[: 2 if count < 2 else None]
    ]


def main() -> None:
    FILE.write_text(json.dumps({"cases": cases()}, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
