"""One row of a table, sent as JSON: stored as a table of one row, which a fitted model predicts."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from backend.database import reading
from backend.errors import Invalid
from backend.http.upload_stream import UploadStream
from backend.schemas.jobs import Cell
from backend.services.models import catalog
from backend.settings import settings
from models.core.contract.card import Card
from models.core.contract.messages import Text
from models.core.tables.read_options import takes_rows

NAME = "row.csv"
_WHOLE = 2.0**53  # up to which a float is one whole number

_NO_ROWS = Text("core.rows.no_rows", "{title} takes no rows; send a file.")
_EMPTY = Text("core.rows.empty", "The row has no columns.")
_NOT_FITTED = Text(
    "core.rows.not_fitted",
    "{model!r} fits a new model to every table, so it cannot predict one row. Name a model that a training "
    "has kept.",
)

# how the table is written, whatever that of the model was like; null is the only missing value
_READING: Mapping[str, Any] = {
    "delimiter": "comma",
    "decimal": "point",
    "thousands": "none",
    "header": "first row",
    "encoding": "utf-8",
    "missing_values": [],
}


def check_rows(card: Card) -> None:
    """Raises Invalid: the capability takes no rows."""
    if not takes_rows(card):
        raise _refused(_NO_ROWS(title=card.title))


def check_model(card: Card, model: str | None) -> None:
    """Raises Invalid: it fits a new model to each table; NotFound: there is no such model."""
    with reading() as connection:
        row = catalog.resolve(connection, card.name, model)
    if row.source != "trained":
        where = [{"pointer": "/model", "detail": "is not a fitted model"}]
        raise Invalid(_NOT_FITTED(model=row.name), errors=where)


def table_of(row: Mapping[str, Cell]) -> UploadStream:
    """A CSV file with the row below the names of its columns. Raises Invalid: there are none."""
    if not row:
        raise _refused(_EMPTY())
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([list(row), [_written(cell) for cell in row.values()]])
    file = UploadStream(NAME, settings().max_upload_bytes)
    file.write(text.getvalue().encode())
    return file


def read_as_written(params: Mapping[str, Any]) -> dict[str, Any]:
    """The params, with the options that the table of a row is read with."""
    return {**params, **_READING}


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= _WHOLE:
        return str(int(cell))
    return str(cell)


def _refused(detail: str) -> Invalid:
    return Invalid(detail, errors=[{"pointer": "/row", "detail": detail}])
