"""torchvision's detectors for other programs: every candidate box with its score and label.

The picture is resized inside, by the network's own first step, so any size can be given.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torchvision.models.detection.faster_rcnn import FasterRCNN
from torchvision.models.detection.ssd import SSD
from torchvision.ops.boxes import clip_boxes_to_image

from models.core.exporting.exported import Outputs

BACKGROUND = 0  # index of the label that is no object
SURE = 0.05  # torchvision's detectors leave out candidates with a lower score


class OneStage(nn.Module):
    """SSD: (1, 3, H, W) in [0, 1] -> boxes (N, 4) in pixels, scores (N,), labels (N,)."""

    def __init__(self, detector: SSD):
        super().__init__()
        self.detector = detector

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        network = self.detector
        resized, _ = network.transform([image[0]])
        features = list(network.backbone(resized.tensors).values())
        found = network.head(features)
        (anchors,) = network.anchor_generator(resized, features)
        boxes = network.box_coder.decode_single(found["bbox_regression"][0], anchors)
        scores = found["cls_logits"][0].softmax(dim=-1)
        boxes = _in_picture(boxes, resized.image_sizes[0], image)
        return _one_row_each(boxes[:, None].expand(-1, scores.shape[1], 4), scores)


class TwoStages(nn.Module):
    """Faster R-CNN: (1, 3, H, W) in [0, 1] -> boxes (N, 4) in pixels, scores (N,), labels (N,).

    The region proposals are suppressed inside, as the second stage depends on them: N varies.
    """

    def __init__(self, detector: FasterRCNN):
        super().__init__()
        self.detector = detector

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        network, heads = self.detector, cast(Any, self.detector.roi_heads)
        resized, _ = network.transform([image[0]])
        features = network.backbone(resized.tensors)
        proposals, _ = network.rpn(resized, features)
        regions = heads.box_head(heads.box_roi_pool(features, proposals, resized.image_sizes))
        logits, offsets = heads.box_predictor(regions)
        boxes = heads.box_coder.decode(offsets, proposals)
        return _one_row_each(_in_picture(boxes, resized.image_sizes[0], image), logits.softmax(dim=-1))


def _in_picture(boxes: torch.Tensor, size: Any, image: torch.Tensor) -> torch.Tensor:
    """Boxes in pixels of the resized picture -> in pixels of the given one, clipped to its edges."""
    height, width = size
    scale = [image.shape[3] / width, image.shape[2] / height] * 2
    factors = torch.stack([torch.as_tensor(value, dtype=torch.float32) for value in scale])
    return clip_boxes_to_image(boxes, (height, width)) * factors


def _one_row_each(
    boxes: torch.Tensor, scores: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Boxes (K, C, 4) and scores (K, C) -> one row for each place and class, without the background."""
    labels = torch.arange(scores.shape[1], device=scores.device).expand_as(scores)
    return (
        boxes[:, BACKGROUND + 1 :].reshape(-1, 4),
        scores[:, BACKGROUND + 1 :].reshape(-1),
        labels[:, BACKGROUND + 1 :].reshape(-1),
    )


def matched(in_torch: Sequence[np.ndarray], in_onnx: Sequence[np.ndarray]) -> tuple[Outputs, Outputs]:
    """The boxes, scores and labels of both that count, `in_onnx` in the order of their nearest in `in_torch`.

    The order of the proposals, and which of the worst of them are kept, depends on the last bits of their
    scores.
    """
    in_torch, in_onnx = _sure(in_torch), _sure(in_onnx)
    if len(in_torch[0]) != len(in_onnx[0]):
        return in_torch, in_onnx
    place, other = (np.column_stack([*each[:2], 1e6 * each[2]]) for each in (in_torch, in_onnx))
    nearest = np.abs(place[:, None] - other[None]).max(axis=2).argmin(axis=1)
    return in_torch, [values[nearest] for values in in_onnx]


def _sure(outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [values[outputs[1] >= SURE] for values in outputs]
