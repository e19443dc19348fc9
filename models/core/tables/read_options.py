"""How to read a table where the user knows better than the detection. Loads nothing heavy."""

from enum import StrEnum
from typing import Literal

from pydantic import Field
from pydantic.config import JsonDict

from models.core.contract.card import Params

_GROUP: JsonDict = {"group": "File format"}  # the form shows these fields together, after the others


Encoding = Literal[
    "guess", "utf-8", "utf-16", "utf-32", "windows-1252", "latin-1", "iso-8859-15", "mac-roman", "cp850",
    "windows-1250", "iso-8859-2", "windows-1251", "koi8-r", "cp866", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-874", "shift-jis", "euc-jp", "gbk", "big5",
    "euc-kr",
]  # fmt: skip


class ColumnType(StrEnum):
    """The type of a column's cells."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"


class ReadOptions(Params):
    """How to read a CSV file; what is left at "guess" is detected. Params of table capabilities extend it."""

    types: dict[str, ColumnType] = Field(
        default={},
        max_length=1_000,
        title="Column types",
        description="Types that replace the detected ones, by column name: number, category (also for "
        "numbers that are codes), date, or text, which is not used. A cell that does not fit counts as "
        "missing and is listed.",
        json_schema_extra={"format": "types"},
    )
    delimiter: Literal["guess", "comma", "semicolon", "tab", "bar"] = Field(
        default="guess",
        title="Delimiter",
        description="The character that separates the cells of a row.",
        json_schema_extra=_GROUP,
    )
    decimal: Literal["guess", "point", "comma"] = Field(
        default="guess",
        title="Decimal separator",
        description="The character before the decimals of a number.",
        json_schema_extra=_GROUP,
    )
    header: Literal["guess", "first row", "none"] = Field(
        default="guess",
        title="Header",
        description="Whether the first row contains the column names. Without names, columns are numbered.",
        json_schema_extra=_GROUP,
    )
    encoding: Encoding = Field(
        default="guess",
        title="Encoding",
        description="The character encoding of the file.",
        json_schema_extra=_GROUP,
    )

    def read_options(self) -> "ReadOptions":
        """These fields without those that a capability adds."""
        return ReadOptions(**{name: getattr(self, name) for name in ReadOptions.model_fields})

    def fill_from(self, defaults: "ReadOptions") -> "ReadOptions":
        """These options, with those left at "guess" taken from `defaults`. The types stay."""
        options = self.read_options()
        guessed = [name for name in ReadOptions.model_fields if getattr(options, name) == "guess"]
        return options.model_copy(update={name: getattr(defaults, name) for name in guessed})


DEFAULT_OPTIONS = ReadOptions()
DELIMITER_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
