"""Class activation maps: how much each place of the picture adds to each class. Exact for a linear head.

Paper: Zhou et al. 2016, Learning Deep Features for Discriminative Localization, arXiv:1512.04150, section 2.
Difference: the head also receives the maximum of each map, whose share belongs to the place of the maximum.

    z_c = b_c + sum_k w_ck (mean_k - m_k) / s_k + sum_k w'_ck (max_k - m'_k) / s'_k = b'_c + sum over places
    p of [ sum_k w_ck / s_k map_k(p) / (h w) + sum_k w'_ck / s'_k map_k(p) at its argmax ]

Shapes: C classes, K maps, h and w their height and width.
"""

import torch

from models.classification.architecture import LinearHead


@torch.inference_mode()
def activation_maps(c5: torch.Tensor, head: LinearHead) -> tuple[torch.Tensor, torch.Tensor]:
    """What each place adds to each logit (C, h, w), and what is there without any picture (C,).

    The sum over the places plus that constant is the logit.

    Args:
        c5: (K, h, w), the maps that the head's features are pooled from.
    """
    channels, rows, columns = c5.shape
    places = c5.double().reshape(channels, -1)  # (K, h w)
    weight = head.linear.weight.double() / head.deviation.double()
    of_mean, of_maximum = weight[:, :channels], weight[:, channels:]
    peaks, where = places.max(dim=1)
    at_peak = torch.zeros_like(places).scatter_(
        1, where[:, None], peaks[:, None]
    )  # the maximum, at its place
    maps = of_mean @ (places / places.shape[1]) + of_maximum @ at_peak
    constant = head.linear.bias.double() - weight @ head.mean.double()
    return maps.reshape(-1, rows, columns), constant
