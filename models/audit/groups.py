"""Divisions of examples into the groups that an audit compares."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.audit.card import MAX_GROUPS
from models.audit.periods import periods
from models.core.auditing.outcomes import Attribute, number
from models.core.auditing.table_columns import QUARTERS_FROM
from models.core.contract.errors import InputError
from models.core.contract.messages import Text

MISSING = Text("audit.groups.missing", "(missing)")
COMBINED = Text("audit.groups.combined", "{one} × {other}")
RANGE = Text("audit.groups.range", "{low} to {high}")
TOO_MANY_GROUPS = Text(
    "audit.errors.too_many_groups",
    "{name!r} has {n:,} different values; an audit compares at most {most}. Choose a column with fewer.",
)


@dataclass(frozen=True)
class Groups:
    """A division of the rows. `of` (N,) has the index of each row's group in `names`."""

    column: str
    names: tuple[str, ...]
    of: np.ndarray

    def combined_with(self, other: "Groups") -> "Groups":
        """Every combination that occurs. Raises InputError: too many."""
        pairs = self.of * len(other.names) + other.of
        present, of = np.unique(pairs, return_inverse=True)
        column = COMBINED(one=self.column, other=other.column)
        if len(present) > MAX_GROUPS:
            raise InputError(TOO_MANY_GROUPS(name=str(column), n=len(present), most=MAX_GROUPS))
        named = [divmod(int(pair), len(other.names)) for pair in present]
        names = tuple(COMBINED(one=self.names[one], other=other.names[two]) for one, two in named)
        return Groups(column, names, of)


def division(attribute: Attribute) -> Groups:
    """The groups of an attribute: its values, quarters of many numbers, or periods of many dates.

    Missing values are a group.

    Raises InputError: more groups than an audit compares.
    """
    names, of = _named(attribute)
    if len(names) > MAX_GROUPS:
        raise InputError(TOO_MANY_GROUPS(name=attribute.title, n=len(names), most=MAX_GROUPS))
    return with_missing(attribute.title, names, of)


def group_count(attribute: Attribute) -> int:
    """How many groups the values make, missing ones aside."""
    return len(_named(attribute)[0])


def is_divided(attribute: Attribute) -> bool:
    """Whether its groups are ranges or periods, and not its values themselves."""
    if attribute.names:
        return False
    return len(np.unique(attribute.values[~np.isnan(attribute.values)])) > QUARTERS_FROM


def _named(attribute: Attribute) -> tuple[tuple[str, ...], np.ndarray]:
    """The names that occur, and (N,) the index of each example's; -1 where missing."""
    values = attribute.values
    if attribute.names:
        present = np.unique(values[values >= 0])
        of = np.where(values < 0, -1, np.searchsorted(present, values))
        return tuple(attribute.names[index] for index in present), of
    is_known = ~np.isnan(values)
    if is_divided(attribute):
        by_calendar = periods(values) if attribute.is_date else None
        return by_calendar or quarters(values, attribute.written, at_values=attribute.is_date)
    present = np.unique(values[is_known])
    of = np.where(is_known, np.searchsorted(present, np.where(is_known, values, 0)), -1)
    return tuple(attribute.written(value) for value in present), of


def with_missing(column: str, names: tuple[str, ...], of: np.ndarray) -> Groups:
    """The groups, of which missing values (-1) are one. Names that are written alike are numbered."""
    if (of < 0).any():
        names, of = (*names, MISSING()), np.where(of < 0, len(names), of)
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    counts = dict.fromkeys(seen, 0)

    def distinct(name: str) -> str:
        counts[name] += 1
        return name if counts[name] == 1 else f"{name} ({counts[name]})"

    return Groups(column, tuple(distinct(name) for name in names), of)


def quarters(
    values: np.ndarray, written: Callable[[float], str] = number, *, at_values: bool = False
) -> tuple[tuple[str, ...], np.ndarray]:
    """Ranges with about as many rows each, and the range of each row; -1 where the number is missing.

    Args:
        at_values: the ranges begin at values that occur, such as days, and not between two of them.
    """
    is_known = ~np.isnan(values)
    method = "lower" if at_values else "linear"
    edges = np.unique(np.quantile(values[is_known], [0, 0.25, 0.5, 0.75, 1], method=method))
    of = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(0, len(edges) - 2))
    names = tuple(RANGE(low=written(low), high=written(high)) for low, high in pairwise(edges))
    return names, np.where(is_known, of, -1)
