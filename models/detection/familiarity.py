"""What distinguishes the grid detector's kind of pictures from others: its coarsest map and its best score.

Shapes: A boxes per cell, C classes, c channels of a map, h and w height and width of a grid.
"""

from collections.abc import Sequence

import torch

from models.core.images.letterbox import Letterbox
from models.core.training.composites import Pictures
from models.core.training.familiarity import (
    Evidence,
    Familiarity,
    Measure,
    fit_composites,
    logit,
    pooled,
)
from models.detection.architecture import Detector
from models.detection.card import TrainParams


def evidence_of(
    features: Sequence[torch.Tensor], grids: Sequence[torch.Tensor], placement: Letterbox, size: int
) -> Evidence:
    """From the maps (c, h, w) and grids (A, 5+C, h, w) of one picture in a square of `size` pixels."""
    # objectness times class probability, as in `Boxes.scores`
    scores = [(grid[:, 4:5].sigmoid() * grid[:, 5:].sigmoid()).amax() for grid in grids]
    return Evidence(pooled(features[-1], placement, size), logit(torch.stack(scores).amax()))


def measure_with(model: Detector, size: int) -> Measure:
    """The evidence in images of `size` pixels a side."""
    device = next(model.parameters()).device

    def measure(image: torch.Tensor, placement: Letterbox) -> Evidence:
        features = model.features(image.to(device, memory_format=torch.channels_last))
        grids = model.grids(features)
        maps, values = ([level[0].float().cpu() for level in levels] for levels in (features, grids))
        return evidence_of(maps, values, placement, size)

    return measure


def familiarity_of(
    model: Detector, learned: Pictures, held_out: Pictures, params: TrainParams
) -> Familiarity | None:
    """Of the pictures of a training and those of its validation."""
    seen = params.steps * params.batch_size
    measure = measure_with(model, params.side)
    return fit_composites(measure, learned, held_out, params.side, seen=seen, seed=params.seed)
