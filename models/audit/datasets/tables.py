"""The facts of a table: its columns, and rows that are nearly the same."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.core.util.hashing import hash_pandas_object

from models.audit.card import DatasetAuditParams
from models.audit.datasets.copies import Copies
from models.audit.datasets.facts import TARGET_IS_QUANTITY, Classes, Facts, classes_of
from models.core.auditing.outcomes import Attribute, dated, named
from models.core.contract.messages import Text
from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame
from models.core.tables.identifiers import identifier
from models.core.tables.read_options import ColumnType

STEPS = 100  # of a column's range; numbers in the same one are nearly equal
_SPLITS = ("split", "part", "fold", "set", "subset", "partition")  # names of a column with the split

ROWS = Text("audit.datasets.rows", "rows")
IDENTIFIER = Text(
    "audit.datasets.notes.identifier",
    "{why} It is left out where rows are compared with one another.",
)


def facts_of_table(data: bytes, params: DatasetAuditParams) -> Facts:
    """Raises InputError: not a table, or a column that does not exist."""
    frame = csv_reader.read(data, params.read_options())
    target = frame.column(params.target).name if params.target else _target(frame)
    found = {column.name: identifier(column) for column in frame.columns if column.name != target}
    identifiers = {name: each for name, each in found.items() if each}
    attributes = {column.name: _attribute(column) for column in frame.columns}
    notes = [IDENTIFIER(why=each.why) for each in identifiers.values()]
    columns = [column for column in frame.columns if column.name not in (target, *identifiers)]
    references = [{"row": row} for row in frame.rows.tolist()]
    classes = classes_of(attributes[target])
    if classes is None:
        notes.append(TARGET_IS_QUANTITY(name=target, n=frame.column(target).values.nunique()))
    copies = _copies([column.name for column in columns], attributes, classes, references)
    return Facts(ROWS(), attributes, target, references, copies, tuple(notes))


def _target(frame: Frame) -> str:
    """The last column, as in a training."""
    return frame.names[-1]


def _attribute(column: Column) -> Attribute:
    values = column.values
    if column.type == ColumnType.NUMBER:
        return Attribute(column.name, values.to_numpy(np.float64))
    if column.type == ColumnType.DATE:
        return dated(column.name, values)
    codes, names = pd.factorize(values, sort=True)
    return named(column.name, codes, [str(name) for name in names])


def _copies(
    columns: Sequence[str],
    attributes: Mapping[str, Attribute],
    classes: Classes | None,
    references: Sequence[Mapping[str, int]],
) -> Copies:
    """Rows alike in these columns; numbers are rounded to hundredths of their range."""
    rows = len(references)
    split = next((name for name in columns if name.casefold() in _SPLITS and attributes[name].names), "")
    used = [name for name in columns if name != split]
    names, labels = classes or ((), np.full(rows, -1))
    return Copies(
        _first_equal({name: _rounded(attributes[name]) for name in used}, rows),
        _first_equal({name: attributes[name].values for name in used}, rows),
        attributes[split].values if split else np.full(rows, -1),
        attributes[split].names if split else (),
        labels,
        names,
        references,
    )


def _rounded(attribute: Attribute) -> np.ndarray:
    if attribute.names:
        return attribute.values
    known = attribute.values[~np.isnan(attribute.values)]
    low, high = np.quantile(known, [0.01, 0.99]) if len(known) else (0.0, 0.0)
    if high <= low:
        return attribute.values
    return np.round((attribute.values - low) / (high - low) * STEPS)


def _first_equal(columns: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
    """(N,) for each row the index of the first one with the same values; its own without columns."""
    if not columns:
        return np.arange(rows)
    hashes = hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy()
    _, first, of = np.unique(hashes, return_index=True, return_inverse=True)
    return first[of]
