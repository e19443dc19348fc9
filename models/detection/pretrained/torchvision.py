"""torchvision's detectors for the 80 object classes of COCO, with their suppression switched off.

Papers: Ren et al. 2015, Faster R-CNN, arXiv:1506.01497; Liu et al. 2016, SSD, arXiv:1512.02325, in the light
form of Sandler et al. 2018, arXiv:1801.04381. The networks are torchvision's own and unchanged, except that
they return every candidate: `models.detection.suppression` suppresses the duplicates, by the same rule.
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

from models.core.contract.prediction import Stage
from models.core.images.codec import to_tensor
from models.core.images.letterbox import BORDER, Letterbox
from models.core.training.familiarity import Evidence, Familiarity
from models.core.weights.torchvision import fill
from models.detection.data import Picture, Raw, View
from models.detection.inspection import CANDIDATES_COCO, INPUT_COCO, input_stage
from models.detection.suppression import DEFAULTS, Candidates, Decision

ARCHITECTURES = (
    "ssdlite320_mobilenet_v3_large",
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "fasterrcnn_resnet50_fpn_v2",
)
MAX_PIXELS = 4_000_000  # larger pictures are shrunk first: the networks use far fewer pixels anyway
MAX_ASPECT_RATIO = 20  # a more elongated picture would shrink to nothing


def build(architecture: str, classes: int) -> nn.Module:
    """The network without weights, for `classes` labels including the background."""
    return getattr(builders, architecture)(weights=None, weights_backbone=None, num_classes=classes)


class CocoNetwork:
    """One of torchvision's detectors with its weights in memory."""

    max_batch = 4
    thresholds = DEFAULTS
    fused_score = DEFAULTS.score
    views: tuple[View, ...] = ()
    about_candidates = CANDIDATES_COCO()
    familiarity: Familiarity | None = None

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        self.labels = tuple(config["labels"])
        self.device = device
        self.model = build(config["architecture"], len(self.labels))
        fill(self.model, state)
        self.model.to(device).eval()
        disable_suppression(self.model)
        resize: Any = self.model.transform
        self.side = max(resize.fixed_size) if resize.fixed_size is not None else resize.max_size

    def prepare(self, upload: Image.Image, side: int | None = None) -> Picture:  # noqa: ARG002  it has its own
        image = upload
        scale = min(1.0, (MAX_PIXELS / (image.width * image.height)) ** 0.5)
        if scale < 1:
            smaller = tuple(max(1, round(length * scale)) for length in image.size)
            image = image.resize(smaller, Image.Resampling.BILINEAR, reducing_gap=3.0)  # type: ignore[arg-type]
        placement = Letterbox(*upload.size, 0, 0, image.width / upload.width, image.height / upload.height)
        shortest = -(-max(image.size) // MAX_ASPECT_RATIO)
        if min(image.size) < shortest:
            padded = Image.new("RGB", (max(image.width, shortest), max(image.height, shortest)), BORDER)
            padded.paste(image)
            image = padded
        return Picture(upload, image.resize(self._scaled_size(image)), to_tensor(image), placement)

    def _scaled_size(self, image: Image.Image) -> tuple[int, int]:
        """Width and height to which the network's first step resizes the picture."""
        resize: Any = self.model.transform
        if resize.fixed_size is not None:
            return tuple(resize.fixed_size)
        scale = min(resize.min_size[-1] / min(image.size), resize.max_size / max(image.size))
        return max(1, int(image.width * scale)), max(1, int(image.height * scale))

    @torch.inference_mode()
    def forward(self, pictures: list[Picture]) -> list[Raw]:
        answers = self.model([picture.tensor.to(self.device) for picture in pictures])
        return [Raw(answer={name: value.cpu() for name, value in answer.items()}) for answer in answers]

    def candidates(self, picture: Picture, raw: Raw) -> Candidates:
        """Every box that the network proposes for a label."""
        answer = raw.answer or {}
        return Candidates.sorted(
            picture.placement.to_upload(answer["boxes"].float()),
            answer["scores"].float(),
            answer["labels"],
            names=self.labels,
            width=picture.upload.width,
            height=picture.upload.height,
        )

    def evidence(self, picture: Picture, raw: Raw) -> Evidence | None:  # noqa: ARG002
        return None

    def steps(self, picture: Picture, raw: Raw, decision: Decision) -> tuple[Stage, ...]:  # noqa: ARG002
        """The input alone: the network does not show its steps."""
        code = "models.detection.pretrained.torchvision.CocoNetwork.prepare"
        return (input_stage(picture, INPUT_COCO(), code),)


def disable_suppression(model: nn.Module) -> None:
    """Switch off the network's own suppression (no IoU exceeds infinity) and its maximum number of boxes."""
    suppressing: Any = model.roi_heads if isinstance(model, FasterRCNN) else model
    if not isinstance(model, FasterRCNN | SSD):
        raise TypeError(f"{type(model).__name__} is not a detector whose suppression can be switched off")
    suppressing.nms_thresh = inf
    suppressing.detections_per_img = 2**31 - 1
