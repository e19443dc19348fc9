"""NanoDet-g: a small detector that knows the 80 object classes of COCO, and from its numbers to boxes.

Paper: Li et al. 2020, Generalized Focal Loss, arXiv:2006.04388. Each cell has one score for each class and no
objectness, and each side of its box is a distribution over the distances 0 to 10 strides instead of a single
number. The network is NanoDet-g by RangiLyu: cross stage partial stages (CSPNet, Wang et al. 2019,
arXiv:1911.11929), and a path aggregation network (PANet, Liu et al. 2018, arXiv:1803.01534) that only resizes
and adds. Batch normalization is part of the weights: every convolution has a bias instead.

    part             layers                                            output for a picture of 416 x 416
    stem             3x3, stride 2, 3 -> 32; max pooling 3x3, stride 2             32 x 104 x 104
    stage 1          CrossStagePartial(32 -> 32, 1 block)                          64 x 104 x 104
    stage 2          CrossStagePartial(64 -> 64, 2 blocks, stride 2)       C3     128 x 52 x 52
    stage 3          CrossStagePartial(128 -> 128, 2 blocks, stride 2)     C4     256 x 26 x 26
    stage 4          CrossStagePartial(256 -> 256, 3 blocks, stride 2)     C5     512 x 13 x 13
    lateral 3, 4, 5  1x1, 128, 256 and 512 -> 128                          L3, L4, L5
    down the path    P5 = L5, P4 = L4 + up(P5), P3 = L3 + up(P4)
    up again         N3 = P3, N4 = P4 + down(N3), N5 = P5 + down(N4)       N3, N4, N5: 128 channels each
    head per level   3x3, 128 -> 128; 1x1, 128 -> 124                      80 + 4 x 11 numbers a cell

Shapes: B batch, c channels of a map, H and W height and width of the image, h and w those of a grid,
C classes (80 of COCO), N cells of all grids together.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from models.core.training.cross_stage import STAGES, CrossStagePartial, convolution

STRIDES = (8, 16, 32)
SIDE = 416  # pixels of the square picture that the network was trained with
DISTANCES = 11  # of a side from the center of its cell: 0 to 10 strides
SIDES = 4  # left, top, right, bottom

LABELS = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard",
    "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip


class Pyramid(nn.Module):
    """C3, C4, C5 -> N3, N4, N5 with `channels` each: coarse maps are added to fine ones, and back."""

    def __init__(self, inputs: tuple[int, ...], channels: int):
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in inputs)

    def forward(self, features: list[torch.Tensor]) -> list[torch.Tensor]:
        maps = [lateral(x) for lateral, x in zip(self.laterals, features, strict=True)]
        for fine in (1, 0):
            maps[fine] = maps[fine] + resized(maps[fine + 1], maps[fine])
        for coarse in (1, 2):
            maps[coarse] = maps[coarse] + resized(maps[coarse - 1], maps[coarse])
        return maps


def resized(x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """`x` in the height and width of `other`, bilinear; pixels are areas, not points."""
    return F.interpolate(x, size=other.shape[2:], mode="bilinear", align_corners=False)


class NanoDet(nn.Module):
    """(B, 3, H, W) as by `normalized`, H and W multiples of 32 -> three grids (B, C + 44, h, w)."""

    def __init__(self, classes: int = len(LABELS)) -> None:
        super().__init__()
        values = classes + SIDES * DISTANCES
        self.stem = convolution(3, 32, 2)
        self.stages = nn.ModuleList(CrossStagePartial(*shape) for shape in STAGES)
        self.pyramid = Pyramid((128, 256, 512), 128)
        self.heads = nn.ModuleList(
            nn.Sequential(convolution(128, 128), nn.Conv2d(128, values, 1)) for _ in STRIDES
        )

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return self.grids(self.pyramid(self.features(x)))

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """C3, C4, C5: the backbone's maps at `STRIDES`."""
        x = F.max_pool2d(self.stem(x), 3, stride=2, padding=1)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps[-len(STRIDES) :]

    def grids(self, maps: list[torch.Tensor]) -> list[torch.Tensor]:
        """The raw values of every cell, from N3, N4 and N5."""
        return [head(x) for head, x in zip(self.heads, maps, strict=True)]


@dataclass(frozen=True)
class Boxes:
    """The box of every cell of every grid: the finest grid first, then by row and column."""

    boxes: torch.Tensor  # (B, N, 4) xmin, ymin, xmax, ymax in pixels of the network's input
    scores: torch.Tensor  # (B, N, C) in [0, 1]
    distances: torch.Tensor  # (B, N, 4, 11) probability of each distance: left, top, right, bottom


def decode(grids: list[torch.Tensor]) -> Boxes:
    """Decode the raw values of the cells into boxes in pixels.

    A cell at column i and row j of a grid with stride s has the center ((i + 0.5) s, (j + 0.5) s). A side of
    its box has 11 logits, whose softmax p_0 ... p_10 are the probabilities of the distances 0 ... 10 strides.
    The side lies at their mean, s (0 p_0 + 1 p_1 + ... + 10 p_10), from the center (equation 4 of the paper).
    """
    boxes, scores, distances = [], [], []
    for grid, stride in zip(grids, STRIDES, strict=True):
        batch, _, height, width = grid.shape
        raw = grid.permute(0, 2, 3, 1).reshape(batch, height * width, -1).float()  # (B, h*w, C + 44)
        classes = raw.shape[2] - SIDES * DISTANCES
        rows, columns = torch.meshgrid(
            torch.arange(height, device=grid.device), torch.arange(width, device=grid.device), indexing="ij"
        )
        center = (torch.stack([columns, rows], dim=-1).reshape(-1, 2).float() + 0.5) * stride  # (h*w, 2)
        logits = raw[..., classes:].view(batch, height * width, SIDES, DISTANCES)
        probabilities = logits.softmax(dim=-1)
        steps = torch.arange(DISTANCES, device=grid.device, dtype=torch.float32)
        distance = (probabilities * steps).sum(dim=-1) * stride  # (B, h*w, 4)
        boxes.append(torch.cat([center - distance[..., :2], center + distance[..., 2:]], dim=-1))
        scores.append(raw[..., :classes].sigmoid())
        distances.append(probabilities)
    return Boxes(torch.cat(boxes, 1), torch.cat(scores, 1), torch.cat(distances, 1))
