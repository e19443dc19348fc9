"""k-prototypes for numbers and categories, and k-modes for categories alone; every pass is kept.

Paper: Huang, Extensions to the k-Means Algorithm for Clustering Large Data Sets with Categorical Values, Data
Mining and Knowledge Discovery 2(3), 1998.

    cost of row i in cluster k   Σ_numbers (x_ij - mean_kj)² + gamma · Σ_categories [x_ij ≠ mode_kj]

The mode is a cluster's most frequent category. Rows are visited one by one; when a row moves, both clusters
update their means and modes at once. One difference from the paper: a cluster that lost all its rows takes
the row with the highest cost, not a random one.

Shapes: N points of D numbers followed by C categories, written as their indices; K clusters; all float64.
"""

from collections.abc import Iterator

import numpy as np

from models.clustering.lloyd import Step

_MIN_BLOCK, _MAX_BLOCK = 16, 4096  # rows compared with the centers at once


class MixedDistance:
    """k-prototypes; with categories alone and gamma 1, k-modes."""

    is_centered, metric = False, "euclidean"

    def __init__(self, sizes: tuple[int, ...], gamma: float):
        self.sizes = sizes  # number of categories of each of the last columns
        self.gamma = gamma

    def split(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The numbers (N, D), and the categories as indices (N, C)."""
        cut = points.shape[1] - len(self.sizes)
        return points[:, :cut], points[:, cut:].astype(np.int64)

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        numbers, codes = self.split(points)
        means, modes = self.split(centers)
        squared = ((numbers[:, None] - means[None]) ** 2).sum(axis=2)
        return squared + self.gamma * (codes[:, None] != modes[None]).sum(axis=2)

    def embed(self, points: np.ndarray) -> np.ndarray:
        """One column for each category, so that squared distances are the costs. Unknown ones have none."""
        numbers, codes = self.split(points)
        height = np.sqrt(self.gamma / 2.0)  # two different categories differ in two columns
        indicators = [
            height * (codes[:, [index]] == np.arange(size)).astype(np.float64)
            for index, size in enumerate(self.sizes)
        ]
        return np.hstack([numbers, *indicators])

    def iterate(self, points: np.ndarray, centers: np.ndarray, max_iter: int) -> Iterator[Step]:
        """The initial centers, the means and modes of their clusters, then each pass over all rows.

        Ends when no row moves, when a pass does not reduce the cost, or after `max_iter` passes.
        """
        labels, cost = self._nearest(points, centers)
        yield Step(0, centers.copy(), labels, len(points), cost)
        clusters = _Clusters(self, points, labels, centers)
        before = cost = np.inf
        for number in range(1, max_iter + 2):
            moves = clusters.sweep() if number > 1 else 0
            centers = clusters.centers()
            labels, cost = self._nearest(points, centers)
            yield Step(number, centers, labels, moves, cost)
            if number > 1 and (moves == 0 or cost >= before):
                return
            before = cost

    def _nearest(self, points: np.ndarray, centers: np.ndarray) -> tuple[np.ndarray, float]:
        table = np.vstack(
            [self.costs(points[at : at + _MAX_BLOCK], centers) for at in range(0, len(points), _MAX_BLOCK)]
        )
        return table.argmin(axis=1).astype(np.int32), float(table.min(axis=1).sum())


class _Clusters:
    """Rows in clusters, with the sums and counts from which means and modes follow."""

    def __init__(self, distance: MixedDistance, points: np.ndarray, labels: np.ndarray, centers: np.ndarray):
        self.distance, self.points = distance, points
        self.numbers, self.codes = distance.split(points)
        self.labels = labels.copy()
        count = len(centers)
        self.members = np.bincount(labels, minlength=count)
        self.sums = np.zeros((count, self.numbers.shape[1]))
        np.add.at(self.sums, labels, self.numbers)
        self.counts = [np.zeros((count, size), dtype=np.int64) for size in distance.sizes]
        for column, counted in enumerate(self.counts):
            np.add.at(counted, (labels, self.codes[:, column]), 1)
        means, modes = distance.split(centers)
        self.means, self.modes = means.copy(), modes.copy()
        for cluster in range(count):
            if self.members[cluster]:
                self._update(cluster)
        for cluster in np.flatnonzero(self.members == 0):
            self._fill(int(cluster))

    def centers(self) -> np.ndarray:
        return np.hstack([self.means, self.modes.astype(np.float64)])

    def sweep(self) -> int:
        """One pass over all rows; the number of rows that moved.

        Rows are compared in blocks, as no center changes until a row moves.
        """
        at, size, moves = 0, _MIN_BLOCK, 0
        while at < len(self.points):
            block = self.points[at : at + size]
            nearest = self.distance.costs(block, self.centers()).argmin(axis=1)
            misplaced = np.flatnonzero(nearest != self.labels[at : at + size])
            if len(misplaced) == 0:
                at, size = at + size, min(2 * size, _MAX_BLOCK)
                continue
            row = at + int(misplaced[0])
            left = int(self.labels[row])
            self._move(row, int(nearest[misplaced[0]]))
            if self.members[left] == 0:
                self._fill(left)
            at, size, moves = row + 1, _MIN_BLOCK, moves + 1
        return moves

    def _move(self, row: int, target: int) -> None:
        left = int(self.labels[row])
        self.labels[row] = target
        for cluster, sign in ((target, 1), (left, -1)):
            self.members[cluster] += sign
            self.sums[cluster] += sign * self.numbers[row]
            for column, counted in enumerate(self.counts):
                counted[cluster, self.codes[row, column]] += sign
        for column, counted in enumerate(self.counts):
            code = self.codes[row, column]
            # a mode stays where another category is as frequent; the paper leaves this open
            if counted[target, code] > counted[target, self.modes[target, column]]:
                self.modes[target, column] = code
            if self.modes[left, column] == code:
                self.modes[left, column] = counted[left].argmax()
        for cluster in (target, left):
            if self.members[cluster]:
                self.means[cluster] = self.sums[cluster] / self.members[cluster]

    def _update(self, cluster: int) -> None:
        self.means[cluster] = self.sums[cluster] / self.members[cluster]
        for column, counted in enumerate(self.counts):
            self.modes[cluster, column] = counted[cluster].argmax()

    def _fill(self, empty: int) -> None:
        """Give the cluster the row with the highest cost, of those whose cluster has other rows too."""
        costs = self.distance.costs(self.points, self.centers())
        current = costs[np.arange(len(self.points)), self.labels]
        current[self.members[self.labels] < 2] = -1.0
        row = int(current.argmax())
        self._move(row, empty)
        self.modes[empty] = self.codes[row]
