"""Measures of synthesized pictures: distance to the true one, and what is kept of the condition.

Shapes: B batch, C channels, S side; pictures in [-1, 1].
"""

import torch

from models.synthesis import edges

PEAK = 2.0  # from black to white


def l1(answer: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """(B,): mean absolute error in gray levels of 255."""
    return (answer - picture).abs().mean(dim=(1, 2, 3)) * 255 / PEAK


def psnr(answer: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """(B,): peak signal-to-noise ratio in dB; at most 100."""
    error = (answer - picture).square().mean(dim=(1, 2, 3)).clamp(min=1e-10 * PEAK**2)
    return 10 * torch.log10(PEAK**2 / error)


def edge_recall(drawn: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
    """(B,): the share of the drawn edges that the answer has within a pixel."""
    return edges.recall(drawn, edges.find_edges(answer))


def sharpness(answer: torch.Tensor) -> torch.Tensor:
    """(B,): mean absolute difference of neighboring pixels in gray levels of 255; blurred pictures have less.

    Example: stripes of black and white, one pixel wide, have 255 across and 0 along: 127.5.
    """
    across = (answer[..., 1:] - answer[..., :-1]).abs().mean(dim=(1, 2, 3))
    down = (answer[..., 1:, :] - answer[..., :-1, :]).abs().mean(dim=(1, 2, 3))
    return (across + down) / 2 * 255 / PEAK
