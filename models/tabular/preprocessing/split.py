"""The split into training, validation and test rows."""

from dataclasses import dataclass

import numpy as np

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Indices among the used rows, (n,) each, in ascending order.

    The model learns from `training`, the network's best epoch or the strength of the penalty is chosen on
    `validation`, and `test` is used only to measure the quality. Where nothing is chosen, `validation` is
    empty.
    """

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def parts(self) -> dict[str, np.ndarray]:
        """The indices by the name of the part; empty parts too."""
        return dict(zip(PARTS, (self.training, self.validation, self.test), strict=True))

    def names(self) -> np.ndarray:
        """(N,): the name of each row's part."""
        names = np.empty(sum(map(len, self.parts().values())), dtype=object)
        for name, indices in self.parts().items():
            names[indices] = name
        return names


def split(
    targets: np.ndarray, is_classification: bool, *, validation_share: float, test_share: float, seed: int
) -> Split:
    """A random split; classes are stratified, and each has at least one training row.

    Args:
        targets: (N,) the target of each row.
    """
    random = np.random.default_rng(seed)
    groups = [np.flatnonzero(targets == value) for value in np.unique(targets)] if is_classification else []
    parts: list[list[np.ndarray]] = [[], [], []]
    for group in groups or [np.arange(len(targets))]:
        order = random.permutation(group)
        test = min(round(test_share * len(order)), len(order) - 1)
        validation = min(round(validation_share * len(order)), len(order) - 1 - test)
        for part, indices in zip(
            parts, (order[test + validation :], order[test : test + validation], order[:test]), strict=True
        ):
            part.append(indices)
    return Split(*(np.sort(np.concatenate(part)) for part in parts))


def folds(targets: np.ndarray, is_classification: bool, *, count: int, seed: int) -> np.ndarray:
    """(N,): the fold in which each row is tested, at random; -1: in none, it is always a training row.

    Classes are stratified: the folds' numbers of rows of a class differ by one at most. The row of a class
    with a single row is never tested, since no model could know its class.

    Args:
        targets: (N,) the target of each row.
    """
    random = np.random.default_rng([seed, count])
    groups = [np.flatnonzero(targets == value) for value in np.unique(targets)] if is_classification else []
    tested = [group for group in groups if len(group) > 1] if groups else [np.arange(len(targets))]
    fold_of = np.full(len(targets), -1)
    dealt = 0
    for group in tested:
        # dealing goes on where the last class ended, so that the folds are equally large
        fold_of[random.permutation(group)] = (dealt + np.arange(len(group))) % count
        dealt += len(group)
    return fold_of
