"""What a training reports of its quality: on pictures that it did not learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.classification.data import Example
from models.classification.metrics import (
    balanced_interval,
    confusion,
    quality,
    quality_by_class,
    wilson_interval,
)
from models.core.contract.messages import Message, Text, join
from models.core.contract.trained import TEST, TRAINING, VALIDATION, Trained
from models.core.training.best import Best

RIGHT = Text(
    "classification.report.right",
    "{right:,} of {total:,} held-out pictures got the right class. {learned:,} were learned from.",
)
CROSS_VALIDATED = Text(
    "classification.report.cross_validated",
    "No pictures are held out. Instead, {folds} heads each learned without a part of the pictures and "
    "answered it: {right:,} of {total:,} got the right class.",
)
CURVE = Text(
    "classification.report.curve",
    "The curves show the quality on the held-out pictures after more and more training pictures. If they "
    "still rise at the end, more pictures will help.",
)
UNMEASURED = Text(
    "classification.report.unmeasured",
    "No pictures are held out, and a class has too few to learn it from the others. The figures are those on "
    "the {total:,} pictures that were learned from, not on others.",
)


@dataclass(frozen=True)
class Answers:
    """The model's answers on all pictures of a dataset. Shapes: N pictures, C classes."""

    examples: Sequence[Example]  # N
    classes: Sequence[str]  # C
    probabilities: np.ndarray  # (N, C)
    folds: int  # by which training pictures were answered without having been learned from; 0: they were

    @property
    def actual(self) -> np.ndarray:
        """(N,) the classes."""
        return np.array([each.label for each in self.examples])

    @property
    def part(self) -> str:
        """Of the data, that the figures are measured on: the test pictures if there are any."""
        splits = {each.split for each in self.examples}
        return TEST if "test" in splits else VALIDATION if "validation" in splits else TRAINING

    def counted(self) -> np.ndarray:
        """(N,) bool: the pictures of that part."""
        split = "train" if self.part == TRAINING else self.part
        return np.array([each.split == split for each in self.examples])


def trained(answers: Answers, notes: Sequence[Message] = (), best: Best[Any] | None = None) -> Trained:
    """Metrics with their intervals, by class, and beside those of guessing.

    Args:
        best: of a training that chose its weights on the validation pictures.
    """
    counted = answers.counted()
    actual, probabilities = answers.actual[counted], answers.probabilities[counted]
    counts = confusion(actual, probabilities.argmax(axis=1), len(answers.classes))
    right, total = int(counts.trace()), int(counts.sum())
    learned = sum(each.split == "train" for each in answers.examples)
    if answers.part != TRAINING:
        about = join(RIGHT(right=right, total=total, learned=learned), CURVE())
    elif answers.folds:
        about = CROSS_VALIDATED(folds=answers.folds, right=right, total=total)
    else:
        about = UNMEASURED(total=total)
    evaluation: dict[str, Any] = {
        "by_class": quality_by_class(counts, answers.classes),
        "intervals": {
            "metrics": {
                "balanced_accuracy": _rounded(balanced_interval(counts)),
                "accuracy": _rounded(wilson_interval(right, total)),
            }
        },
        "baseline": {
            "balanced_accuracy": round(1 / int(np.count_nonzero(counts.sum(axis=1))), 4),
            "accuracy": round(float(counts.sum(axis=1).max() / total), 4),
        },
        "confusion": {"labels": list(answers.classes), "counts": counts.tolist(), "total": total},
        "right": right,
        "total": total,
        "folds": answers.folds,
    }
    chosen = best if best and best.metrics else None  # without validation pictures nothing was chosen
    if chosen and answers.part == TEST:
        evaluation["quality"] = {VALIDATION: dict(chosen.metrics)}
    return Trained(
        quality(actual, probabilities),
        part=answers.part,
        figure=chosen and chosen.figure,
        step=chosen and chosen.step,
        notes=(about, *notes),
        evaluation=evaluation,
    )


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(end, 4) for end in interval]
