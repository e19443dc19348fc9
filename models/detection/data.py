"""Composed pictures -> the batches that the detector learns from."""

import torch

from models.core.training.composites import Composite
from models.detection.loss import Targets


def batch(composites: list[Composite]) -> tuple[torch.Tensor, Targets]:
    """Pictures (B, 3, H, W) and their padded targets."""
    most = max(1, *(len(composite.labels) for composite in composites))
    boxes = torch.zeros(len(composites), most, 4)
    labels = torch.zeros(len(composites), most, dtype=torch.int64)
    present = torch.zeros(len(composites), most, dtype=torch.bool)
    for row, composite in enumerate(composites):
        count = len(composite.labels)
        boxes[row, :count] = torch.from_numpy(composite.boxes)
        labels[row, :count] = torch.tensor(composite.labels, dtype=torch.int64)
        present[row, :count] = True
    return torch.stack([composite.image for composite in composites]), Targets(boxes, labels, present)
