"""Generator and discriminator, to and from one file of weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from models.colorization.architecture import Config, Discriminator, Generator
from models.core import checkpoint as files
from models.core.errors import WeightsError

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
        fill(generator, part(state, GENERATOR))
        judged = part(state, DISCRIMINATOR)
        discriminator = Discriminator(config) if judged else None
        if discriminator:
            fill(discriminator, judged)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the colorizer: {error}") from error
    return Networks(config, generator.eval(), discriminator.eval() if discriminator else None)


def save(path: Path, generator: Generator, discriminator: Discriminator | None) -> None:
    """Both networks as float16, which halves the file and moves a color by less than can be seen."""
    state = named(GENERATOR, generator)
    if discriminator:
        state |= named(DISCRIMINATOR, discriminator)
    half = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    files.save(path, generator.config.to_json(), half)


def named(prefix: str, module: nn.Module) -> dict[str, torch.Tensor]:
    """The module's tensors, their names with a prefix."""
    return {prefix + name: value for name, value in module.state_dict().items()}


def part(state: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The tensors with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def fill(module: nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Load tensors of any precision. Raises RuntimeError and KeyError where they do not fit."""
    own = module.state_dict()
    module.load_state_dict({name: value.to(own[name].dtype) for name, value in state.items()})
