"""Uploads and the reports of tables."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from backend.schemas.base import Page, Read
from models.core.contract.card import MediaKind


class UploadRead(Read):
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


class UploadList(Page):
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
    smallest: float | str | None
    largest: float | str | None
    mean: float | None
    histogram: HistogramRead | None


class TableProblemRead(Read):
    what: str
    column: str | None
    row: int | None = Field(description="As in a spreadsheet: the first line is row 1.")


class TableRead(Read):
    rows: int = Field(description="Without the header.")
    delimiter: str
    encoding: str
    has_header: bool
    columns: list[ColumnRead]
    problems: list[TableProblemRead] = Field(description="The first 200.")
    problems_total: int
