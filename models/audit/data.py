"""A table of decisions with the role of each column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.audit.card import MAX_GROUPS, PredictParams
from models.audit.groups import Groups, division
from models.audit.measures import Counts
from models.core.auditing.table_columns import column_attribute, first_groups
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.tables import csv_reader
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import ColumnType

MAX_CLASSES = 100
_DECISION = ("decision", "decided", "prediction", "predicted", "score", "y_pred")
_ACTUAL = ("actual", "outcome", "label", "truth", "y_true")
_POSITIVE = ("yes", "true", "1", "1.0", "granted", "admitted", "positive")
_POSITIVE += ("ja", "wahr", "oui", "vrai", "sí", "si", "sim", "да")

SAME_COLUMN = Text(
    "audit.errors.same_column",
    "Decision, actual class and groups must be different columns: {name!r} is two.",
)
NO_GROUP = Text(
    "audit.errors.no_group", "No other column has between 2 and {most} values. Choose the groups."
)
ONE_GROUP = Text(
    "audit.errors.one_group", "All examples have the same value in {name!r}: there is nothing to compare."
)
TOO_MANY_CLASSES = Text(
    "audit.errors.too_many_classes", "{name!r} has {n:,} different values, too many for classes."
)
NO_POSITIVE = Text("audit.errors.no_positive", "No value of {name!r} is {value!r}; it has: {known}.")
NO_ROWS = Text("audit.errors.no_rows", "No row has a value in {names}.")
OUT_OF_RANGE = Text(
    "audit.errors.out_of_range",
    "Row {row}: the score {value} in {name!r} is not between 0 and 1.",
)
LEFT_OUT = Text(
    "audit.notes.left_out", "{n:,} {n:row|rows} without a decision or an actual class {n:is|are} left out."
)
CHOSEN_POSITIVE = Text("audit.notes.positive", "{value!r} counts as positive.")
CHOSEN_GROUP = Text("audit.notes.group", "{name!r} was chosen as the group.")
CHOSEN_DECISION = Text("audit.notes.decision", "{name!r} was chosen as the decision.")
OTHER_CLASSES = Text(
    "audit.errors.other_classes",
    "{actual!r} has the classes {classes}, and {decision!r} has {decided}: write the same class alike in "
    "both columns.",
)


@dataclass(frozen=True)
class Roles:
    """Names of the columns. `actual` None: there is no such column."""

    decision: str
    actual: str | None
    group: str
    second_group: str | None


@dataclass(frozen=True)
class Decided:
    """Decisions on N examples.

    Attributes:
        decided, actual: (N,) booleans: positive or not; `actual` None: it is not known.
        scores: (N,) from 0 to 1; None: the decisions are classes.
    """

    decided: np.ndarray
    actual: np.ndarray | None
    scores: np.ndarray | None

    def outcomes(self) -> dict[str, np.ndarray]:
        """(N,) booleans by decision and, where it is known, actual class."""
        if self.actual is None:
            return {"selected": self.decided, "not_selected": ~self.decided}
        return {
            "true_positive": self.decided & self.actual,
            "false_positive": self.decided & ~self.actual,
            "false_negative": ~self.decided & self.actual,
            "true_negative": ~self.decided & ~self.actual,
        }

    def counts(self, groups: Groups, index: int) -> Counts:
        """Of one group."""
        own = groups.of == index
        if self.actual is None:
            return Counts(int((self.decided & own).sum()), 0, 0, int((~self.decided & own).sum()))
        return Counts(**{name: int((each & own).sum()) for name, each in self.outcomes().items()})


@dataclass(frozen=True)
class Decisions(Decided):
    """The rows of a table that have a decision and, if there is such a column, an actual class.

    Attributes:
        positive: the class that counts as positive; empty: scores of at least the threshold do.
        rows: (N,) indices among the table's rows.
        divisions: by the group; with a second one also by that, and by both.
    """

    frame: Frame
    roles: Roles
    positive: str
    rows: np.ndarray
    divisions: tuple[Groups, ...]
    notes: tuple[Message, ...]


@dataclass(frozen=True)
class _Classes:
    """A column of classes: `of` (N,) indexes `names`, -1 where missing."""

    names: tuple[str, ...]
    of: np.ndarray

    def equal(self, name: str) -> np.ndarray:
        return self.of == self.names.index(name)


def decisions_of(data: bytes, params: PredictParams) -> Decisions:
    """The table's decisions, with one or two columns of groups.

    Raises:
        InputError: not a table, a column that does not exist or cannot have its role, or nothing to compare.
    """
    frame = csv_reader.read(data, params)
    roles, notes = _roles(frame, params)
    scores = _scores(frame, roles.decision)
    of_classes = [roles.actual] if scores is not None else [roles.decision, roles.actual]
    classes = {name: _classes(frame, name) for name in of_classes if name}
    is_present = [each.of >= 0 for each in classes.values()]
    if scores is not None:
        is_present.append(~np.isnan(scores))
    rows = np.flatnonzero(np.all(is_present, axis=0))
    if len(rows) == 0:
        raise InputError(NO_ROWS(names=" / ".join(filter(None, (roles.decision, roles.actual)))))
    if len(rows) < len(frame):
        notes.append(LEFT_OUT(n=len(frame) - len(rows)))
    positive = ""
    if classes:
        column, values = next(iter(classes.items()))
        positive = _positive(column, values.names, params.positive)
        notes += [] if params.positive else [CHOSEN_POSITIVE(value=positive)]
    _check_spelling(roles, classes, positive)
    divisions = _divisions(frame, roles, rows)
    decided = (
        scores[rows] >= params.threshold
        if scores is not None
        else _is(classes, roles.decision, positive)[rows]
    )
    actual = _is(classes, roles.actual, positive)[rows] if roles.actual else None
    known = scores[rows] if scores is not None else None
    return Decisions(
        decided, actual, known, frame, roles, positive, rows, divisions=divisions, notes=tuple(notes)
    )


def _is(classes: dict[str, _Classes], column: str, positive: str) -> np.ndarray:
    values = classes[column]
    return values.equal(positive) if positive in values.names else np.zeros(len(values.of), bool)


def _check_spelling(roles: Roles, classes: dict[str, _Classes], positive: str) -> None:
    """Raises InputError: the actual classes lack the positive one, and have others than the decisions.

    No actual class would be positive then, whatever the rows mean: `1` and `0` beside `yes` and `no`.
    """
    if roles.actual is None or roles.decision not in classes:
        return
    decided, actual = classes[roles.decision].names, classes[roles.actual].names
    if positive not in actual and not set(actual) <= set(decided):
        shown = {"classes": csv_reader.list_names(actual), "decided": csv_reader.list_names(decided)}
        raise InputError(OTHER_CLASSES(actual=roles.actual, decision=roles.decision, **shown))


def _roles(frame: Frame, params: PredictParams) -> tuple[Roles, list[Message]]:
    """The columns that were chosen; those left open by their names and places, the group last."""
    decision = _decision_column(frame, params)
    actual = _actual_column(frame, params.actual, {decision, params.group, params.second_group})
    second = frame.column(params.second_group).name if params.second_group else None
    notes: list[Message] = []
    if not params.decision and (decision != frame.names[-1] or decision.casefold() in _ACTUAL):
        notes.append(CHOSEN_DECISION(name=decision))
    if params.group:
        group = frame.column(params.group).name
    else:
        group = _first_group(frame, {decision, actual, second})
        notes.append(CHOSEN_GROUP(name=group))
    chosen = [name for name in (decision, actual, group, second) if name]
    twice = next((name for name in chosen if chosen.count(name) > 1), None)
    if twice:
        raise InputError(SAME_COLUMN(name=twice))
    return Roles(decision, actual, group, second), notes


def _decision_column(frame: Frame, params: PredictParams) -> str:
    """The chosen column, or one that is named as a decision, or the last."""
    if params.decision:
        return frame.column(params.decision).name
    others = {params.actual, params.group, params.second_group}
    free = [name for name in frame.names if name not in others] or frame.names
    return next((name for name in free if name.casefold() in _DECISION), free[-1])


def _actual_column(frame: Frame, chosen: str, others: set[str]) -> str | None:
    if chosen:
        return frame.column(chosen).name
    usual = (name for name in frame.names if name.casefold() in _ACTUAL and name not in others)
    return next(usual, None)


def _first_group(frame: Frame, others: set[str | None]) -> str:
    found = first_groups(frame, others)
    if found is None:
        raise InputError(NO_GROUP(most=MAX_GROUPS))
    return found


def _scores(frame: Frame, name: str) -> np.ndarray | None:
    """(N,) scores, NaN where missing; None: the column holds classes. Raises InputError: not from 0 to 1."""
    column = frame.column(name)
    if column.type != ColumnType.NUMBER or column.mismatch or column.values.nunique() <= 2:
        return None
    values = column.values.to_numpy(np.float64)
    outside = np.flatnonzero((values < 0) | (values > 1))
    if len(outside):
        row = int(outside[0])
        raise InputError(OUT_OF_RANGE(row=int(frame.rows[row]), value=f"{values[row]:g}", name=name))
    return values


def _classes(frame: Frame, name: str) -> _Classes:
    """Raises InputError: more values than classes can have."""
    column = frame.as_type(name, ColumnType.CATEGORY)
    names = tuple(map(str, column.values.cat.categories))
    if len(names) > MAX_CLASSES:
        raise InputError(TOO_MANY_CLASSES(name=name, n=len(names)))
    return _Classes(names, column.values.cat.codes.to_numpy())


def _positive(column: str, names: tuple[str, ...], chosen: str) -> str:
    """Raises InputError: no value of the column is the chosen one."""
    if chosen and chosen not in names:
        raise InputError(NO_POSITIVE(name=column, value=chosen, known=csv_reader.list_names(names)))
    return chosen or usual_positive(names)


def usual_positive(names: Sequence[str]) -> str:
    """Yes, true or 1 where they occur, else the last name in alphabetical order."""
    return next((name for name in names if name.casefold() in _POSITIVE), max(names))


def _divisions(frame: Frame, roles: Roles, rows: np.ndarray) -> tuple[Groups, ...]:
    """Raises InputError: one group only, or too many."""
    first = division(column_attribute(frame, roles.group, rows))
    if len(first.names) < 2:
        raise InputError(ONE_GROUP(name=roles.group))
    if roles.second_group is None:
        return (first,)
    second = division(column_attribute(frame, roles.second_group, rows))
    return first, second, first.combined_with(second)
