"""How a table is to be read, where somebody knows better than the guess. Loads nothing heavy."""

from enum import StrEnum
from typing import Literal

from pydantic import Field
from pydantic.config import JsonDict

from models.core.contract.card import Params

_GROUP: JsonDict = {"group": "How the file is read"}  # the form draws them together, after the others


class ColumnType(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"


class Reading(Params):
    """What is not to be guessed of a CSV file. Params of a capability that takes tables are made of it."""

    types: dict[str, ColumnType] = Field(
        default={},
        max_length=1_000,
        title="Types",
        description="Columns whose type is not to be guessed, by name: number, category (also of numbers "
        "that name kinds, such as codes), date, or text, which is left out. A cell that does not fit counts "
        "as missing and is named.",
        json_schema_extra={"format": "types"},
    )
    delimiter: Literal["guess", "comma", "semicolon", "tab", "bar"] = Field(
        default="guess",
        title="Delimiter",
        description="What cuts a line into cells.",
        json_schema_extra=_GROUP,
    )
    decimal: Literal["guess", "point", "comma"] = Field(
        default="guess",
        title="Decimal sign",
        description="What stands before the decimals of a number.",
        json_schema_extra=_GROUP,
    )
    header: Literal["guess", "first row", "none"] = Field(
        default="guess",
        title="Header",
        description="Whether the first row names the columns. Without names they are numbered.",
        json_schema_extra=_GROUP,
    )
    encoding: Literal["guess", "utf-8", "utf-16", "latin-1"] = Field(
        default="guess",
        title="Encoding",
        description="How letters are written as bytes.",
        json_schema_extra=_GROUP,
    )

    def alone(self) -> "Reading":
        """These fields without those of a capability."""
        return Reading(**{name: getattr(self, name) for name in Reading.model_fields})

    def over(self, before: "Reading") -> "Reading":
        """As this one says; what it leaves to the guess, as `before` says. Types are this one's."""
        told = self.alone()
        left = [name for name in Reading.model_fields if getattr(told, name) == "guess"]
        return told.model_copy(update={name: getattr(before, name) for name in left})


GUESSED = Reading()
SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
