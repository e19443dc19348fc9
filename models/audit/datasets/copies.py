"""Near-duplicates: whether they lie in several splits, and whether they have the same label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.audit.intervals import Interval, wilson


@dataclass(frozen=True)
class Copies:
    """Rows or pictures that are nearly the same. N of them.

    Attributes:
        of: (N,) for each the index of the first one that it resembles; its own where it is unique.
        exact: (N,) the same for exact copies.
        parts: (N,) indices among `part_names`, -1 where there is no split.
        labels: (N,) indices among `label_names`, -1 where unknown.
        references: where each is found.
    """

    of: np.ndarray
    exact: np.ndarray
    parts: np.ndarray
    part_names: Sequence[str]
    labels: np.ndarray
    label_names: Sequence[str]
    references: Sequence[Mapping[str, Any]]

    @cached_property
    def is_copied(self) -> np.ndarray:
        """(N,) bool: another one is nearly the same."""
        return np.bincount(self.of, minlength=len(self.of))[self.of] > 1

    @cached_property
    def sets(self) -> list[np.ndarray]:
        """The indices of each set of near-duplicates, in order."""
        return _sets(self.of)

    @cached_property
    def exact_sets(self) -> list[np.ndarray]:
        """The same for exact copies."""
        return _sets(self.exact)

    @cached_property
    def over_splits(self) -> list[np.ndarray]:
        """Sets with members in several splits: of each split one."""
        return [pair for each in self.sets if len(pair := _different(each, self.parts)) > 1]

    @cached_property
    def disagreeing(self) -> list[np.ndarray]:
        """Sets with several labels: of each label one."""
        return [pair for each in self.sets if len(pair := _different(each, self.labels)) > 1]

    @cached_property
    def labeled_sets(self) -> int:
        """Sets with two members or more whose label is known."""
        return sum(int((self.labels[each] >= 0).sum() > 1) for each in self.sets)

    @property
    def agreement(self) -> Interval | None:
        """Of the share of sets with one label. None: no set has two labels to compare."""
        return wilson(self.labeled_sets - len(self.disagreeing), self.labeled_sets)

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "exact": sum(len(each) - 1 for each in self.exact_sets),
            "near": sum(len(each) - 1 for each in self.sets),
            "sets": len(self.sets),
            "over_splits": len(self.over_splits),
            "labeled_sets": self.labeled_sets,
            "disagreeing": len(self.disagreeing),
            "agreement": self.agreement and list(self.agreement),
        }


def _sets(of: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(of, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(of[order])) + 1) if len(order) else []
    return [each for each in groups if len(each) > 1]


def _different(members: np.ndarray, values: np.ndarray) -> np.ndarray:
    """One member for each value that is known."""
    known = members[values[members] >= 0]
    _, first = np.unique(values[known], return_index=True)
    return known[np.sort(first)]
