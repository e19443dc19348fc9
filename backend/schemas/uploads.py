"""Uploads and the reports of tables."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import MessagePart, Page, Read
from models.core.contract.card import MediaKind


class UploadRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.UPLOAD))

    id: UUID
    sha256: str
    name: str
    kind: MediaKind
    media_type: str
    bytes: int
    width: int | None = Field(description="Pixels, after EXIF rotation.")
    height: int | None
    rows: int | None
    columns: int | None
    created_at: datetime
    url: str
    picture_url: str | None = Field(
        description="Of a picture, the address of a file that every browser draws as models take it."
    )
    thumbnail_url: str | None = Field(description="Of a picture, the same small, for lists.")


class UploadList(Page):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.page(examples.UPLOAD)))

    items: list[UploadRead]


class HistogramRead(Read):
    counts: list[int]
    edges: list[float | str] = Field(
        description="For numbers and dates: one more than counts. Otherwise empty: `words` has the values."
    )
    words: list[str]


class ColumnRead(Read):
    name: str
    type: Literal["number", "category", "date", "text"]
    missing: int
    wrong: int = Field(description="Cells that do not match the column's type.")
    distinct: int
    unit: str = Field(default="", description="The currency, % or other unit beside the numbers.")
    smallest: int | float | str | None = Field(description="Integers beyond 2^53 are exact.")
    largest: int | float | str | None
    mean: float | None
    histogram: HistogramRead | None


class TableProblemRead(Read):
    what: str
    what_message: list[MessagePart] = Field(default=[], description="The same by ids, to be translated.")
    column: str | None
    row: int | None = Field(description="As in a spreadsheet: the first line is row 1.")
    correction: dict[str, Any] | None = Field(
        default=None, description="Read options with which the table is read in the other way."
    )


class TableRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.TABLE))

    rows: int = Field(description="Without the header.")
    delimiter: str
    decimal: str = Field(default="", description="point or comma, if the file proves one or it was chosen.")
    encoding: str
    has_header: bool
    sheets: list[str] = Field(default=[], description="The sheets of a workbook.")
    sheet: str = Field(default="", description="The sheet that was read.")
    columns: list[ColumnRead]
    problems: list[TableProblemRead] = Field(description="The first 200.")
    problems_total: int
