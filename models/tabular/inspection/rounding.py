"""Numbers and predictions as they are shown."""

import math
from collections.abc import Sequence
from typing import Any


def six_digits(value: float) -> float:
    """The value with six significant digits."""
    return float(f"{value:.6g}")


def finite(value: float | None, digits: int = 6) -> float | None:
    """The value with that many significant digits; None if it is not finite."""
    return float(f"{value:.{digits}g}") if value is not None and math.isfinite(value) else None


def shown(predicted: Any, classes: Sequence[str]) -> list[Any]:
    """One row's prediction: the number, or the class and its probability."""
    if not classes:
        return [six_digits(float(predicted))]
    return [classes[int(predicted.argmax())], round(float(predicted.max()), 4)]
