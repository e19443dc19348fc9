"""A YOLO-style grid detector: every cell of three grids predicts A boxes with objectness and class scores.

Papers: Redmon et al. 2016, You Only Look Once (YOLOv1), arXiv:1506.02640: one pass, a grid, several boxes per
cell, confidence times class probability, leaky ReLU with slope 0.1 (section 2.2). Ge et al. 2021, YOLOX,
arXiv:2107.08430: boxes relative to the cell without anchors, a decoupled head with separate branches for box
and class. Residual units as in YOLOv3's Darknet (arXiv:1804.02767, table 1), a top-down feature pyramid as in
Lin et al. 2017, FPN, arXiv:1612.03144.
Differences: class scores belong to a box, not to its cell; each cell has A = 2 box slots with different base
sizes; the network is much narrower, so that one CPU thread needs only tens of milliseconds.

Shapes: B batch, H and W height and width of the image, h and w those of a grid, A boxes per cell, C classes,
N boxes of all grids together.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import log
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from models.core.training.backbone import Backbone, convolution

STRIDES = (8, 16, 32)
SLOT_SIZES = (2.0, 5.0)  # base side of a slot's box, in cells
PRIOR = 0.01  # initial objectness (RetinaNet, arXiv:1708.02002, section 4.1)
MAX_LOG_SCALE = 5.0  # a side is at most e^5 times the slot's base side: keeps exp() finite


@dataclass(frozen=True)
class Config:
    """The shape of the architecture; saved with the weights."""

    labels: tuple[str, ...]
    widths: tuple[int, ...] = (16, 32, 64, 128, 256)
    depths: tuple[int, ...] = (0, 1, 2, 2, 2)
    neck: int = 64
    image_size: int = 224

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(
            labels=tuple(values["labels"]),
            widths=tuple(values["widths"]),
            depths=tuple(values["depths"]),
            neck=int(values["neck"]),
            image_size=int(values["image_size"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {"architecture": "grid-detector", **asdict(self)}


class Neck(nn.Module):
    """Feature pyramid: maps at strides 8, 16, 32 -> `neck` channels each, coarse added to fine."""

    def __init__(self, config: Config):
        super().__init__()
        self.lateral = nn.ModuleList(convolution(width, config.neck, 1) for width in config.widths[-3:])
        self.smooth = nn.ModuleList(convolution(config.neck, config.neck, 3) for _ in STRIDES)

    def forward(self, features: list[torch.Tensor]) -> list[torch.Tensor]:
        merged = [lateral(x) for lateral, x in zip(self.lateral, features, strict=True)]
        for fine in (1, 0):
            merged[fine] = merged[fine] + F.interpolate(merged[fine + 1], scale_factor=2.0, mode="nearest")
        return [smooth(x) for smooth, x in zip(self.smooth, merged, strict=True)]


class Head(nn.Module):
    """(B, neck, h, w) -> (B, A, 5+C, h, w): for each slot x, y, w, h, objectness and C class logits.

    Decoupled as in YOLOX: one branch for box and objectness, one for the class.
    """

    def __init__(self, config: Config):
        super().__init__()
        slots, classes = len(SLOT_SIZES), len(config.labels)
        self.box_branch = convolution(config.neck, config.neck, 3)
        self.class_branch = convolution(config.neck, config.neck, 3)
        self.box = nn.Conv2d(config.neck, slots * 4, 1)
        self.objectness = nn.Conv2d(config.neck, slots, 1)
        self.classes = nn.Conv2d(config.neck, slots * classes, 1)
        nn.init.normal_(self.box.weight, std=0.01)
        nn.init.zeros_(self.box.bias)  # type: ignore[arg-type]
        nn.init.constant_(self.objectness.bias, -log((1 - PRIOR) / PRIOR))  # type: ignore[arg-type]
        # all classes equally probable: the sigmoid of this bias is 1 / C, of a single class 1 / 2
        nn.init.constant_(self.classes.bias, -log(max(1, classes - 1)))  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        box_features, class_features = self.box_branch(x), self.class_branch(x)
        batch, _, height, width = x.shape
        slots = len(SLOT_SIZES)
        parts = [
            self.box(box_features).view(batch, slots, 4, height, width),
            self.objectness(box_features).view(batch, slots, 1, height, width),
            self.classes(class_features).view(batch, slots, -1, height, width),
        ]
        return torch.cat(parts, dim=2)  # (B, A, 5+C, h, w)


class Detector(nn.Module):
    """(B, 3, H, W) in [0, 1], H and W multiples of 32 -> three grids (B, A, 5+C, h, w)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.backbone = Backbone(3, config.widths, config.depths)
        self.neck = Neck(config)
        self.heads = nn.ModuleList(Head(config) for _ in STRIDES)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return self.grids(self.features(x))

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The backbone's feature maps at `STRIDES`."""
        return self.backbone(x)[-len(STRIDES) :]

    def grids(self, features: list[torch.Tensor]) -> list[torch.Tensor]:
        """The raw values of every cell, from the backbone's feature maps."""
        return [head(x) for head, x in zip(self.heads, self.neck(features), strict=True)]


