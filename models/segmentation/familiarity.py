"""What distinguishes the U-Net's kind of pictures from others: a map of its encoder, and its surest pixel.

Shapes: C classes including the background, c channels of a map, h and w height and width of the logits.
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
    pooled,
)
from models.segmentation.architecture import UNet
from models.segmentation.card import TrainParams


def evidence_of(
    encoder: Sequence[torch.Tensor], logits: torch.Tensor, placement: Letterbox, size: int
) -> Evidence:
    """From the maps (c, h, w) and logits (C, h, w) of one picture in a square of `size` pixels."""
    # the logit of the probability that a pixel belongs to any object
    odds = logits[1:].logsumexp(0) - logits[0]
    return Evidence(pooled(encoder[-2], placement, size), float(odds.amax()))


def measure_with(model: UNet, size: int) -> Measure:
    """The evidence in images of `size` pixels a side."""
    device = next(model.parameters()).device

    def measure(image: torch.Tensor, placement: Letterbox) -> Evidence:
        maps = model.decode(model.encoder(image.to(device, memory_format=torch.channels_last)))
        return evidence_of([level[0].float().cpu() for level in maps.encoder], maps.logits[0].float().cpu(),
                           placement, size)  # fmt: skip

    return measure


def familiarity_of(
    model: UNet, learned: Pictures, held_out: Pictures, params: TrainParams
) -> Familiarity | None:
    """Of the pictures of a training and those of its validation."""
    seen = params.steps * params.batch_size
    measure = measure_with(model, params.image_size)
    return fit_composites(measure, learned, held_out, params.image_size, seen=seen, seed=params.seed)
