"""Numbers with as many digits as a reader can use."""

import numpy as np


def short(value: float) -> float:
    """Six significant digits."""
    return float(f"{value:.6g}")


def round_positions(positions: np.ndarray, drawn: np.ndarray) -> list[list[float]]:
    """To a ten-thousandth of the picture's sides, which contains all `drawn` positions."""
    sides = np.maximum(np.ptp(drawn, axis=0), np.finfo(np.float64).tiny)
    digits = np.clip(4 - np.floor(np.log10(sides)), -300, 300).astype(int)
    columns = [np.round(positions[:, axis], digits[axis]) for axis in range(2)]
    return np.column_stack(columns).tolist()