@dataclass(frozen=True)
class Boxes:
    """Every box of every grid, decoded: the finest grid first, then by row, column and slot."""

    boxes: torch.Tensor  # (B, N, 4) xmin, ymin, xmax, ymax in pixels of the network's input
    objectness: torch.Tensor  # (B, N) logits of Pr(object) * IoU
    classes: torch.Tensor  # (B, N, C) logits
    centers: torch.Tensor  # (N, 2) center of the box's cell, in pixels
    strides: torch.Tensor  # (N,)

    def scores(self) -> torch.Tensor:
        """(B, N, C): confidence times class probability (YOLOv1, equation 1).

        Pr(class | object) * Pr(object) * IoU = Pr(class) * IoU
        """
        return self.objectness.sigmoid()[..., None] * self.classes.sigmoid()


def decode(grids: list[torch.Tensor]) -> Boxes:
    """Decode the raw values of the cells into boxes in pixels.

    The cell at column i and row j of a grid with stride s predicts (x, y, w, h) for a slot whose base side is
    k cells. Its box has the center ((i + 0.5 + x) s, (j + 0.5 + y) s) and the size (k s e^w, k s e^h).
    """
    boxes, objectness, classes, centers, strides = [], [], [], [], []
    for grid, stride in zip(grids, STRIDES, strict=True):
        batch, slots, values, height, width = grid.shape
        raw = grid.permute(0, 3, 4, 1, 2).reshape(batch, -1, values).float()  # (B, h*w*A, 5+C)
        rows, columns = torch.meshgrid(
            torch.arange(height, device=grid.device), torch.arange(width, device=grid.device), indexing="ij"
        )
        cell_center = (torch.stack([columns, rows], dim=-1).float() + 0.5) * stride  # (h, w, 2)
        cell_center = cell_center[:, :, None].expand(height, width, slots, 2).reshape(-1, 2)
        base = torch.tensor(SLOT_SIZES, device=grid.device).repeat(height * width)[:, None] * stride
        center = cell_center + raw[..., 0:2] * stride
        size = base * raw[..., 2:4].clamp(-MAX_LOG_SCALE, MAX_LOG_SCALE).exp()
        boxes.append(torch.cat([center - size / 2, center + size / 2], dim=-1))
        objectness.append(raw[..., 4])
        classes.append(raw[..., 5:])
        centers.append(cell_center)
        strides.append(torch.full((len(cell_center),), float(stride), device=grid.device))
    return Boxes(
        torch.cat(boxes, 1),
        torch.cat(objectness, 1),
        torch.cat(classes, 1),
        torch.cat(centers),
        torch.cat(strides),
    )
