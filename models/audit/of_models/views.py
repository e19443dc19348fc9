"""What is measured of a model's answers: of one class against the rest, of several classes, or of numbers.

Each view gives the measures of any subset of the N examples, and the outcome of each example.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.audit.data import Decided
from models.audit.groups_stage import DECISIONS, Described
from models.audit.intervals import bootstrap_mean, wilson_mean
from models.audit.measures import Counts, Estimate, Measured, Share, shares
from models.core.auditing.outcomes import Outcomes
from models.core.contract.messages import Message, Text

LISTED_CLASSES = 10  # that have a recall and a precision of their own
ACCURACY, MACRO_RECALL = "accuracy", "macro_recall"

ACCURACY_ABOUT = Text("audit.of_models.accuracy", "The share of the group whose class is predicted rightly.")
MACRO_NAME = Text("audit.of_models.macro_recall", "Macro recall")
MACRO_ABOUT = Text(
    "audit.of_models.macro_recall.about",
    "The mean of the recalls of the classes that occur in the group: each class counts alike, however rare.",
)
RECALL_OF = Text("audit.of_models.recall_of", "Recall of {name}")
RECALL_ABOUT = Text(
    "audit.of_models.recall_of.about", "Of the group's examples of this class, the share that is recognized."
)
PRECISION_OF = Text("audit.of_models.precision_of", "Precision of {name}")
PRECISION_ABOUT = Text(
    "audit.of_models.precision_of.about",
    "Of the group's examples that are taken for this class, the share that belongs to it.",
)
CLASS_RECALL = Text("audit.of_models.class_recall", "Of the class, the share that is recognized.")
CLASS_PRECISION = Text(
    "audit.of_models.class_precision", "Of what is taken for this class, the share that belongs to it."
)
CLASS_FALSE = Text(
    "audit.of_models.class_false", "Of all other classes, the share that is taken for this one."
)
CLASS_SHARE = Text(
    "audit.of_models.class_share", "The share of the class in the data: its size, not a quality of the model."
)
ERROR_NAME = Text("audit.of_models.mae", "Mean absolute error")
ERROR_ABOUT = Text("audit.of_models.mae.about", "How far predictions are off, in the unit of the target.")
BIAS_NAME = Text("audit.of_models.mean_error", "Mean error")
BIAS_ABOUT = Text(
    "audit.of_models.mean_error.about",
    "The mean of predicted less actual value. Above 0 the group is overestimated, below 0 underestimated.",
)
RIGHT = Text("audit.outcomes.right", "recognized")
WRONG = Text("audit.outcomes.wrong", "taken for another class")
FALSE = Text("audit.outcomes.false", "taken for this class")
TOO_HIGH = Text("audit.outcomes.too_high", "predicted too high")
TOO_LOW = Text("audit.outcomes.too_low", "predicted too low")
DECIDED = {
    "true_positive": Text("audit.outcomes.true_positive", "rightly positive"),
    "false_positive": Text("audit.outcomes.false_positive", "wrongly positive"),
    "false_negative": Text("audit.outcomes.false_negative", "wrongly negative"),
    "true_negative": Text("audit.outcomes.true_negative", "rightly negative"),
}


class View(Protocol):
    """The measures of a model's answers.

    Attributes:
        described: the measures in words, by their id.
        errors: the measures that depend on how well the model answers, not on the data alone.
        outcomes: (N,) booleans by outcome, with the names of the outcomes.
        severity: (N,) of each example how much it deserves a look: those behind a bar are listed by it.
    """

    @property
    def described(self) -> Mapping[str, Described]: ...

    @property
    def errors(self) -> tuple[str, ...]: ...

    @property
    def outcomes(self) -> Mapping[str, np.ndarray]: ...

    @property
    def outcome_names(self) -> Mapping[str, Message]: ...

    @property
    def severity(self) -> np.ndarray: ...

    def measured(self, own: np.ndarray) -> dict[str, Measured]:
        """The measures of the examples that are true in `own` (N,)."""
        ...


@dataclass(frozen=True)
class OfPositive:
    """One class against all others: the measures of fairness."""

    decided: Decided
    severity: np.ndarray
    described = DECISIONS
    errors = ("accuracy", "recall", "false_positive_rate", "precision")

    @property
    def outcomes(self) -> Mapping[str, np.ndarray]:
        return self.decided.outcomes()

    @property
    def outcome_names(self) -> Mapping[str, Message]:
        return {name: text() for name, text in DECIDED.items()}

    def measured(self, own: np.ndarray) -> dict[str, Measured]:
        counts = Counts(**{name: int((each & own).sum()) for name, each in self.outcomes.items()})
        return dict(shares(counts, has_actual=True))


@dataclass(frozen=True)
class OfClasses:
    """Several classes of equal standing."""

    found: Outcomes
    seed: int

    @property
    def listed(self) -> list[int]:
        """The classes that occur, if they are few."""
        present = np.unique(self.found.actual)
        return present.tolist() if len(present) <= LISTED_CLASSES else []

    @property
    def described(self) -> Mapping[str, Described]:
        found = {
            ACCURACY: Described(DECISIONS[ACCURACY].name, ACCURACY_ABOUT()),
            MACRO_RECALL: Described(MACRO_NAME(), MACRO_ABOUT()),
        }
        for index in self.listed:
            name = self.found.classes[index]
            found[f"recall:{name}"] = Described(RECALL_OF(name=name), RECALL_ABOUT())
            found[f"precision:{name}"] = Described(PRECISION_OF(name=name), PRECISION_ABOUT())
        return found

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(self.described)

    @property
    def outcomes(self) -> Mapping[str, np.ndarray]:
        return {"right": self.found.is_right, "wrong": ~self.found.is_right}

    @property
    def outcome_names(self) -> Mapping[str, Message]:
        return {"right": RIGHT(), "wrong": WRONG()}

    @property
    def severity(self) -> np.ndarray:
        return confidence(self.found)

    def measured(self, own: np.ndarray) -> dict[str, Measured]:
        right = self.found.is_right
        found: dict[str, Measured] = {
            ACCURACY: Share(int((right & own).sum()), int(own.sum())),
            MACRO_RECALL: self._macro_recall(own),
        }
        for index in self.listed:
            name = self.found.classes[index]
            is_actual, is_predicted = self.found.actual == index, self.found.predicted == index
            found[f"recall:{name}"] = Share(
                int((right & is_actual & own).sum()), int((is_actual & own).sum())
            )
            found[f"precision:{name}"] = Share(
                int((right & is_predicted & own).sum()), int((is_predicted & own).sum())
            )
        return found

    def _macro_recall(self, own: np.ndarray) -> Estimate:
        """Of the classes that the group has."""
        count = len(self.found.classes)
        sizes = np.bincount(self.found.actual[own], minlength=count)
        hits = np.bincount(self.found.actual[own & self.found.is_right], minlength=count)
        hits, sizes = hits[sizes > 0], sizes[sizes > 0]
        if len(sizes) == 0:
            return Estimate(None, 0, None)
        interval = wilson_mean(list(zip(hits.tolist(), sizes.tolist(), strict=True)))
        return Estimate(float((hits / sizes).mean()), int(sizes.sum()), interval)


@dataclass(frozen=True)
class OfOneClass:
    """One class among several, all examples counting: the bars of a division by the actual class."""

    found: Outcomes
    index: int
    errors = ("recall", "precision", "false_positive_rate")

    @property
    def described(self) -> Mapping[str, Described]:
        return {
            "recall": Described(DECISIONS["recall"].name, CLASS_RECALL()),
            "precision": Described(DECISIONS["precision"].name, CLASS_PRECISION()),
            "false_positive_rate": Described(DECISIONS["false_positive_rate"].name, CLASS_FALSE()),
            "base_rate": Described(DECISIONS["base_rate"].name, CLASS_SHARE()),
        }

    @property
    def outcomes(self) -> Mapping[str, np.ndarray]:
        is_actual, is_predicted = self.found.actual == self.index, self.found.predicted == self.index
        return {
            "right": is_actual & is_predicted,
            "wrong": is_actual & ~is_predicted,
            "false": ~is_actual & is_predicted,
        }

    @property
    def outcome_names(self) -> Mapping[str, Message]:
        return {"right": RIGHT(), "wrong": WRONG(), "false": FALSE()}

    @property
    def severity(self) -> np.ndarray:
        return confidence(self.found)

    def measured(self, own: np.ndarray) -> dict[str, Measured]:
        right, wrong, false = (int((each & own).sum()) for each in self.outcomes.values())
        counts = shares(Counts(right, false, wrong, int(own.sum()) - right - wrong - false), has_actual=True)
        return {name: counts[name] for name in self.described}


@dataclass(frozen=True)
class OfNumbers:
    """Predicted numbers."""

    found: Outcomes
    seed: int
    errors = ("mae", "mean_error")

    @property
    def described(self) -> Mapping[str, Described]:
        unit = self.found.target
        return {
            "mae": Described(ERROR_NAME(), ERROR_ABOUT(), unit),
            "mean_error": Described(BIAS_NAME(), BIAS_ABOUT(), unit),
        }

    @property
    def outcomes(self) -> Mapping[str, np.ndarray]:
        is_high = self.found.predicted > self.found.actual
        return {"too_high": is_high, "too_low": ~is_high}

    @property
    def outcome_names(self) -> Mapping[str, Message]:
        return {"too_high": TOO_HIGH(), "too_low": TOO_LOW()}

    @property
    def severity(self) -> np.ndarray:
        return np.abs(self.found.predicted - self.found.actual)

    def measured(self, own: np.ndarray) -> dict[str, Measured]:
        errors = (self.found.predicted - self.found.actual)[own]
        return {"mae": self._mean(np.abs(errors)), "mean_error": self._mean(errors)}

    def _mean(self, values: np.ndarray) -> Estimate:
        if len(values) == 0:
            return Estimate(None, 0, None)
        return Estimate(float(values.mean()), len(values), bootstrap_mean(values, seed=self.seed))


def confidence(found: Outcomes) -> np.ndarray:
    """(N,) the score of the predicted class; 0 where nothing was predicted or scores are not known."""
    if found.scores is None:
        return np.zeros(len(found))
    if found.scores.ndim == 1:
        return np.nan_to_num(found.scores)
    return np.take_along_axis(found.scores, found.predicted[:, None], axis=1)[:, 0]
