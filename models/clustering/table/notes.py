"""Notes where clusters mean little: columns that identify rows, constant columns, clusters of a few rows."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.core.contract.messages import Message, Text, join
from models.core.tables.column_types import Column
from models.core.tables.identifiers import identifier

FEW_ROWS = 5  # of a cluster
MAX_NAMED = 10

IDENTIFIER = Text(
    "clustering.notes.identifier",
    "It keeps rows apart that are alike in everything else. If it is no property of the row, leave it out of "
    "the columns.",
)
SMALL_CLUSTERS = Text(
    "clustering.notes.small_clusters",
    "Clusters with fewer than {least} rows: {names}. They may be outliers rather than groups.",
)
INCOMPLETE = Text(
    "clustering.notes.incomplete",
    "Rows with missing values, which are in no cluster: {n:,} of {total:,}.",
)
CONSTANT = Text(
    "clustering.notes.constant", "Column {column!r} has the same value in every row and separates nothing."
)


def notes_on_columns(used: Sequence[Column]) -> Iterator[Message]:
    """Of the columns used: those that seem to identify the rows, and those without information."""
    for column in used:
        if column.values.dropna().nunique() == 1:
            yield CONSTANT(column=column.name)
        elif found := identifier(column):
            yield join(found.why, IDENTIFIER())


def notes_on_rows(clustered: int, total: int) -> Iterator[Message]:
    """That rows with missing values are in no cluster."""
    if clustered < total:
        yield INCOMPLETE(n=total - clustered, total=total)


def notes_on_sizes(sizes: np.ndarray) -> Iterator[Message]:
    """Of the clusters' numbers of rows, (k,): those with a few rows."""
    small = np.flatnonzero((sizes > 0) & (sizes < FEW_ROWS))
    if len(small):
        names = [f"{number + 1} ({sizes[number]})" for number in small[:MAX_NAMED]]
        more = ", …" if len(small) > MAX_NAMED else ""
        yield SMALL_CLUSTERS(least=FEW_ROWS, names=", ".join(names) + more)
