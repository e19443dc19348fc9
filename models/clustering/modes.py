"""k-prototypes for numbers and categories, k-modes where there are only categories; every pass is kept.

Paper: Huang, Extensions to the k-Means Algorithm for Clustering Large Data Sets with Categorical Values, Data
Mining and Knowledge Discovery 2(3), 1998. A row costs its squared distance to the means of its cluster's
numbers, plus `gamma` for each category that is not its cluster's most frequent one (mode). Rows are looked at
one by one, and both clusters of a row that moves get new means and modes at once. Differs from the paper in
one thing: a cluster that lost all rows gets the row that costs most, not a random one.

Shapes: N points of D numbers followed by C categories, written as their indices; K clusters; all float64.
"""

from collections.abc import Iterator

import numpy as np

from models.clustering.lloyd import Step

_LEAST_AHEAD, _MOST_AHEAD = 16, 4096  # rows compared with the centers at once


class MixedCost:
    """k-prototypes; k-modes where `categories` is all that there is and gamma is 1."""

    is_centered, metric = False, "euclidean"

    def __init__(self, sizes: tuple[int, ...], gamma: float):
        self.sizes = sizes  # how many categories each of the last columns has
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
        """One column for each category, so that squared distances are the costs. An unknown one has none."""
        numbers, codes = self.split(points)
        height = np.sqrt(self.gamma / 2.0)  # two categories that differ, differ in two columns
        shown = [
            height * (codes[:, [index]] == np.arange(size)).astype(np.float64)
            for index, size in enumerate(self.sizes)
        ]
        return np.hstack([numbers, *shown])

    def walk(self, points: np.ndarray, start: np.ndarray, max_iter: int) -> Iterator[Step]:
        """The start, the means and modes of its clusters, then each pass over all rows.

        Ends when no row moves, when a pass does not lower the cost, or after `max_iter` passes.
        """
        labels, cost = self._nearest(points, start)
        yield Step(0, start.copy(), labels, len(points), cost)
        clusters = _Clusters(self, points, labels, start)
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
            [self.costs(points[at : at + _MOST_AHEAD], centers) for at in range(0, len(points), _MOST_AHEAD)]
        )
        return table.argmin(axis=1).astype(np.int32), float(table.min(axis=1).sum())


class _Clusters:
    """Rows in clusters, with the sums and counts that give means and modes."""

    def __init__(self, cost: MixedCost, points: np.ndarray, labels: np.ndarray, start: np.ndarray):
        self.cost, self.points = cost, points
        self.numbers, self.codes = cost.split(points)
        self.labels = labels.copy()
        count = len(start)
        self.members = np.bincount(labels, minlength=count)
        self.sums = np.zeros((count, self.numbers.shape[1]))
        np.add.at(self.sums, labels, self.numbers)
        self.counts = [np.zeros((count, size), dtype=np.int64) for size in cost.sizes]
        for column, counted in enumerate(self.counts):
            np.add.at(counted, (labels, self.codes[:, column]), 1)
        means, modes = cost.split(start)
        self.means, self.modes = means.copy(), modes.copy()
        for cluster in range(count):
            if self.members[cluster]:
                self._renew(cluster)
        for cluster in np.flatnonzero(self.members == 0):
            self._fill(int(cluster))

    def centers(self) -> np.ndarray:
        return np.hstack([self.means, self.modes.astype(np.float64)])

    def sweep(self) -> int:
        """One pass over all rows; how many of them moved.

        Rows are compared ahead of time: until one moves, no center changes.
        """
        at, ahead, moves = 0, _LEAST_AHEAD, 0
        while at < len(self.points):
            part = self.points[at : at + ahead]
            nearest = self.cost.costs(part, self.centers()).argmin(axis=1)
            wrong = np.flatnonzero(nearest != self.labels[at : at + ahead])
            if len(wrong) == 0:
                at, ahead = at + ahead, min(2 * ahead, _MOST_AHEAD)
                continue
            row = at + int(wrong[0])
            left = int(self.labels[row])
            self._move(row, int(nearest[wrong[0]]))
            if self.members[left] == 0:
                self._fill(left)
            at, ahead, moves = row + 1, _LEAST_AHEAD, moves + 1
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
            # a mode that is as frequent as another one stays; Huang does not say which to take
            if counted[target, code] > counted[target, self.modes[target, column]]:
                self.modes[target, column] = code
            if self.modes[left, column] == code:
                self.modes[left, column] = counted[left].argmax()
        for cluster in (target, left):
            if self.members[cluster]:
                self.means[cluster] = self.sums[cluster] / self.members[cluster]

    def _renew(self, cluster: int) -> None:
        self.means[cluster] = self.sums[cluster] / self.members[cluster]
        for column, counted in enumerate(self.counts):
            self.modes[cluster, column] = counted[cluster].argmax()

    def _fill(self, empty: int) -> None:
        """Give the cluster the row that costs most, of those whose cluster has others too."""
        costs = self.cost.costs(self.points, self.centers())
        own = costs[np.arange(len(self.points)), self.labels]
        own[self.members[self.labels] < 2] = -1.0
        row = int(own.argmax())
        self._move(row, empty)
        self.modes[empty] = self.codes[row]


def huang(codes: np.ndarray, count: int, random: np.random.RandomState) -> np.ndarray:
    """Rows to start from, (count,): modes drawn as often as they occur, then the row nearest to each."""
    drawn = np.stack([random.choice(np.sort(column), count) for column in codes.T], axis=1)
    chosen: list[int] = []
    for modes in drawn:
        apart = (codes != modes).sum(axis=1)
        for row in np.argsort(apart, kind="stable"):
            if not any((codes[row] == codes[other]).all() for other in chosen):
                chosen.append(int(row))
                break
    # fewer unlike rows than clusters: the first others
    others = (row for row in range(len(codes)) if row not in set(chosen))
    return np.array([*chosen, *(next(others) for _ in range(count - len(chosen)))])


def cao(codes: np.ndarray, count: int) -> np.ndarray:
    """Rows to start from, (count,): where categories are frequent, and far from those that were taken.

    Cao, Liang and Bai, A new initialization method for categorical data clustering, Expert Systems with
    Applications 36(7), 2009.
    """
    density = np.mean([np.bincount(column)[column] / len(codes) for column in codes.T], axis=0)
    chosen = [int(density.argmax())]
    least = np.full(len(codes), np.inf)
    while len(chosen) < count:
        least = np.minimum(least, (codes != codes[chosen[-1]]).sum(axis=1) * density)
        chosen.append(int(least.argmax()))
    return np.array(chosen)
