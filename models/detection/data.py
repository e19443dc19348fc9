"""Pictures as the network takes them: one upload to answer, or a batch of composites to train on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from PIL import Image

from models.core.images.codec import to_tensor
from models.core.images.letterbox import Letterbox, letterbox
from models.core.images.slices import Box
from models.core.training.composites import Composite
from models.detection.loss import Targets
from models.detection.suppression import Candidates


@dataclass(frozen=True)
class View:
    """How a picture is shown to the network once more."""

    side: int  # of the network's square input, pixels
    is_mirrored: bool = False


@dataclass(frozen=True)
class Picture:
    """One upload, prepared for the network."""

    upload: Image.Image
    scaled: Image.Image  # as the network receives it
    tensor: torch.Tensor  # (3, H, W) in [0, 1]
    placement: Letterbox  # of the upload in the scaled picture
    slices: tuple[Box, ...] = ()  # of the upload, that the network receives as well
    min_score: float = 0.0  # of a box in a slice
    views: tuple[View, ...] = ()  # further ones of the upload, that the network receives as well
    notes: tuple[str, ...] = ()  # about reading and preparing it


@dataclass(frozen=True)
class Raw:
    """The network's output for one picture, on the CPU."""

    features: tuple[torch.Tensor, ...] = ()  # of the backbone, (c, h, w) per level
    pyramid: tuple[torch.Tensor, ...] = ()  # of what follows it, (c, h, w) per level
    grids: tuple[torch.Tensor, ...] = ()  # values of the cells, (A, 5+C, h, w) or (C+44, h, w) per level
    answer: Mapping[str, torch.Tensor] | None = None  # boxes, scores and labels of a network without cells
    slices: tuple[Candidates, ...] = ()  # of each slice, in pixels of the upload
    views: tuple[Candidates, ...] = ()  # of each further view, in pixels of the upload


def prepare(upload: Image.Image, size: int) -> Picture:
    """Letterbox the upload into a square of `size` pixels."""
    scaled, placement = letterbox(upload, size)
    return Picture(upload, scaled, to_tensor(scaled), placement)


def batch(composites: Sequence[Composite]) -> tuple[torch.Tensor, Targets]:
    """Images (B, 3, H, W) and their padded targets."""
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
