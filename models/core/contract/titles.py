"""Titles of the choices of a param, beside the choices."""

from collections.abc import Mapping
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Titles:
    """What a form calls the choices of a Literal or an enumeration, in their order.

        decimal: Annotated[Literal["guess", "point", "comma"], Titles("Automatic", "Point", "Comma")]

    The JSON Schema has them as `titles`, by choice.
    """

    def __init__(self, *titles: str):
        self._titles = titles

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Raises ValueError: not one title for each choice."""
        schema = handler(core_schema)
        choices = handler.resolve_ref_schema(schema)["enum"]
        return {**schema, "titles": dict(zip(choices, self._titles, strict=True))}


def titled_choices(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """(choice, its title or None) of a property of a JSON Schema; numbers need none and are left out."""
    branches = [field, *field.get("anyOf", [])]
    if isinstance(field.get("additionalProperties"), dict):
        branches.append(field["additionalProperties"])
    found = []
    for branch in branches:
        named = definitions.get(branch.get("$ref", "").rpartition("/")[2], {})
        titles = branch.get("titles", {})
        choices = (*branch.get("enum", []), *named.get("enum", []))
        found += [(choice, titles.get(choice)) for choice in choices if isinstance(choice, str)]
    return found
