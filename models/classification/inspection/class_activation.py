"""Class activation maps: how much each place of the picture adds to each class. Exact for a linear head.

Paper: Zhou et al. 2016, Learning Deep Features for Discriminative Localization, arXiv:1512.04150, section 2.
Differences: the head receives the maximum of each map, whose share belongs to the place of the maximum, and
maps of several levels, whose places are added. Older heads receive means too; those are shared by all places.

    z_c = b_c + sum_k w_ck (max_k - m_k) / s_k = b'_c + sum over places p of
        [ sum over the maps k that have their maximum at p of w_ck / s_k max_k ]

Shapes: C classes, K maps of a level, h and w their height and width, F features.
"""

from collections.abc import Sequence

import torch
from torch.nn import functional as F

from models.classification.architecture import LinearHead


@torch.inference_mode()
def activation_maps(
    levels: Sequence[torch.Tensor], head: LinearHead, *, means: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """What each place adds to each logit (C, h, w), and what is there without any picture (C,).

    The sum over the places plus that constant is the logit. The places are those of the coarsest level: what
    the places of a finer level add is summed in the one that they lie in.

    Args:
        levels: (K, h, w) each, fine to coarse, the maps that the head's features are pooled from.
        means: the head receives the means of each level's maps before their maxima.
    """
    weight = head.linear.weight.double() / head.deviation.double()  # (C, F)
    coarsest = levels[-1].shape[1:]
    shares = weight.split([len(level) for level in levels for _ in range(1 + means)], dim=1)
    maps = weight.new_zeros(len(weight), *coarsest)
    for index, level in enumerate(levels):
        own = shares[index * (1 + means) : (index + 1) * (1 + means)]
        maps += _summed(_of_level(level.double(), own), coarsest)
    return maps, head.linear.bias.double() - weight @ head.mean.double()


def _of_level(maps: torch.Tensor, weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """(C, h, w) of maps (K, h, w) and the weights (C, K) of their maxima, after those of their means."""
    places = maps.flatten(1)  # (K, h w)
    peaks, where = places.max(dim=1)
    added = weights[-1] @ torch.zeros_like(places).scatter_(1, where[:, None], peaks[:, None])
    if len(weights) > 1:
        added = added + weights[0] @ (places / places.shape[1])
    return added.reshape(-1, *maps.shape[1:])


def _summed(maps: torch.Tensor, size: torch.Size) -> torch.Tensor:
    """(C, *size): the sums over blocks of places."""
    block = maps.shape[1] // size[0], maps.shape[2] // size[1]
    return F.avg_pool2d(maps[None], block)[0] * (block[0] * block[1])
