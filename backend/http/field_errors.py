"""What is wrong with a field: pydantic's English, with ids and values by which pages translate it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from backend.errors import pointer
from models.core.contract.messages import Text, message_of

_TEXTS = {
    name: Text(f"core.fields.{name}", english)
    for name, english in {
        "missing": "Field required",
        "extra_forbidden": "Extra inputs are not permitted",
        "unknown": "Unknown; possible are: {known}",
        "greater_than": "Input should be greater than {gt}",
        "greater_than_equal": "Input should be greater than or equal to {ge}",
        "less_than": "Input should be less than {lt}",
        "less_than_equal": "Input should be less than or equal to {le}",
        "multiple_of": "Input should be a multiple of {multiple_of}",
        "finite_number": "Input should be a finite number",
        "int_type": "Input should be a valid integer",
        "int_parsing": "Input should be a valid integer, unable to parse string as an integer",
        "int_from_float": "Input should be a valid integer, got a number with a fractional part",
        "float_type": "Input should be a valid number",
        "float_parsing": "Input should be a valid number, unable to parse string as a number",
        "bool_type": "Input should be a valid boolean",
        "bool_parsing": "Input should be a valid boolean, unable to interpret input",
        "string_type": "Input should be a valid string",
        "string_too_short": "String should have at least {min_length} {min_length:character|characters}",
        "string_too_long": "String should have at most {max_length} {max_length:character|characters}",
        "string_pattern_mismatch": "String should match pattern '{pattern}'",
        "enum": "Input should be {expected}",
        "literal_error": "Input should be {expected}",
        "list_type": "Input should be a valid list",
        "dict_type": "Input should be a valid dictionary",
        "too_short": "At least {min_length} {min_length:value is|values are} needed, not {actual_length}",
        "too_long": "At most {max_length} {max_length:value is|values are} allowed, not {actual_length}",
    }.items()
}


def field_error(
    found: Mapping[str, Any], location: Sequence[Any], known: Collection[str] = ()
) -> dict[str, str]:
    """One error of a problem: a pointer to the field, and what is wrong with it.

    Args:
        found: as `ValidationError.errors()` lists it, with its context.
        known: the fields of the object that was validated.
    """
    return {"pointer": pointer(location), "detail": _detail(found, known)}


def _detail(found: Mapping[str, Any], known: Collection[str]) -> str:
    context = found.get("ctx", {})
    if found["type"] == "extra_forbidden" and len(found["loc"]) == 1 and known:
        return _TEXTS["unknown"](known=", ".join(known))
    if isinstance(context.get("error"), ValueError):  # of a validator of ours
        return message_of(context["error"])
    text = _TEXTS.get(found["type"])
    if text is None:
        return str(found["msg"])
    return text(**{blank: _plain(context[blank]) for blank in context if f"{{{blank}" in text.english})


def _plain(value: Any) -> Any:
    """Whole numbers without a decimal point, as pydantic writes them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
