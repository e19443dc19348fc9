"""Whether groups differ by more than chance: p values of numbers and of categories."""

import numpy as np
from scipy.stats import chi2, rankdata

LEAST_EXPECTED = 5  # of a cell, for the chi-squared distribution to hold


def p_of_numbers(values: np.ndarray, groups: np.ndarray) -> float:
    """Of (N,) numbers with (N,) group indices: the test of Kruskal and Wallis (1952), corrected for ties.

    Example: 1, 2, 3 against 4, 5, 6 gives H = 3.857 and p = 0.0495.
    """
    rows, sizes = len(values), np.bincount(groups)
    present = sizes > 0
    ranks = rankdata(values)
    _, ties = np.unique(values, return_counts=True)
    correction = 1 - float((ties.astype(float) ** 3 - ties).sum()) / max(1, rows**3 - rows)
    if present.sum() < 2 or correction <= 0:
        return 1.0
    means = np.bincount(groups, ranks)[present] / sizes[present]
    h = 12 / (rows * (rows + 1)) * float((sizes[present] * np.square(means - (rows + 1) / 2)).sum())
    return float(chi2.sf(h / correction, present.sum() - 1))


def p_of_categories(one: np.ndarray, other: np.ndarray) -> float:
    """Of two columns of (N,) indices: Pearson's chi-squared test; rare categories are taken together."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    table = _pooled(_pooled(table).T)
    if min(table.shape) < 2:
        return 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float((np.square(table - expected) / expected).sum())
    return float(chi2.sf(statistic, (table.shape[0] - 1) * (table.shape[1] - 1)))


def _pooled(table: np.ndarray) -> np.ndarray:
    """With the rows whose cells are expected to hold too few as one row."""
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    if not table.size:
        return table
    least = table.sum(axis=0).min() / table.sum()
    is_rare = table.sum(axis=1) * least < LEAST_EXPECTED
    return np.concatenate([table[~is_rare], table[is_rare].sum(axis=0)[None]]) if is_rare.any() else table
