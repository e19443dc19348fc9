"""Weights files: the network, how it answers held-out pictures, and the samples of its training."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.autoencoding.architecture import KINDS, Autoencoder, Config
from models.autoencoding.held_out import HeldOut
from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.generative.sample_history import SampleHistory
from models.core.training.state import to_float16

NETWORK = "network."


@dataclass(frozen=True)
class Trained:
    """All that a weights file holds."""

    model: Autoencoder  # in evaluation mode
    held_out: HeldOut
    samples: SampleHistory | None  # reconstructions during the training
    classes: tuple[str, ...]
    has_dark_background: bool


def save(
    path: Path,
    model: Autoencoder,
    held_out: HeldOut,
    samples: SampleHistory,
    about: Mapping[str, Any],
) -> None:
    """Write all of it, floats as float16; `about` has the classes of the data and its background."""
    network = {NETWORK + name: value for name, value in to_float16(model).items()}
    config = model.config.to_json() | dict(about)
    checkpoint.save(path, config, network | held_out.tensors() | samples.tensors())


def load(path: Path) -> Trained:
    """Raises WeightsError: the file is missing, damaged or another network's."""
    values, state = checkpoint.load(path)
    if values.get("architecture") not in KINDS:
        raise WeightsError(
            f"{path.name} is not an autoencoder: its architecture is {values.get('architecture')!r}."
        )
    try:
        state, samples = SampleHistory.split(state)
        model = Autoencoder(Config.from_json(values))
        model.load_state_dict(checkpoint.below(state, NETWORK))
        return Trained(
            model=model.eval(),
            held_out=HeldOut.from_tensors(state),
            samples=samples,
            classes=tuple(map(str, values["classes"])),
            has_dark_background=bool(values["has_dark_background"]),
        )
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the autoencoder: {error}") from error
