"""How varied generated pictures are, measured on their pixels: it needs no other network."""

import torch


def pixel_spread(
    generated: torch.Tensor, labels: torch.Tensor, real: torch.Tensor, real_labels: torch.Tensor
) -> float:
    """How varied the pictures of a class are, generated over real: 1, as varied; 0, all alike.

    The root mean square distance of pictures (n, C, S, S) to the mean picture of their class, generated over
    real, on average over the classes with at least two pictures of both kinds. NaN if there are none.

    Example: real pictures of one pixel -1 and 1, generated ones 0.2 and 0.6: 0.2 / 1 = 0.2.
    """
    ratios = []
    for label in torch.unique(real_labels):
        own, others = generated[labels == label], real[real_labels == label]
        if len(own) > 1 and len(others) > 1:
            ratios.append(_spread(own) / _spread(others).clamp(min=1e-8))
    return float(torch.stack(ratios).mean()) if ratios else float("nan")


def _spread(pictures: torch.Tensor) -> torch.Tensor:
    return (pictures - pictures.mean(dim=0)).square().flatten(1).sum(dim=1).mean().sqrt()
