"""Colors as classes: the ab plane in squares of 10 units, of which sRGB falls into 261.

Paper: Zhang et al. 2016, Colorful Image Colorization, arXiv:1603.08511, sections 2.1 to 2.3. A true color is
shared out among its nearest classes (soft encoding), rare colors weigh more (class rebalancing), and a
predicted distribution becomes one color by its annealed mean. The paper counts 313 classes: more squares at
the edge of what sRGB can show.

Shapes: B batch, Q classes, h and w cells of the color map.
"""

from functools import cache

import torch

from models.colorization.lab import rgb_to_lab

STEP = 10.0  # units of ab between the centers of two classes
NEIGHBORS = 5  # classes that share a true color
SPREAD = 5.0  # standard deviation of the Gaussian by which they share it, in units of ab
CUBE_SIDE = 64  # steps of red, green and blue by which sRGB is searched for its colors
REACH = 110  # no color of sRGB is further from gray along a* or b*


@cache
def centers() -> torch.Tensor:
    """(Q, 2): a* and b* in the middle of each square of the plane that some color of sRGB falls into."""
    steps = torch.linspace(0, 1, CUBE_SIDE, dtype=torch.float64)
    cube = torch.cartesian_prod(steps, steps, steps).T[:, :, None]  # (3, colors, 1), as a picture
    squares = (rgb_to_lab(cube)[1:, :, 0].T / STEP).round()
    return (squares.unique(dim=0) * STEP + 0.0).float()  # + 0.0: no negative zeros


@cache
def _neighbors() -> tuple[torch.Tensor, torch.Tensor]:
    """Classes and shares of every whole-numbered color, (2 * REACH + 1, 2 * REACH + 1, NEIGHBORS) each."""
    line = torch.arange(-REACH, REACH + 1.0)
    distances = torch.cdist(torch.cartesian_prod(line, line), centers())
    nearest, classes = distances.topk(NEIGHBORS, largest=False)
    shares = torch.softmax(-(nearest**2) / (2 * SPREAD**2), dim=1)
    shape = (len(line), len(line), NEIGHBORS)
    return classes.view(shape), shares.view(shape)


def soft_encode(ab: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """ab (B, 2, h, w) -> the nearest classes, nearest first, and their shares, (B, h, w, NEIGHBORS) each.

    Example: a color in the middle of a class gives it 0.65, and each of the four beside it, which are 10 away
    (two standard deviations), exp(-2) = 0.135 of that: 0.088.
    """
    a, b = (ab.round().long().clamp(-REACH, REACH) + REACH).unbind(1)
    classes, shares = _neighbors()
    return classes.to(ab.device)[a, b], shares.to(ab.device)[a, b]


def frequencies(maps: list[torch.Tensor]) -> torch.Tensor:
    """(Q,): how often each class occurs in the color maps (2, h, w) of photos; all photos count alike."""
    total = torch.zeros(len(centers()))
    for ab in maps:
        classes, shares = soft_encode(ab[None])
        total.index_add_(0, classes.flatten(), shares.flatten() / (ab.shape[1] * ab.shape[2]))
    return total / total.sum()


def class_weights(frequency: torch.Tensor, rebalance: float) -> torch.Tensor:
    """(Q,): the weight of a pixel of each class, one on the average over pixels.

    Inverse to the frequency, after that was mixed with the same for all: `rebalance` is the share of the
    true frequency, 0 to 1. With 0 all pixels weigh the same; the paper has 0.5.

    Example: two classes with frequencies 0.75 and 0.25, half rebalanced: mixed 0.625 and 0.375, inverse 1.6
    and 2.67, divided by their mean over pixels, 1.87: 0.86 and 1.43.
    """
    mixed = rebalance * frequency + (1 - rebalance) / len(frequency)
    weight = 1 / mixed
    return weight / (frequency * weight).sum()


def annealed_mean(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Logits (B, Q, h, w) -> ab (B, 2, h, w): the mean color after the distribution was made steeper.

    Temperature 1 gives the mean itself, which is pale where several colors are plausible; towards 0 it is the
    most probable class.
    """
    probabilities = (logits / temperature).softmax(dim=1)
    return torch.einsum("bqhw,qc->bchw", probabilities, centers().to(logits))
