"""The best weights of a training, by a metric on the validation data.

    best = Best(mean, "psnr")
    ...
    metrics = measure(mean, validation)
    best.offer(mean, metrics, state.step)  # keeps a copy if the metric is the highest so far
    ...
    save(weights, best.or_latest(mean))
    return best.trained()

The highest of several measurements is slightly optimistic; one on a test split, which chose nothing, is not.
"""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from torch import nn

from models.core.contract.trained import VALIDATION, Trained

Model = TypeVar("Model", bound=nn.Module)


class Best(Generic[Model]):
    """A copy of the model with the highest `figure` so far.

    Args:
        lower_is_better: the figure is an error.
        keeps_last: keep the latest weights regardless, for trainings whose aim no metric measures, such as an
            adversary's.
    """

    def __init__(self, model: Model, figure: str, *, lower_is_better: bool = False, keeps_last: bool = False):
        self.model = copy.deepcopy(model)
        self.figure = figure
        self.sign = -1.0 if lower_is_better else 1.0
        self.keeps_last = keeps_last
        self.step = 0
        self.metrics: dict[str, float] = {}

    def offer(self, model: Model, metrics: Mapping[str, float], step: int) -> bool:
        """Keep the model if it is the best; whether it was kept.

        The first one is kept in any case: if its figure is not finite, until a finite one is offered.
        """
        if self.metrics and not self.keeps_last and not self._is_better(metrics):
            return False
        self.model.load_state_dict(model.state_dict())
        self.step, self.metrics = step, dict(metrics)
        return True

    def _is_better(self, metrics: Mapping[str, float]) -> bool:
        new, old = (values.get(self.figure, math.nan) * self.sign for values in (metrics, self.metrics))
        return new > old or (math.isfinite(new) and not math.isfinite(old))

    def or_latest(self, latest: Model) -> Model:
        """The model to save: the latest where nothing was measured, for want of validation data."""
        return self.model if self.metrics else latest

    def trained(self, notes: Sequence[str] = (), evaluation: Mapping[str, Any] | None = None) -> Trained:
        """The result of the training; `evaluation` is what belongs to the metrics further."""
        if not self.metrics:
            return Trained({}, notes=notes)
        rest: dict[str, Any] = {"part": VALIDATION, "notes": notes, "evaluation": evaluation}
        if self.keeps_last or not math.isfinite(self.metrics.get(self.figure, math.nan)):
            return Trained(self.metrics, **rest)  # no figure chose them
        return Trained(self.metrics, figure=self.figure, step=self.step, **rest)
