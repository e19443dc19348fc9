"""How real and how varied generated pictures are, measured in the features of a judge.

Fréchet distance: Heusel et al. 2017, arXiv:1706.08500, section 3. Precision and recall: Kynkäänniemi et al.
2019, arXiv:1904.06991, section 2. Each compares two sets of features, (N, D) and (M, D).
"""

import numpy as np
from scipy.linalg import eigvalsh
from scipy.spatial.distance import cdist

NEIGHBOR = 3  # of precision and recall
BLOCK = 500  # rows whose distances are in memory at once


def frechet_distance(real: np.ndarray, generated: np.ndarray) -> float:
    """|mu - mu'|^2 + tr(S + S' - 2 (S S')^(1/2)), of Gaussians fitted to both sets; 0 for equal ones."""
    means = [np.asarray(each, np.float64).mean(axis=0) for each in (real, generated)]
    one, other = (np.cov(np.asarray(each, np.float64), rowvar=False) for each in (real, generated))
    # the trace of the root of a product of covariances is the sum of the roots of its eigenvalues, which are
    # those of the symmetric matrix R S' R with R R = S
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    shared = np.sqrt(eigvalsh(root @ other @ root).clip(min=0)).sum()
    return float(np.square(means[0] - means[1]).sum() + np.trace(one) + np.trace(other) - 2 * shared)


def precision_recall(
    real: np.ndarray, generated: np.ndarray, neighbor: int = NEIGHBOR
) -> tuple[float, float]:
    """The share of generated pictures within reach of a real one, and of real ones of a generated one.

    A picture's reach is the distance to its `neighbor`-th nearest of its own set.
    """
    return _share_within(generated, real, neighbor), _share_within(real, generated, neighbor)


def _share_within(points: np.ndarray, others: np.ndarray, neighbor: int) -> float:
    reach = np.concatenate([
        np.partition(cdist(others[start : start + BLOCK], others), neighbor, axis=1)[:, neighbor]
        for start in range(0, len(others), BLOCK)
    ])  # fmt: skip
    inside = [
        (cdist(points[start : start + BLOCK], others) <= reach).any(axis=1)
        for start in range(0, len(points), BLOCK)
    ]
    return float(np.concatenate(inside).mean())


def spread(
    real: np.ndarray, real_labels: np.ndarray, generated: np.ndarray, labels: np.ndarray
) -> dict[int, float]:
    """By class: root mean square distance to the mean, generated over real; 1: as varied, 0: collapsed."""
    return {
        int(label): _radius(generated[labels == label]) / _radius(real[real_labels == label])
        for label in np.unique(labels)
    }


def _radius(features: np.ndarray) -> float:
    return float(np.sqrt(np.square(features - features.mean(axis=0)).sum(axis=1).mean()))


def nearest(pictures: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of `others` for each picture: root mean square distance in gray levels, and index."""
    flat = np.asarray(others, np.float32).reshape(len(others), -1)
    squares = np.square(flat).sum(axis=1)
    distances, indices = [], []
    for start in range(0, len(pictures), BLOCK):
        own = np.asarray(pictures[start : start + BLOCK], np.float32)
        own = own.reshape(len(own), -1)
        table = np.square(own).sum(axis=1)[:, None] + squares - 2 * own @ flat.T
        indices.append(table.argmin(axis=1))
        # once more, exactly: the expanded square loses digits where pictures are nearly equal
        distances.append(np.sqrt(np.square(own - flat[indices[-1]]).mean(axis=1)))
    return np.concatenate(distances), np.concatenate(indices)
