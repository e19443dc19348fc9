"""Which rows are learned from, which the best epoch is chosen by, and which nothing is learned from."""

from dataclasses import dataclass

import numpy as np

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Places among the used rows, (n,) each, in rising order."""

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def parts(self) -> dict[str, np.ndarray]:
        """By name; those without rows too."""
        return dict(zip(PARTS, (self.training, self.validation, self.test), strict=True))

    def names(self) -> np.ndarray:
        """(N,): the name of each row's part."""
        names = np.empty(sum(map(len, self.parts().values())), dtype=object)
        for name, places in self.parts().items():
            names[places] = name
        return names


def split(
    truth: np.ndarray, is_classes: bool, *, validation_share: float, test_share: float, seed: int
) -> Split:
    """At random; classes in like proportions in each part, and each in training at the least.

    Args:
        truth: (N,) the target of each row.
    """
    random = np.random.default_rng(seed)
    groups = [np.flatnonzero(truth == value) for value in np.unique(truth)] if is_classes else []
    found: list[list[np.ndarray]] = [[], [], []]
    for group in groups or [np.arange(len(truth))]:
        order = random.permutation(group)
        test = min(round(test_share * len(order)), len(order) - 1)
        validation = min(round(validation_share * len(order)), len(order) - 1 - test)
        for part, places in zip(
            found, (order[test + validation :], order[test : test + validation], order[:test]), strict=True
        ):
            part.append(places)
    return Split(*(np.sort(np.concatenate(part)) for part in found))
