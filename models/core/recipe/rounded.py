"""Metrics as they are written to a model's JSON file."""

from typing import Any

import numpy as np

DECIMALS = 4


def rounded(value: Any) -> Any:
    """Numbers rounded to four decimals, in any nesting of dictionaries and lists."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(float(value), DECIMALS) if isinstance(value, float | np.floating) else value
