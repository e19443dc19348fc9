"""The split into training, validation and test rows."""

from dataclasses import dataclass

import numpy as np

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Indices among the used rows, (n,) each, in ascending order.

    The model learns from `training`, the network's best epoch is chosen on `validation`, and `test` is used
    only to measure the quality.
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
