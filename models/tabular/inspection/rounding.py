"""Numbers as they are shown."""

import math


def short(value: float) -> float:
    """Six digits."""
    return float(f"{value:.6g}")


def nearly(value: float | None, digits: int = 6) -> float | None:
    """So many digits; None for what is no finite number."""
    return float(f"{value:.{digits}g}") if value is not None and math.isfinite(value) else None
