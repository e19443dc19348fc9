"""What a training returns: its metrics, and what a reader needs to judge them."""

from collections.abc import Mapping, Sequence

TRAIN, VALIDATION, TEST = "train", "validation", "test"  # parts of the data


class Trained(dict[str, float]):
    """The metrics of the weights that a training keeps.

    Attributes:
        part: the part of the data that they were measured on: validation or test; None: not stated.
        figure: the metric that chose the weights, on the validation data; None: the last weights are kept.
        step: the step of the weights that are kept; None: those of the last step.
        notes: sentences about the data and its parts.
    """

    def __init__(
        self,
        metrics: Mapping[str, float],
        *,
        part: str | None = None,
        figure: str | None = None,
        step: int | None = None,
        notes: Sequence[str] = (),
    ):
        super().__init__(metrics)
        self.part, self.figure, self.step, self.notes = part, figure, step, tuple(notes)
