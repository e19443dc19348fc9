"""Fields of numbers that take no booleans: pydantic reads true as 1."""

from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_NUMBERS = {"int", "float"}


class StrictNumbers:
    """A base beside BaseModel: none of the model's numbers, however nested, accepts true or false."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _without_booleans(handler(source))


def _without_booleans(schema: Any) -> Any:
    if isinstance(schema, list | tuple):
        return type(schema)(_without_booleans(each) for each in schema)
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in _NUMBERS:
        return core_schema.no_info_before_validator_function(_refuse_boolean, schema)  # pyright: ignore[reportArgumentType]
    skipped = ("metadata", "serialization", "ref", "config", "function")
    return {key: each if key in skipped else _without_booleans(each) for key, each in schema.items()}


def _refuse_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "Input should be a number, not true or false")
    return value
