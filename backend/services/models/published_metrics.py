"""The metrics of a shipped model, from the JSON of its evaluation."""

from collections.abc import Mapping
from typing import Any


def of(about: Mapping[str, Any], name: str) -> dict[str, float]:
    """The `metrics` of a model's JSON, or those of `name` on the first of its data sets."""
    found = about.get("metrics")
    if isinstance(found, dict):
        return _numbers(found)
    first = next((value for value in about.values() if isinstance(value, dict)), {})
    measured = first.get(name)
    if isinstance(measured, dict):
        return {**_numbers(measured), **_numbers(about)}
    parts = {part: _numbers(values) for part, values in first.items() if isinstance(values, dict)}
    named = {f"{key}_{part}": value for part, values in parts.items() for key, value in values.items()}
    return {**named, **_numbers(about)}


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float)}
    return {name: float(value) for name, value in numbers.items() if not isinstance(value, bool)}
