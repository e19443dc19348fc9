"""The batches of a training, and pictures to be seen.

Shapes: N pictures, B batch, C channels, S side of the picture. Tensors have values in [0, 1], arrays are
uint8.
"""

import numpy as np
import torch

from models.core.generative.judge import to_input


def to_channels_last(pictures: torch.Tensor) -> np.ndarray:
    """Values in [0, 1], (N, C, S, S) -> uint8 (N, S, S) or (N, S, S, 3)."""
    pixels = (pictures.clamp(0, 1) * 255).round().to(torch.uint8)
    return (pixels[:, 0] if pixels.shape[1] == 1 else pixels.permute(0, 2, 3, 1)).numpy()


def draw_batch(pictures: np.ndarray, size: int, step: int, seed: int) -> torch.Tensor:
    """The batch of one step, (B, C, S, S): a new order in every epoch, without repetition."""
    count = len(pictures)
    positions = np.arange(step * size, (step + 1) * size)
    chosen = np.empty(size, np.int64)
    for epoch in np.unique(positions // count):
        order = np.random.default_rng([seed, int(epoch)]).permutation(count)
        own = positions // count == epoch
        chosen[own] = order[positions[own] % count]
    return to_input(pictures[chosen])
