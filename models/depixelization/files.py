"""The weights file: one restorer or, of a shipped model, one for each share, with what their answers need.

restorer.<i>.*   the weights of the restorer of condition i
judge.*          the linear judge (judge.py); empty for garments
familiarity.*    of the small pictures (models.core.training.familiarity), where there were enough
examples.<g>     uint8 held-out pictures of group g, to be restored beside the user's own
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training import familiarity
from models.core.training.familiarity import Familiarity
from models.core.training.state import to_float16
from models.depixelization.architecture import Config, Restorer
from models.depixelization.data import Groups
from models.depixelization.judge import Judge
from models.depixelization.metrics import Rate


@dataclass(frozen=True)
class Condition:
    """How one restorer was trained, and how often it changed the group of held-out pictures."""

    counts: tuple[int, int]  # pictures of each group in its training set
    is_oversampled: bool = False  # half of every batch was of the rare group
    rates: tuple[Rate, Rate] | None = None  # by true group
    gap: tuple[float, float, float] | None = None  # value and interval

    @property
    def share(self) -> float:
        """Of the rare group in the training set, from 0 to 1."""
        return self.counts[1] / sum(self.counts)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Condition":
        frequent, rare = (int(each) for each in values["counts"])
        rates = [Rate.from_json(each) for each in values["rates"] or ()]
        gap = tuple(float(each) for each in values["gap"] or ())
        return cls(
            (frequent, rare),
            bool(values["is_oversampled"]),
            (rates[0], rates[1]) if rates else None,
            (gap[0], gap[1], gap[2]) if gap else None,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "counts": self.counts,
            "is_oversampled": self.is_oversampled,
            "rates": [each.to_json() for each in self.rates] if self.rates else None,
            "gap": [round(each, 4) for each in self.gap] if self.gap else None,
        }


@dataclass(frozen=True)
class Measured:
    """Of a shipped model: what its rates are compared with, and how they were measured."""

    trainings: int  # seeds of each condition
    pictures: int  # held-out ones of each group
    judge: tuple[Rate, Rate]  # errors of the judge on true pictures, by group
    bicubic: tuple[Rate, Rate]  # what it sees in pictures enlarged without any learning

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Measured":
        pairs = [tuple(Rate.from_json(each) for each in values[name]) for name in ("judge", "bicubic")]
        (one, two), (three, four) = pairs
        return cls(int(values["trainings"]), int(values["pictures"]), (one, two), (three, four))

    def to_json(self) -> dict[str, Any]:
        return {
            "trainings": self.trainings,
            "pictures": self.pictures,
            "judge": [each.to_json() for each in self.judge],
            "bicubic": [each.to_json() for each in self.bicubic],
        }


@dataclass(frozen=True)
class Depixelizer:
    """Everything of one weights file. `restorers` and `conditions` belong together."""

    config: Config
    conditions: Sequence[Condition]
    restorers: Sequence[Restorer]
    judge: Judge
    examples: Groups
    familiarity: Familiarity | None = None
    measured: Measured | None = None


def save(path: Path, depixelizer: Depixelizer) -> None:
    """Write it with the restorers as float16, which halves the file and moves no pixel visibly."""
    tensors = dict(depixelizer.judge.tensors())
    for index, restorer in enumerate(depixelizer.restorers):
        tensors |= {f"restorer.{index}.{name}": value for name, value in to_float16(restorer).items()}
    for group, pictures in enumerate(depixelizer.examples.pictures):
        tensors[f"examples.{group}"] = torch.from_numpy(np.ascontiguousarray(pictures))
    if depixelizer.familiarity:
        tensors |= depixelizer.familiarity.tensors()
    about = {
        **depixelizer.config.to_json(),
        "conditions": [each.to_json() for each in depixelizer.conditions],
        "measured": depixelizer.measured.to_json() if depixelizer.measured else None,
    }
    checkpoint.save(path, about, tensors)


def load(path: Path) -> Depixelizer:
    """The restorers in float32, in evaluation mode.

    Raises:
        WeightsError: the file is not a weights file, or another architecture's.
    """
    about, state = checkpoint.load(path)
    config = Config.from_json(about)
    try:
        state, known = familiarity.split(state)
        conditions = [Condition.from_json(each) for each in about["conditions"]]
        restorers = [
            _restorer(config, checkpoint.below(state, f"restorer.{index}."))
            for index in range(len(conditions))
        ]
        judge = Judge(config.groups, state["judge.weight"], state["judge.bias"])
        examples = Groups((state["examples.0"].numpy(), state["examples.1"].numpy()))
        measured = Measured.from_json(about["measured"]) if about["measured"] else None
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the network: {error}") from error
    return Depixelizer(config, conditions, restorers, judge, examples, known, measured)


def _restorer(config: Config, state: Mapping[str, torch.Tensor]) -> Restorer:
    restorer = Restorer(config)
    restorer.load_state_dict(dict(state))
    return restorer.eval()
