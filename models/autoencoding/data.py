"""Pictures as tensors, and the batches of a training.

Shapes: N pictures, B batch, C channels, S side of the picture. Pictures have values in [0, 1], those of a
bank uint8.
"""

import numpy as np
import torch


def to_channels_first(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (N, S, S) or (N, S, S, 3) -> uint8 (N, C, S, S)."""
    tensor = torch.from_numpy(pictures.copy())
    return tensor[:, None] if tensor.ndim == 3 else tensor.permute(0, 3, 1, 2).contiguous()


def to_channels_last(pictures: torch.Tensor) -> np.ndarray:
    """Values in [0, 1], (N, C, S, S) -> uint8 (N, S, S) or (N, S, S, 3)."""
    pixels = (pictures.clamp(0, 1) * 255).round().to(torch.uint8)
    return (pixels[:, 0] if pixels.shape[1] == 1 else pixels.permute(0, 2, 3, 1)).numpy()


def to_unit(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 -> float32 in [0, 1]."""
    return pictures.float() / 255


def draw_batch(pictures: torch.Tensor, size: int, step: int, seed: int) -> torch.Tensor:
    """The batch of one step, uint8 (B, C, S, S): a new order in every epoch, without repetition."""
    count = len(pictures)
    positions = np.arange(step * size, (step + 1) * size)
    chosen = np.empty(size, np.int64)
    for epoch in np.unique(positions // count):
        order = np.random.default_rng([seed, int(epoch)]).permutation(count)
        own = positions // count == epoch
        chosen[own] = order[positions[own] % count]
    return pictures[torch.from_numpy(chosen)]
