"""The shipped models beside the one that answers: what another would have said, and who judges.

They stay on the CPU and are loaded when the first answer is opened.
"""

from functools import cache
from pathlib import Path

import torch

from models.colorization import networks
from models.colorization.architecture import Discriminator, shrink_to_color
from models.colorization.card import GAN_WEIGHTS, L1_WEIGHTS
from models.colorization.join import Lines, fit_lines
from models.core.contract.errors import WeightsError

OWN = "This model"
SHIPPED = {"L1 only": L1_WEIGHTS, "With an adversary": GAN_WEIGHTS}


@cache
def shipped(path: Path) -> networks.Networks | None:
    """A shipped model, None where it was removed or damaged: then an answer is opened without it."""
    try:
        return networks.load(path)
    except WeightsError:
        return None


def name_of(weights: Path) -> str:
    """What a model is called beside the others."""
    for name, path in SHIPPED.items():
        if path.exists() and weights.exists() and path.samefile(weights):
            return name
    return OWN


def guesses(own: str, lines: Lines, lightness: torch.Tensor) -> dict[str, Lines]:
    """The colors that each model guesses for L* (1, h, w): the shipped ones, and the one that answers."""
    answers: dict[str, Lines] = {}
    for name, path in SHIPPED.items():
        if name == own:
            answers[name] = lines
        elif beside := shipped(path):
            answers[name] = fit_lines(lightness, beside.generator(lightness[None])[0])
    return answers if own in answers else {own: lines, **answers}


def judge(mine: networks.Networks) -> tuple[Discriminator | None, bool]:
    """The discriminator that judges the answers of a model, and whether it is its own."""
    if mine.discriminator:
        return mine.discriminator, True
    beside = shipped(GAN_WEIGHTS)
    return (beside.discriminator if beside else None), False


def verdict(discriminator: Discriminator, lightness: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
    """Probability (1, rows, columns) that each patch is a photo's: L* (1, h, w), ab (2, h/2, w/2)."""
    small = shrink_to_color(lightness[None])
    return discriminator(torch.cat([small, ab[None]], dim=1))[0].sigmoid()
