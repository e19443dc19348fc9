"""How to read a table where the user knows better than the detection. Loads nothing heavy."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from models.core.contract.card import Card, MediaKind, Params
from models.core.contract.titles import Titles
from models.core.tables.names import normal

_GROUP: JsonDict = {"group": "File format"}  # the form shows these fields together, after the others


Encoding = Annotated[Literal[
    "guess", "utf-8", "utf-16", "utf-32", "windows-1252", "latin-1", "iso-8859-15", "mac-roman", "cp850",
    "windows-1250", "iso-8859-2", "windows-1251", "koi8-r", "cp866", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-874", "shift-jis", "euc-jp", "gbk", "big5",
    "euc-kr",
], Titles(
    "Automatic", "UTF-8", "UTF-16", "UTF-32", "Windows-1252 (Western European)", "Latin-1",
    "Latin-9 (Western European)", "Mac Roman", "DOS 850 (Western European)",
    "Windows-1250 (Central European)", "Latin-2 (Central European)", "Windows-1251 (Cyrillic)",
    "KOI8-R (Cyrillic)", "DOS 866 (Cyrillic)", "Windows-1253 (Greek)", "Windows-1254 (Turkish)",
    "Windows-1255 (Hebrew)", "Windows-1256 (Arabic)", "Windows-1257 (Baltic)", "Windows-874 (Thai)",
    "Shift-JIS (Japanese)", "EUC-JP (Japanese)", "GBK (Chinese, simplified)", "Big5 (Chinese, traditional)",
    "EUC-KR (Korean)",
)]  # fmt: skip


class ColumnType(StrEnum):
    """The type of a column's cells."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"


# words that mean a missing value unless the user lists others; compared without regard to case
MISSING_VALUES = ("NA", "N/A", "NaN", "null", "None", "-", "?", "#N/A", "#NV", "<NA>")

ColumnName = Annotated[str, AfterValidator(normal)]
"""A column as a param names it; compared as Unicode has it in composed form."""


def _normal_names(types: dict[str, ColumnType]) -> dict[str, ColumnType]:
    return {normal(name): kind for name, kind in types.items()}


class ReadOptions(Params):
    """How to read a table; what is left as it is is detected. Params of table capabilities extend it."""

    types: Annotated[
        dict[str, Annotated[ColumnType, Titles("Number", "Category", "Date", "Text")]],
        AfterValidator(_normal_names),
    ] = Field(
        default={},
        max_length=1_000,
        title="Column types",
        description="Types that replace the detected ones, by column name: number, category (also for "
        "numbers that are codes), date, or text, which is not used. A cell that does not fit counts as "
        "missing and is listed.",
        json_schema_extra={"format": "types"},
    )
    delimiter: Annotated[
        Literal["guess", "comma", "semicolon", "tab", "bar"],
        Titles("Automatic", "Comma", "Semicolon", "Tab", "Vertical bar"),
    ] = Field(
        default="guess",
        title="Delimiter",
        description="The character that separates the cells of a row.",
        json_schema_extra=_GROUP,
    )
    decimal: Annotated[Literal["guess", "point", "comma"], Titles("Automatic", "Point", "Comma")] = Field(
        default="guess",
        title="Decimal separator",
        description="The character before the decimals of a number.",
        json_schema_extra=_GROUP,
    )
    thousands: Annotated[
        Literal["guess", "none", "point", "comma", "space", "apostrophe"],
        Titles("Automatic", "None", "Point", "Comma", "Space", "Apostrophe"),
    ] = Field(
        default="guess",
        title="Thousands separator",
        description="The character between the thousands of a number.",
        json_schema_extra=_GROUP,
    )
    dates: Annotated[
        Literal["guess", "day first", "month first"], Titles("Automatic", "Day first", "Month first")
    ] = Field(
        default="guess",
        title="Order of dates",
        description="For dates such as 1/2/2024, whose day and month cannot be distinguished.",
        json_schema_extra=_GROUP,
    )
    header: Annotated[
        Literal["guess", "first row", "none"],
        Titles("Automatic", "First row", "None"),
    ] = Field(
        default="guess",
        title="Header",
        description="Whether the first row contains the column names. Without names, columns are numbered.",
        json_schema_extra=_GROUP,
    )
    missing_values: list[Annotated[str, Field(max_length=100)]] = Field(
        default=list(MISSING_VALUES),
        max_length=100,
        title="Missing values",
        description="Cells with one of these words count as missing, as empty cells always do.",
        json_schema_extra=_GROUP,
    )
    comment: str = Field(
        default="",
        max_length=5,
        title="Comment sign",
        description="Lines that begin with it are skipped, such as #. Empty: no line is.",
        json_schema_extra=_GROUP,
    )
    encoding: Encoding = Field(
        default="guess",
        title="Encoding",
        description="The character encoding of the file.",
        json_schema_extra=_GROUP,
    )
    sheet: str = Field(
        default="",
        max_length=200,
        title="Sheet",
        description="The sheet of an Excel or OpenDocument workbook. Empty: the first one with cells.",
        json_schema_extra={**_GROUP, "format": "sheet"},
    )

    def read_options(self) -> "ReadOptions":
        """These fields without those that a capability adds."""
        return ReadOptions(**{name: getattr(self, name) for name in ReadOptions.model_fields})

    def fill_from(self, defaults: "ReadOptions") -> "ReadOptions":
        """These options, with those that are not set taken from `defaults`. The types and the sheet stay."""
        options = self.read_options()
        filled = {
            name: getattr(defaults, name)
            for name, field in ReadOptions.model_fields.items()
            if name not in ("types", "sheet") and getattr(options, name) == field.default
        }
        return options.model_copy(update=filled)


def takes_rows(card: Card) -> bool:
    """Whether the capability's only input is a table, for which a training keeps a fitted model."""
    is_table = [taken.kind for taken in card.inputs] == [MediaKind.TABLE]
    return is_table and card.train_params is not None and issubclass(card.predict_params, ReadOptions)


DEFAULT_OPTIONS = ReadOptions()
DELIMITER_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
