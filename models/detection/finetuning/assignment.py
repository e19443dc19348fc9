"""Which cells have to predict which object: ATSS.

Paper: Zhang et al. 2020, Bridging the Gap Between Anchor-based and Anchor-free Detection via Adaptive
Training Sample Selection, arXiv:1912.02424, algorithm 1. For each object:

1. candidates are the 9 cells of each grid whose centers are nearest to the object's center;
2. each candidate has a square anchor of 5 strides a side, and the IoU u of that with the object;
3. the threshold is the mean of all u plus their standard deviation: high where one grid fits the object's
   size clearly better than the others, low where several do;
4. candidates with u at or above the threshold whose centers lie in the object are assigned to it.

A cell that several objects select is assigned to the one whose u is greatest. Difference from the paper: an
object that gets no cell, because it is smaller than the cells are apart, gets its best candidate.

Shapes: T objects in an image, N cells of all grids, K candidates. Boxes: xmin, ymin, xmax, ymax in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torchvision.ops import box_iou

NEAREST = 9  # cells of each grid: k of the paper
ANCHOR = 5  # strides: side of a cell's anchor, as of NanoDet


@dataclass(frozen=True)
class Cells:
    """The cells of all grids, the finest grid first, then by row and column."""

    centers: torch.Tensor  # (N, 2) x, y in pixels
    strides: torch.Tensor  # (N,)
    counts: tuple[int, ...]  # cells of each grid

    @classmethod
    def of(cls, shapes: Sequence[tuple[int, int]], strides: Sequence[int]) -> "Cells":
        """From (rows, columns) of each grid."""
        centers, each_stride = [], []
        for (rows, columns), stride in zip(shapes, strides, strict=True):
            y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
            centers.append((torch.stack([x, y], dim=-1).reshape(-1, 2).float() + 0.5) * stride)
            each_stride.append(torch.full((rows * columns,), float(stride)))
        return cls(torch.cat(centers), torch.cat(each_stride), tuple(len(each) for each in centers))

    @property
    def anchors(self) -> torch.Tensor:
        """(N, 4) the square around each center."""
        half = self.strides[:, None] * ANCHOR / 2
        return torch.cat([self.centers - half, self.centers + half], dim=1)


def assign(cells: Cells, boxes: torch.Tensor) -> torch.Tensor:
    """(N,) int64: the object of each cell, an index into `boxes` (T, 4); -1 for background."""
    assigned = torch.full((len(cells.centers),), -1)
    if not len(boxes):
        return assigned
    iou = box_iou(boxes, cells.anchors)  # (T, N)
    candidates = _candidates(cells, boxes)  # (T, K)
    own = iou.gather(1, candidates)  # (T, K), u
    threshold = own.mean(1, keepdim=True) + own.std(1, keepdim=True)
    centers = cells.centers[candidates]  # (T, K, 2)
    is_inside = ((centers > boxes[:, None, :2]) & (centers < boxes[:, None, 2:])).all(-1)
    is_positive = (own >= threshold) & is_inside
    is_empty = ~is_positive.any(1)
    is_positive[is_empty, own[is_empty].argmax(1)] = True
    positive = torch.full_like(iou, -1.0)
    positive.scatter_(1, candidates, torch.where(is_positive, own, -1.0))
    best, index = positive.max(0)
    return torch.where(best >= 0, index, assigned)


def _candidates(cells: Cells, boxes: torch.Tensor) -> torch.Tensor:
    """(T, K) indices of the nearest cells of every grid."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    parts, start = [], 0
    for count in cells.counts:
        distances = torch.cdist(middle, cells.centers[start : start + count])
        parts.append(start + distances.topk(min(NEAREST, count), largest=False).indices)
        start += count
    return torch.cat(parts, dim=1)
