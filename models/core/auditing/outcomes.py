"""What a model answered on labeled examples, and the attributes by which an audit divides them.

An example is a row of a table, a picture with its class, or a box. A detector's examples are the true boxes,
found or missed, and its boxes that show no object: the former have an actual class, the latter only a
predicted one.

N examples, C classes, P pictures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from models.core.contract.messages import Message, Text

NOTHING = -1  # the actual class of a false box, and the predicted class of an object that was missed
NUMBER = Text("core.auditing.number", "{value:.6g}")
OF_THIRD = Text("core.auditing.third", "{name} ({low} to {high})")

Report = Callable[[int, int], object]  # examples answered, and all of them

Task = Literal["classification", "regression", "detection"]


@dataclass(frozen=True)
class Learned:
    """What the audited model learned from, as far as it is known.

    Attributes:
        pictures: SHA-256 of each picture that it was trained or validated on.
        params: of its training, if that was on the very table that is audited: they repeat its split.
    """

    pictures: frozenset[str] = frozenset()
    params: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Attribute:
    """One property of the examples.

    Attributes:
        values: (N,) numbers, NaN where missing; or, with `names`, indices among them, -1 where missing.
        of_pictures: (P,) the same of each picture, where the property is one of whole pictures.
        is_date: the numbers are seconds since 1970.
    """

    title: str
    values: np.ndarray
    names: tuple[str, ...] = ()
    of_pictures: np.ndarray | None = None
    is_date: bool = False

    def written(self, value: float, digits: int = 6) -> str:
        """A number as it is shown: with so many significant digits, or as a date."""
        if not self.is_date:
            return number(value, digits)
        return str(np.datetime64(int(value), "s")).removesuffix("T00:00:00").replace("T", " ")


@dataclass(frozen=True)
class Outcomes:
    """The answers of a model.

    Attributes:
        classes: empty: numbers are predicted.
        actual, predicted: (N,) indices of classes, `NOTHING` where there is none; or (N,) numbers.
        scores: (N, C) probabilities or, of boxes, (N,) scores; NaN where nothing was predicted.
        attributes: by name, in the order in which they are offered as groups.
        target: the name of the attribute that holds the actual class; "": there is none.
        rows: (N,) of each example its row in the file; None: the examples are pictures or boxes.
        pictures: of each picture its name, and its upload where it is one.
        picture_of: (N,) the index of each example's picture.
        details: (N,) further entries of an example's reference, such as a box.
        left_out: examples that have no actual value, or that the model learned from.
    """

    task: Task
    classes: tuple[str, ...]
    actual: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    target: str = ""
    rows: np.ndarray | None = None
    pictures: Sequence[Mapping[str, Any]] = ()
    picture_of: np.ndarray | None = None
    details: Sequence[Mapping[str, Any]] = ()
    left_out: int = 0
    notes: tuple[Message, ...] = ()

    def __len__(self) -> int:
        return len(self.actual)

    @property
    def is_right(self) -> np.ndarray:
        """(N,) bool: the predicted class is the actual one."""
        return (self.predicted == self.actual) & (self.actual != NOTHING)

    def reference(self, index: int) -> dict[str, Any]:
        """Where an example is found: {"row": 17}, or {"picture": "a.jpg", "upload_id": "…", "box": […]}."""
        found: dict[str, Any] = {}
        if self.rows is not None:
            found["row"] = int(self.rows[index])
        if self.picture_of is not None:
            found |= self.pictures[int(self.picture_of[index])]
        return {**found, **(self.details[index] if self.details else {})}


def number(value: float, digits: int = 6) -> Message:
    """A number with so many significant digits, 6 at most, which pages show as their reader writes it."""
    return NUMBER(value=float(f"{value:.{digits}g}"))


def named(title: str, codes: np.ndarray, names: Sequence[str]) -> Attribute:
    """(N,) indices of names, -1 where missing; without any name all are missing."""
    if not names:
        return Attribute(title, np.full(len(codes), np.nan))
    return Attribute(title, codes.astype(np.int64), tuple(names))


def dated(title: str, moments: pd.Series) -> Attribute:
    """(N,) dates, NaT where missing."""
    seconds = moments.to_numpy("datetime64[us]").astype(np.int64) / 1e6
    return Attribute(title, np.where(moments.isna(), np.nan, seconds), is_date=True)


def thirds(title: str, values: np.ndarray, names: Sequence[str]) -> Attribute:
    """(N,) numbers divided into the lowest, middle and highest third, under three names."""
    edges = np.quantile(values, [0, 1 / 3, 2 / 3, 1]) if len(values) else np.zeros(4)
    of = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, 2)
    pairs = zip(names, edges[:-1], edges[1:], strict=True)
    written = tuple(
        OF_THIRD(name=name, low=number(low, 3), high=number(high, 3)) for name, low, high in pairs
    )
    return Attribute(title, of, written)
