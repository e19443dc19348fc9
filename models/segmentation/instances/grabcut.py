"""GrabCut: which pixels near the edge of a mask belong to it, by their colors.

Paper: Rother et al. 2004, GrabCut: Interactive Foreground Extraction using Iterated Graph Cuts, section 3.
There the user draws a box; here a network's mask shows what is surely inside and surely outside, and only the
band between is decided. Each side has a Gaussian mixture of K colors. A labeling a of the pixels costs

    E(a) = sum_n D(a_n, z_n) + gamma * sum_{m, n neighbors, a_m != a_n} exp(-beta |z_m - z_n|^2) / |m - n|
    D(a, z) = min_k (-log pi_k + log det(S_k) / 2 + (z - mu_k)^T S_k^-1 (z - mu_k) / 2)

and the cheapest one is a minimum cut, which equals a maximum flow (Boykov and Jolly 2001). Mixtures and
labels are computed in turns. Difference: the mixtures start from slices along the main axis of the colors.

Shapes: h and w height and width of the picture, N pixels, K components.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

COMPONENTS = 5
GAMMA = 50.0  # section 3.2
ITERATIONS = 2
BAND = 1 / 40  # of the picture's side: how far the true edge may be from the mask's
_SCALE = 20.0  # maximum_flow takes whole numbers
_MOST = 4000  # pixels that a mixture is fitted to
_NEIGHBORS = ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 2**0.5), (1, -1, 2**0.5))  # rows, columns, distance


@dataclass(frozen=True)
class Mixture:
    """A Gaussian mixture over colors."""

    offsets: np.ndarray  # (K,): -log pi + log det(S) / 2
    means: np.ndarray  # (K, 3)
    roots: np.ndarray  # (K, 3, 3): R with R^T R = S^-1

    def cost(self, colors: np.ndarray) -> np.ndarray:
        """(N,): D of each color (N, 3)."""
        return self.costs(colors).min(axis=1)

    def costs(self, colors: np.ndarray) -> np.ndarray:
        """(N, K): the cost of each color in each component."""
        away = colors[:, None] - self.means
        return self.offsets + 0.5 * (np.einsum("kij,nkj->nki", self.roots, away) ** 2).sum(axis=2)


def fit(colors: np.ndarray) -> Mixture:
    """The mixture of the colors (N, 3), by a few rounds of hard assignments."""
    colors = colors[:: max(1, len(colors) // _MOST)]
    axis = np.linalg.eigh(np.cov(colors, rowvar=False) + 1e-3 * np.eye(3))[1][:, -1]
    rank = (colors @ axis).argsort().argsort()
    mixture = _of(colors, rank * COMPONENTS // len(colors))
    for _ in range(3):
        mixture = _of(colors, mixture.costs(colors).argmin(axis=1))
    return mixture


def _of(colors: np.ndarray, assigned: np.ndarray) -> Mixture:
    offsets, means, roots = [], [], []
    for k in np.unique(assigned):
        members = colors[assigned == k]
        covariance = np.cov(members, rowvar=False) if len(members) > 3 else np.zeros((3, 3))
        covariance = covariance + 4.0 * np.eye(3)  # a flat color still has noise
        offsets.append(-np.log(len(members) / len(colors)) + 0.5 * np.linalg.slogdet(covariance)[1])
        means.append(members.mean(axis=0))
        roots.append(np.linalg.cholesky(np.linalg.inv(covariance)).T)
    return Mixture(np.array(offsets), np.array(means), np.array(roots))


def sharpened(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The mask (h, w) with its edge moved to where the colors of the picture (h, w, 3) change.

    A mask without a sure inside or outside is returned as it is.
    """
    reach = max(2, round(BAND * max(mask.shape)))
    inside = ndimage.binary_erosion(mask, iterations=reach, border_value=1)
    outside = np.logical_not(ndimage.binary_dilation(mask, iterations=reach))
    if inside.sum() < COMPONENTS or outside.sum() < COMPONENTS:
        return mask
    return cut(picture, mask, ~(inside | outside), ITERATIONS)


