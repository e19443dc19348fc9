"""torchvision's detectors for the 80 kinds of things of COCO, opened before their suppression.

Papers: Ren et al. 2015, Faster R-CNN, arXiv:1506.01497; Liu et al. 2016, SSD, arXiv:1512.02325, in the light
form of Sandler et al. 2018, arXiv:1801.04381. The networks are torchvision's own and run as they are;
only their suppression is switched off, so that every candidate comes out, and
`models.detection.suppression` does it instead, by the same rule.
"""

from collections.abc import Mapping
from math import inf
from typing import Any

import torch
from PIL import Image
from torch import nn
from torchvision.models import detection as builders
from torchvision.models.detection.faster_rcnn import FasterRCNN
from torchvision.models.detection.ssd import SSD

from models.core.images.codec import to_tensor
from models.core.images.letterbox import BORDER, Letterbox
from models.core.weights.torchvision import fill
from models.detection.candidates import Candidates
from models.detection.network import Input, Raw

ARCHITECTURES = (
    "ssdlite320_mobilenet_v3_large",
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "fasterrcnn_resnet50_fpn_v2",
)
MOST_PIXELS = 4_000_000  # larger pictures are shrunk first: the networks see far fewer anyway
SLIMMEST = 20  # longer than this many times its width, a picture would shrink to nothing


def build(architecture: str, classes: int) -> nn.Module:
    """The network without weights, for `classes` labels with the background."""
    return getattr(builders, architecture)(weights=None, weights_backbone=None, num_classes=classes)


class CocoNetwork:
    """One of torchvision's detectors with its weights in memory."""

    max_batch = 4

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        self.labels = tuple(config["labels"])
        self.device = device
        self.model = build(config["architecture"], len(self.labels))
        fill(self.model, state)
        self.model.to(device).eval()
        open_up(self.model)

    def prepare(self, upload: Image.Image) -> Input:
        image = upload
        scale = min(1.0, (MOST_PIXELS / (image.width * image.height)) ** 0.5)
        if scale < 1:
            smaller = tuple(max(1, round(length * scale)) for length in image.size)
            image = image.resize(smaller, Image.Resampling.BILINEAR, reducing_gap=3.0)  # type: ignore[arg-type]
        placed = Letterbox(*upload.size, 0, 0, image.width / upload.width, image.height / upload.height)
        least = -(-max(image.size) // SLIMMEST)
        if min(image.size) < least:
            roomier = Image.new("RGB", (max(image.width, least), max(image.height, least)), BORDER)
            roomier.paste(image)
            image = roomier
        return Input(upload, image.resize(self._seen_size(image)), to_tensor(image), placed)

    def _seen_size(self, image: Image.Image) -> tuple[int, int]:
        """Width and height at which the network's own first step resizes the picture."""
        resize: Any = self.model.transform
        if resize.fixed_size is not None:
            return tuple(resize.fixed_size)
        scale = min(resize.min_size[-1] / min(image.size), resize.max_size / max(image.size))
        return max(1, int(image.width * scale)), max(1, int(image.height * scale))

    @torch.inference_mode()
    def forward(self, inputs: list[Input]) -> list[Raw]:
        answers = self.model([each.tensor.to(self.device) for each in inputs])
        return [Raw(answer={name: value.cpu() for name, value in answer.items()}) for answer in answers]

    def candidates(self, given: Input, raw: Raw) -> Candidates:
        """Every box that the network proposes for a label."""
        answer = raw.answer or {}
        return Candidates.sorted(
            given.placed.to_upload(answer["boxes"].float()),
            answer["scores"].float(),
            answer["labels"],
            names=self.labels,
            width=given.upload.width,
            height=given.upload.height,
        )


def open_up(model: nn.Module) -> None:
    """Switch off the network's own suppression and its limit of boxes: no IoU exceeds infinity."""
    suppressing: Any = model.roi_heads if isinstance(model, FasterRCNN) else model
    if not isinstance(model, FasterRCNN | SSD):
        raise TypeError(f"{type(model).__name__} is no detector that can be opened")
    suppressing.nms_thresh = inf
    suppressing.detections_per_img = 2**31 - 1
