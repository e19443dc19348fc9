"""Notes where a figure means little, or where a column is not what it seems to be."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from models.core.contract.messages import Message, Text, join
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import list_names
from models.core.tables.identifiers import identifier
from models.core.tables.read_options import ColumnType
from models.tabular.data import Table, Target
from models.tabular.preprocessing.columns import values_of
from models.tabular.preprocessing.split import Split

FEW_TEST_ROWS = 30
FEW_CLASS_ROWS = 5
RARE = 9  # a class is rare if another one has at least so many times its rows
SAME_CORRELATION = 0.9999
_MAX_NAMED = 10
_RANK_ROWS = 30  # in fewer rows, the same order is no evidence
_ROWS_PER_VALUE = 5  # in fewer rows, that a value occurs with one target is no evidence

FEW_ROWS = Text(
    "tabular.notes.few_test_rows",
    "The quality is measured on only {n:,} test rows; on so few rows a figure means little. A "
    "cross-validation tests every row.",
)
NO_TEST_ROWS = Text(
    "tabular.notes.no_test_rows",
    "Without test rows, the quality is measured on the training rows. It is too optimistic: the model was "
    "fitted to them.",
)
FEW_OF_CLASS = Text(
    "tabular.notes.few_of_class",
    "Classes with fewer than {least} rows in {column!r}: {names}. They can neither be learned nor tested "
    "reliably.",
)
RARE_CLASS = Text(
    "tabular.notes.rare_class",
    "Rare classes in {column!r}: {names}. Always predicting {most!r} would already have an accuracy of "
    "{percent}%, so accuracy means little; look at the recall of each class. Class weights make a model pay "
    "more attention to rare classes.",
)
NOT_TESTED = Text(
    "tabular.notes.class_not_tested",
    "No test row has one of the classes {names}; nothing is known about them.",
)
CONSTANT_TARGET = Text(
    "tabular.notes.constant_target",
    "All values of the target {column!r} are the same, {value:g}: there is nothing to learn, and R² is not "
    "defined.",
)
MANY_COLUMNS = Text(
    "tabular.notes.many_columns",
    "The model has {columns:,} columns to learn from and only {rows:,} training rows. With so many columns, "
    "a linear model can fit any training rows exactly, even at random.",
)
IDENTIFIER = Text(
    "tabular.notes.identifier",
    "What a model learns from it does not hold for new rows. If it is no property of the row, leave it out "
    "of the features.",
)
COPY = Text(
    "tabular.notes.repeats_linearly",
    "Feature {feature!r} repeats the target {target!r}: one is a linear function of the other (correlation "
    "{correlation:g}).",
)
SAME_ORDER = Text(
    "tabular.notes.repeats_order",
    "Feature {feature!r} repeats the target {target!r}: both put the rows in the same order.",
)
RECODING = Text(
    "tabular.notes.repeats_recoded",
    "Feature {feature!r} repeats the target {target!r}: each of its values stands for one value of the "
    "target.",
)
DETERMINES = Text(
    "tabular.notes.determines",
    "Feature {feature!r} determines the target {target!r}: each of its {n:,} values occurs with only one "
    "value of the target.",
)
LEAK = Text(
    "tabular.notes.leak",
    "If it is not known at the time of a prediction, leave it out of the features: the quality is too "
    "optimistic.",
)


def notes_on(table: Table, parts: Split, columns: int, *, is_linear: bool) -> Iterator[Message]:
    """What to know before the quality of a fit is believed.

    Args:
        columns: those of the matrix, after one-hot encoding.
        is_linear: the model has no hidden layers.
    """
    if len(parts.test) == 0:
        yield NO_TEST_ROWS()
    elif len(parts.test) < FEW_TEST_ROWS:
        yield FEW_ROWS(n=len(parts.test))
    if table.target.classes:
        yield from _on_classes(table.target, table.actual, parts)
    elif np.ptp(table.actual) == 0:
        yield CONSTANT_TARGET(column=table.target.name, value=float(table.actual[0]))
    if is_linear and columns >= len(parts.training):
        yield MANY_COLUMNS(columns=columns, rows=len(parts.training))
    yield from _on_features(table)


def _on_classes(target: Target, actual: np.ndarray, parts: Split) -> Iterator[Message]:
    counts = np.bincount(actual.astype(np.int64), minlength=len(target.classes))
    most = int(counts.argmax())
    present = [index for index in np.argsort(counts, kind="stable") if counts[index]]
    few = [index for index in present if counts[index] < FEW_CLASS_ROWS]
    rare = [index for index in present if counts[index] * RARE <= counts[most]]
    if few:
        named = _named(target, counts, few)
        yield FEW_OF_CLASS(column=target.name, least=FEW_CLASS_ROWS, names=named)
    if rare:
        percent = round(100 * float(counts[most] / counts.sum()))
        named = _named(target, counts, rare)
        yield RARE_CLASS(column=target.name, names=named, most=target.classes[most], percent=percent)
    if len(parts.test):
        tested = set(actual[parts.test].astype(int).tolist())
        if untested := [target.classes[index] for index in present if index not in tested]:
            yield NOT_TESTED(names=list_names(untested))


def _named(target: Target, counts: np.ndarray, indices: Sequence[int]) -> str:
    """The classes with their numbers of rows."""
    names = [f"{target.classes[index]!r} ({counts[index]:,})" for index in indices[:_MAX_NAMED]]
    return ", ".join(names) + (", …" if len(indices) > _MAX_NAMED else "")


def _on_features(table: Table) -> Iterator[Message]:
    named = 0
    for column in table.features:
        if named == _MAX_NAMED:
            return
        if found := repeats_target(column, table):
            yield join(found, LEAK())
            named += 1
        elif found := identifier(column):
            yield join(found.why, IDENTIFIER())
            named += 1


def repeats_target(column: Column, table: Table) -> Message | None:
    """How a feature gives the target away; None: it does not."""
    values = values_of(column)[table.rows]
    is_number = column.type in (ColumnType.NUMBER, ColumnType.DATE)
    is_known = ~np.isnan(values) if is_number else values != None  # noqa: E711  by element
    actual, values = table.actual[is_known], values[is_known]
    names = {"feature": column.name, "target": table.target.name}
    if len(actual) < 3 or (actual == actual[0]).all() or (values == values[0]).all():
        return None
    if is_number and not table.target.classes:
        numbers = values.astype(np.float64)
        correlation = float(np.corrcoef(numbers, actual)[0, 1])
        if abs(correlation) >= SAME_CORRELATION:
            return COPY(**names, correlation=round(correlation, 6))
        if _have_same_order(numbers, actual):
            return SAME_ORDER(**names)
    codes, targets = pd.factorize(values)[0], pd.factorize(actual)[0]
    distinct = int(codes.max()) + 1
    pairs = len(np.unique(codes.astype(np.int64) * (int(targets.max()) + 1) + targets))
    if pairs == distinct == int(targets.max()) + 1 and 2 * distinct <= len(actual):
        return RECODING(**names)
    if pairs == distinct and _ROWS_PER_VALUE * distinct <= len(actual):
        return DETERMINES(**names, n=distinct)
    return None


def _have_same_order(values: np.ndarray, actual: np.ndarray) -> bool:
    """Whether one rises (or falls) with the other without an exception, as after a change of scale."""
    if len(values) < _RANK_ROWS or 2 * min(len(np.unique(actual)), len(np.unique(values))) < len(actual):
        return False
    rising, falling = (actual[np.lexsort((sign * actual, values))] for sign in (1, -1))
    return bool((np.diff(rising) >= 0).all() or (np.diff(falling) <= 0).all())