def cut(picture: np.ndarray, mask: np.ndarray, open_pixels: np.ndarray, iterations: int) -> np.ndarray:
    """The mask (h, w) after the pixels where `open_pixels` is true were decided anew."""
    if not open_pixels.any():
        return mask
    colors = picture.astype(np.float64)
    links = _links(colors)
    near = np.asarray(
        ndimage.binary_dilation(open_pixels, iterations=20)
    )  # distant colors do not describe this edge
    for _ in range(iterations):
        foreground, background = near & mask, near & ~mask
        if foreground.sum() < COMPONENTS or background.sum() < COMPONENTS:
            return mask
        costs = [fit(colors[side]).cost(colors[open_pixels]) for side in (foreground, background)]
        mask = mask.copy()
        mask[open_pixels] = _minimum_cut(mask, open_pixels, links, costs[0], costs[1])
    return mask


def _links(colors: np.ndarray) -> list[np.ndarray]:
    """For each of `_NEIGHBORS`, (h, w): what a cut between a pixel and that neighbor costs."""
    differences = [((colors - _moved(colors, r, c)) ** 2).sum(axis=2) for r, c, _ in _NEIGHBORS]
    beta = 1 / (2 * max(1e-6, float(np.mean([each.mean() for each in differences]))))
    return [
        GAMMA * np.exp(-beta * each) / distance
        for each, (_, _, distance) in zip(differences, _NEIGHBORS, strict=True)
    ]


def _moved(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The value of the pixel `rows` below and `columns` to the right, for every pixel."""
    return np.roll(values, (-rows, -columns), axis=(0, 1))


def _minimum_cut(
    mask: np.ndarray,
    open_pixels: np.ndarray,
    links: list[np.ndarray],
    foreground_cost: np.ndarray,
    background_cost: np.ndarray,
) -> np.ndarray:
    """(N,) bool for the open pixels: on the side of the source, which is the foreground."""
    height, width = mask.shape
    count = len(foreground_cost)
    source, sink = count, count + 1
    number = np.full(mask.shape, -1)
    number[open_pixels] = np.arange(count)
    # cutting a pixel from the source makes it background, so that link costs what the background does
    least = np.minimum(foreground_cost, background_cost)
    to_source, to_sink = background_cost - least, foreground_cost - least
    rows, columns, weights = [], [], []
    for link, (down, right, _) in zip(links, _NEIGHBORS, strict=True):
        ys, xs = np.mgrid[0 : height - down, max(0, -right) : width - max(0, right)]
        ys, xs = ys.ravel(), xs.ravel()
        a, b = number[ys, xs], number[ys + down, xs + right]
        weight = link[ys, xs]
        both = (a >= 0) & (b >= 0)
        rows.append(a[both])
        columns.append(b[both])
        weights.append(weight[both])
        for own, other_y, other_x in ((a, ys + down, xs + right), (b, ys, xs)):
            # a decided neighbor stands for its terminal
            edge = (own >= 0) & (number[other_y, other_x] < 0)
            decided = mask[other_y[edge], other_x[edge]]
            np.add.at(to_source, own[edge][decided], weight[edge][decided])
            np.add.at(to_sink, own[edge][~decided], weight[edge][~decided])
    one, other, weight = (np.concatenate(each) for each in (rows, columns, weights))
    nodes = np.arange(count)
    graph = coo_array(
        (
            np.round(_SCALE * np.concatenate([weight, weight, to_source, to_sink])).astype(np.int32),
            (
                np.concatenate([one, other, np.full(count, source), nodes]),
                np.concatenate([other, one, nodes, np.full(count, sink)]),
            ),
        ),
        shape=(count + 2, count + 2),
    ).tocsr()
    flow = maximum_flow(graph, source, sink).flow
    residual = csr_array(graph - flow)
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    reached = np.zeros(count + 2, bool)
    reached[breadth_first_order(residual, source, return_predecessors=False)] = True
    return reached[:count]
