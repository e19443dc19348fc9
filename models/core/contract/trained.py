"""What a training returns: its metrics, and what a reader needs to judge them."""

from collections.abc import Mapping, Sequence
from typing import Any

TRAINING, VALIDATION, TEST = "training", "validation", "test"  # parts of the data


class Trained(dict[str, float]):
    """The metrics of the weights that a training keeps.

    Attributes:
        part: the part of the data that they were measured on: training, validation or test; None: not stated.
        figure: the metric that chose the weights, on the validation data; None: the last weights are kept.
        step: the step of the weights that are kept; None: those of the last step.
        notes: sentences about the data and its parts.
        evaluation: what further belongs to the metrics, as JSON under the names that it has in the result of
            a prediction: intervals, by_class, baseline, cross_validation.
    """

    def __init__(
        self,
        metrics: Mapping[str, float],
        *,
        part: str | None = None,
        figure: str | None = None,
        step: int | None = None,
        notes: Sequence[str] = (),
        evaluation: Mapping[str, Any] | None = None,
    ):
        super().__init__(metrics)
        self.part, self.figure, self.step, self.notes = part, figure, step, tuple(notes)
        self.evaluation = dict(evaluation or {})
