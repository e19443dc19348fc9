"""What one attribute alone reveals of the target: a leak, where it is more than the world allows.

An attribute that was written down after the outcome, or a file name that holds the class, predicts it
almost perfectly; so does, in pictures, a brightness that is another for each class.
"""

import numpy as np

BINS = 32  # of numbers
LEAST = 5  # examples of a bin
SUSPICIOUS = 0.95  # of the errors avoided


def error_reduction(values: np.ndarray, classes: np.ndarray) -> float:
    """Goodman and Kruskal's lambda (1954), held out: by which share the errors of guessing fall.

    Each example's class is guessed as the most frequent one of the other examples with the same value, or,
    where there are none, of all. 0: no better than the most frequent class; 1: it determines the class. An
    identifier, whose values are all distinct, thus has 0 and not 1.

    Args:
        values: (N,) indices of the attribute's values.
        classes: (N,) indices.
    """
    counts = np.zeros((values.max() + 1, classes.max() + 1), np.int64)
    np.add.at(counts, (values, classes), 1)
    most_frequent = int(counts.sum(axis=0).argmax())
    others = counts[values]
    others[np.arange(len(values)), classes] -= 1
    is_alone = others.sum(axis=1) == 0
    guesses = np.where(is_alone, most_frequent, others.argmax(axis=1))
    errors, baseline = (guesses != classes).mean(), (classes != most_frequent).mean()
    return max(0.0, float(1 - errors / baseline)) if baseline else 0.0


def explained_variance(values: np.ndarray, numbers: np.ndarray) -> float:
    """The same for numbers: R² of guessing each as the mean of the others with the same value, at least 0."""
    sizes, sums = np.bincount(values)[values], np.bincount(values, numbers)[values]
    total = (numbers.sum() - numbers) / max(1, len(numbers) - 1)
    guesses = np.where(sizes > 1, (sums - numbers) / np.maximum(1, sizes - 1), total)
    spread = np.square(numbers - total).sum()
    return max(0.0, float(1 - np.square(numbers - guesses).sum() / spread)) if spread else 0.0


def binned(numbers: np.ndarray) -> np.ndarray:
    """(N,) numbers -> indices of their values, or, of many, of up to 32 ranges with as many examples each."""
    present, of = np.unique(numbers, return_inverse=True)
    bins = min(BINS, max(1, len(numbers) // LEAST))
    if len(present) <= bins:
        return of
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, bins + 1)))
    return np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
