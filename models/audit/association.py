"""Columns that stand for another: a model without the group's column can find the group in its proxies.

Numbers have the correlation ratio eta (Pearson 1911): the root of the share of their variance that lies
between the groups. Categories have Cramer's V with Bergsma's correction (2013), which is near 0 for unrelated
columns however many values they have. Both are between 0, unrelated, and 1, one follows from the other.
"""

import numpy as np


def correlation_ratio(values: np.ndarray, groups: np.ndarray) -> float:
    """Eta of (N,) numbers with (N,) group indices. Example: 1, 1, 3, 3 in groups 0, 0, 1, 1 gives 1."""
    total = float(np.square(values - values.mean()).sum())
    if total == 0:
        return 0.0
    sizes = np.bincount(groups)
    means = np.bincount(groups, values) / np.maximum(sizes, 1)
    return float(np.sqrt((sizes * np.square(means - values.mean())).sum() / total))


def cramers_v(one: np.ndarray, other: np.ndarray) -> float:
    """V of two columns of (N,) indices, corrected for chance."""
    rows = len(one)
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    height, width = table.shape
    if min(height, width) < 2 or rows < 2:
        return 0.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / rows
    phi = float((np.square(table - expected) / expected).sum()) / rows
    corrected = max(0.0, phi - (height - 1) * (width - 1) / (rows - 1))
    height, width = (size - (size - 1) ** 2 / (rows - 1) for size in (height, width))
    smaller = min(height, width) - 1
    return float(np.sqrt(corrected / smaller)) if smaller > 0 else 0.0
