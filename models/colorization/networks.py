"""Generator and discriminator, to and from one file of weights."""

from dataclasses import dataclass
from pathlib import Path

import torch

from models.colorization.architecture import Config, Discriminator, Generator
from models.core.contract import checkpoint as files
from models.core.contract.errors import WeightsError
from models.core.training.loop import halved

GENERATOR, DISCRIMINATOR = "generator.", "discriminator."


@dataclass(frozen=True)
class Raw:
    """What the generator says about one picture, on the CPU."""

    features: tuple[torch.Tensor, ...]  # of the encoder, (c, h, w) a level
    ab: torch.Tensor  # (2, h/2, w/2)


@dataclass(frozen=True)
class Networks:
    """What one file of weights holds; without an adversary there is no discriminator."""

    config: Config
    generator: Generator
    discriminator: Discriminator | None


def load(path: Path) -> Networks:
    """Both networks in float32, ready to answer.

    Raises:
        WeightsError: the file is none, or holds no colorizer.
    """
    values, state = files.load(path)
    if values.get("architecture") != "unet-ab":
        raise WeightsError(
            f"{path.name} holds no colorizer: its architecture is {values.get('architecture')!r}."
        )
    try:
        config = Config.from_json(values)
        generator = Generator(config)
        generator.load_state_dict(files.below(state, GENERATOR))
        judged = files.below(state, DISCRIMINATOR)
        discriminator = Discriminator(config) if judged else None
        if discriminator:
            discriminator.load_state_dict(judged)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the colorizer: {error}") from error
    return Networks(config, generator.eval(), discriminator.eval() if discriminator else None)


def save(path: Path, generator: Generator, discriminator: Discriminator | None) -> None:
    """Both networks as float16, which halves the file and moves a color by less than can be seen."""
    state = {GENERATOR + name: value for name, value in halved(generator).items()}
    if discriminator:
        state |= {DISCRIMINATOR + name: value for name, value in halved(discriminator).items()}
    files.save(path, generator.config.to_json(), state)
