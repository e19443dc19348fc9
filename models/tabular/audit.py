"""What a model answers on a table whose actual values are known, for an audit by groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from models.core.auditing.changes import Change
from models.core.auditing.outcomes import Attribute, Learned, Outcomes, Report
from models.core.auditing.table_columns import column_attribute, first_groups
from models.core.contract import cancellation
from models.core.contract.audit import WHOLE
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.contract.progress import Progress
from models.core.tables.read_options import ReadOptions
from models.tabular.card import AuditParams, PredictParams, TrainParams
from models.tabular.data import Table, table_of
from models.tabular.fit import Fit, fit, split_of
from models.tabular.predict import Item, Predictor
from models.tabular.preprocessing.split import Split

NO_TARGET = Text(
    "tabular.audit.no_target",
    "An audit needs the actual values: the table has no column {column!r} with values that the model knows.",
)
EMPTY_PART = Text(
    "tabular.audit.empty_part",
    "The part {part!r} of this table has no rows with an actual value: the model's training kept none out.",
)
NEW_TABLE = Text(
    "tabular.audit.new_table", "The model is not known to have learned from this table: all rows are used."
)
LEARNED_ROWS = Text(
    "tabular.audit.learned_rows",
    "{n:,} of the rows {n:is one|are those} that the model learned from: it knows {n:it|them}.",
)
LEFT_OUT_ROWS = Text(
    "tabular.audit.left_out_rows",
    "{n:,} {n:row|rows} that the model learned from or chose on {n:is|are} left out.",
)


@dataclass(frozen=True)
class _Answered:
    """The model's answers for the used rows of a table; `parts` None: it did not learn from this table."""

    table: Table
    predicted: np.ndarray  # (N,) numbers or (N, K) class probabilities
    classes: tuple[str, ...]
    parts: dict[str, np.ndarray] | None  # name -> rows of the frame


def outcomes(
    predictor: Predictor,
    source: bytes,
    params: AuditParams,
    progress: Report,
    *,
    change: Change | None = None,
    learned: Learned = Learned(),  # noqa: B008  frozen
) -> Outcomes:
    """The model's answers for the rows of a table, and their attributes.

    A model that was kept answers all rows but those that it learned from; without one, a new model is fitted
    and answers its test rows.

    Raises:
        InputError: not a table for this model, no actual values, or no rows in the part.
    """
    cancellation.check()
    answered = (
        _by_kept_model(predictor, source, params, change, learned)
        if predictor.fitted
        else _by_new_model(predictor, source, params, change)
    )
    table = answered.table
    used, notes = _used(answered, params)
    actual = table.actual[used]
    answers = answered.predicted[used]
    progress(1, 1)
    return Outcomes(
        task="classification" if answered.classes else "regression",
        classes=answered.classes,
        actual=actual.astype(np.int64) if answered.classes else actual,
        predicted=answers.argmax(axis=1) if answered.classes else answers,
        scores=answers if answered.classes else None,
        attributes=_attributes(table, table.rows[used], params),
        target=table.target.name,
        rows=table.frame.rows[table.rows[used]],
        details=_Cells(table, table.rows[used]),
        left_out=len(table.frame) - len(used),
        notes=(*table.notes, *notes),
    )


def _by_kept_model(
    predictor: Predictor, source: bytes, params: AuditParams, change: Change | None, learned: Learned
) -> _Answered:
    assert predictor.fitted is not None  # noqa: S101  checked by the caller
    table = predictor.fitted.table(source, params)
    if change is not None:
        table = replace(table, features=change.columns(table.features))
    (answer,) = predictor.forward([Item(table, _as_predicted(params))])
    parts = None
    if learned.params is not None:
        trained = TrainParams.model_validate(learned.params)
        of_training = table_of(source, trained)
        parts = _rows_of(of_training, split_of(of_training, trained))
    return _Answered(table, answer.predicted, predictor.fitted.classes, parts)


def _by_new_model(
    predictor: Predictor, source: bytes, params: AuditParams, change: Change | None
) -> _Answered:
    fitted = _fit(source, params.model_dump_json(), predictor.device)
    table, predicted = fitted.table, fitted.predicted
    if change is not None:
        changed = change.columns(table.features)
        predicted = fitted.model.predict(fitted.model.preprocessing.apply(changed, table.rows))
    return _Answered(table, predicted, fitted.model.classes, _rows_of(table, fitted.split))


@lru_cache(maxsize=2)  # robustness audits, of which two may run, ask for the same fit with every change
def _fit(source: bytes, params: str, device: str) -> Fit:
    fitted_with = _as_predicted(AuditParams.model_validate_json(params))
    return fit(
        table_of(source, fitted_with), fitted_with, device=device, progress=Progress(), is_bounded=True
    )


def _as_predicted(params: AuditParams) -> PredictParams:
    read = {name: getattr(params, name) for name in ReadOptions.model_fields}
    return PredictParams(**read, target=params.target, seed=params.seed)


def _rows_of(table: Table, parts: Split) -> dict[str, np.ndarray]:
    return {name: table.rows[indices] for name, indices in parts.parts().items()}


def _used(answered: _Answered, params: AuditParams) -> tuple[np.ndarray, list[Message]]:
    """Indices among the table's used rows, in their order, and what is to be known about the choice."""
    table, parts = answered.table, answered.parts
    known = ~np.isnan(table.actual)
    if not known.any():
        raise InputError(NO_TARGET(column=table.target.name))
    if parts is None:
        return np.flatnonzero(known), [NEW_TABLE()]
    is_learned = ~np.isin(table.rows, parts["test"])
    if params.part == WHOLE:
        return np.flatnonzero(known), [LEARNED_ROWS(n=int((known & is_learned).sum()))]
    used = np.flatnonzero(known & np.isin(table.rows, parts[params.part]))
    if len(used) == 0:
        raise InputError(EMPTY_PART(part=params.part))
    return used, [LEFT_OUT_ROWS(n=int(known.sum()) - len(used))]


class _Cells(Sequence[Mapping[str, Any]]):
    """For each example what the model predicts from, as the API takes a row; made only where it is shown."""

    def __init__(self, table: Table, rows: np.ndarray):
        self._table, self._rows = table, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        row = int(self._rows[index])
        return {"values": {each.name: _cell(each.values.iloc[row]) for each in self._table.features}}


def _cell(value: Any) -> str | float | None:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    return value if isinstance(value, str) else float(value)


def _attributes(table: Table, rows: np.ndarray, params: AuditParams) -> dict[str, Attribute]:
    """The columns that were chosen as groups, and the target; others are not read."""
    frame = table.frame
    names = [params.group or _groups_of(table), params.second_group, table.target.name]
    found = {name: column_attribute(frame, name, rows) for name in names if name}
    if table.target.classes and table.target.name in found:
        # as the model knows the classes, however this table writes them
        actual = table.target.values[rows].astype(np.int64)
        found[table.target.name] = Attribute(table.target.name, actual, table.target.classes)
    return found


def _groups_of(table: Table) -> str:
    """A column with a few values; the target where there is none. Classes come before ranges of numbers."""
    target = table.target
    return first_groups(table.frame, {target.name}, quantities=not target.classes) or target.name
