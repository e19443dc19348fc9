"""The plane in which points differ most: principal components."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Plane:
    """A plane through the points' mean."""

    mean: np.ndarray  # (D,)
    axes: np.ndarray  # (2, D), unit vectors
    shares: np.ndarray  # (2,), each axis' share of the variance

    def positions(self, points: np.ndarray) -> np.ndarray:
        """(N, 2)"""
        return (points - self.mean) @ self.axes.T

    def points(self, positions: np.ndarray) -> np.ndarray:
        """(N, D), within the plane."""
        return positions @ self.axes + self.mean


def project(points: np.ndarray) -> Plane:
    """The first two principal components of `points` (N, D), D at least 2 (Pearson 1901)."""
    mean = points.mean(axis=0)
    centered = points - mean
    values, vectors = np.linalg.eigh(centered.T @ centered)
    axes = vectors[:, ::-1][:, :2].T
    # the sign of a component is arbitrary: its largest entry is made positive, so that pictures are stable
    signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    total = max(float(values.sum()), np.finfo(np.float64).tiny)
    return Plane(mean, axes * signs[:, None], values[::-1][:2].clip(0) / total)
