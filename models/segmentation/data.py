"""Composed pictures -> the batches that the UNet learns from."""

import numpy as np
import torch

from models.core.training.composites import Composite


def batch(composites: list[Composite]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (B, 3, H, W) and class indices (B, H / 2, W / 2), each that of one of four pixels."""
    images = torch.stack([composite.image for composite in composites])
    classes = np.stack([composite.classes[1::2, 1::2] for composite in composites])
    return images, torch.from_numpy(classes.astype(np.int64))
