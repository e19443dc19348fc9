"""torchvision's segmentation models for the 20 object classes of Pascal VOC, trained on COCO.

Papers: Howard et al. 2019, Searching for MobileNetV3 (LR-ASPP), arXiv:1905.02244, section 6.4; Chen et al.
2017, Rethinking Atrous Convolution (DeepLabV3), arXiv:1706.05587. The networks are torchvision's own.
"""

from collections.abc import Mapping
from typing import Any

import torch
from PIL import Image
from torch import nn
from torchvision.models import segmentation as builders

from models.core.images.codec import to_tensor
from models.core.images.letterbox import Letterbox
from models.core.training.familiarity import Evidence, Familiarity
from models.core.weights.torchvision import fill
from models.segmentation.architecture import BACKGROUND
from models.segmentation.data import Picture, Raw

ARCHITECTURES = ("lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", "deeplabv3_resnet50")
# sides of the network's input in pixels; 520 as in torchvision's presets
SHORT_SIDE, MAX_SIDE, MIN_SIDE = 520, 1040, 32
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as in torchvision's presets


def build(architecture: str, classes: int) -> nn.Module:
    """The network without weights, for `classes` classes including the background."""
    # the published DeepLabs have a second head that only their training used
    extra = {"aux_loss": True} if architecture.startswith("deeplab") else {}
    return getattr(builders, architecture)(weights=None, weights_backbone=None, num_classes=classes, **extra)


class VocNetwork:
    """One of torchvision's segmentation models with its weights in memory."""

    max_batch = 4
    familiarity: Familiarity | None = None

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        labels = tuple(config["labels"])
        self.classes = (BACKGROUND, *labels[1:])  # torchvision calls class 0 `__background__`
        self.device = device
        self.model = build(config["architecture"], len(labels))
        fill(self.model, state)
        self.model.to(device).eval()

    def prepare(self, upload: Image.Image) -> Picture:
        scale = min(SHORT_SIDE / min(upload.size), MAX_SIDE / max(upload.size))
        width, height = (max(MIN_SIDE, round(length * scale)) for length in upload.size)
        scaled = upload.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)
        placement = Letterbox(*upload.size, 0, 0, width / upload.width, height / upload.height)
        tensor = (to_tensor(scaled) - torch.tensor(MEAN)[:, None, None]) / torch.tensor(DEVIATION)[
            :, None, None
        ]
        return Picture(upload, scaled, tensor, placement)

    @torch.inference_mode()
    def forward(self, pictures: list[Picture]) -> list[Raw]:
        # one by one: pictures with different aspect ratios do not fit into one batch
        return [
            Raw(self.model(picture.tensor[None].to(self.device))["out"][0].float().cpu())
            for picture in pictures
        ]

    def evidence(self, picture: Picture, raw: Raw) -> Evidence | None:  # noqa: ARG002
        return None

    def probabilities(self, picture: Picture, logits: torch.Tensor) -> torch.Tensor:
        """(C, h, w) at the scale of the network's input."""
        return picture.crop(logits.softmax(0))
