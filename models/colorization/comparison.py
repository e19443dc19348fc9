"""The shipped models, to compare with the one that answers.

They stay on the CPU and are loaded when the first answer is inspected.
"""

from functools import cache
from pathlib import Path

import torch

from models.colorization.architecture import Discriminator, Networks, load_networks
from models.colorization.card import GAN_WEIGHTS, L1_WEIGHTS
from models.colorization.guided_filter import LinearColor, fit
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Message, Text

OWN = Text("colorization.pictures.own", "This model")
L1 = Text("colorization.pictures.l1", "L1 loss only")
GAN = Text("colorization.pictures.gan", "With a discriminator")
SHIPPED = {L1(): L1_WEIGHTS, GAN(): GAN_WEIGHTS}


@cache
def load_shipped(path: Path) -> Networks | None:
    """A shipped model; None if its file was removed or damaged: it is then left out."""
    try:
        return load_networks(path)
    except WeightsError:
        return None


def name_of(weights: Path) -> Message:
    """The name of a model in the comparison."""
    for name, path in SHIPPED.items():
        if path.exists() and weights.exists() and path.samefile(weights):
            return name
    return OWN()


def predict_all(own: Message, color: LinearColor, lightness: torch.Tensor) -> dict[Message, LinearColor]:
    """The colors that each model predicts for L* (1, h, w): the shipped ones, and the one that answers.

    Args:
        own: the name of the model that answers.
        color: its colors.
    """
    answers: dict[Message, LinearColor] = {}
    for name, path in SHIPPED.items():
        if name == own:
            answers[name] = color
        elif networks := load_shipped(path):
            answers[name] = fit(lightness, networks.generator(lightness[None])[0])
    return answers if own in answers else {own: color, **answers}


def discriminator_for(networks: Networks) -> tuple[Discriminator | None, bool]:
    """The discriminator that judges the answers of a model, and whether it is the model's own."""
    if networks.discriminator:
        return networks.discriminator, True
    shipped = load_shipped(GAN_WEIGHTS)
    return (shipped.discriminator if shipped else None), False
