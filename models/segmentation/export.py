"""The segmentation networks for other programs: the classes of all pixels, or the mask of one box."""

from pathlib import Path

import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.exporting.exported import Exported, example_picture
from models.core.images.letterbox import BORDER
from models.segmentation.architecture import UNet, enlarge
from models.segmentation.card import PredictParams
from models.segmentation.instances.architecture import ARCHITECTURE
from models.segmentation.instances.crop import MARGIN, Box, box_map
from models.segmentation.instances.network import MaskNetwork
from models.segmentation.instances.postprocessing import WIDENED
from models.segmentation.masks import color_of
from models.segmentation.pretrained.torchvision import (
    DEVIATION,
    MAX_SIDE,
    MEAN,
    MIN_SIDE,
    SHORT_SIDE,
    VocNetwork,
)
from models.segmentation.semantic import UNetNetwork

HERE = Path(__file__).parent
PICTURE = {"channels": "RGB", "range": [0, 1], "layout": "NCHW"}
PROBABILITIES = "probabilities: (batch, classes, height, width), of each class at each pixel"


class Classes(nn.Module):
    """(B, 3, S, S) in [0, 1] -> probabilities (B, C, S, S)."""

    def __init__(self, unet: UNet):
        super().__init__()
        self.unet, self.side = unet, unet.config.image_size

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return enlarge(self.unet(image).softmax(1), self.side, self.side)


class VocClasses(nn.Module):
    """(B, 3, H, W) in [0, 1] -> probabilities (B, C, H, W)."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(3, 1, 1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.model((image - self.mean) / self.deviation)["out"].softmax(1)


def network(weights: Path) -> Exported:
    """The segmentation network of this file. Raises WeightsError."""
    config, state = checkpoint.load(weights)
    if config.get("architecture") == ARCHITECTURE:
        return _masks(MaskNetwork(config, state, "cpu"))
    if config.get("architecture") == "unet":
        return _classes(UNetNetwork(config, state, "cpu"))
    return _voc(VocNetwork(config, state, "cpu"))


def _classes(loaded: UNetNetwork) -> Exported:
    side = loaded.config.image_size
    return Exported(
        module=Classes(loaded.model.to(memory_format=torch.contiguous_format)),  # type: ignore[call-overload]
        inputs={"image": example_picture(side, side)},
        outputs=("probabilities",),
        dynamic={"image": {0: "batch"}},
        preprocessing={
            "image": {**PICTURE, "size": [side, side], "resize": "letterbox", "border": list(BORDER)}
        },
        description=f"image: RGB in [0, 1], (batch, 3, {side}, {side}), the picture whole in the middle of "
        f"the square, around it {BORDER}. {PROBABILITIES}.",
        script=HERE / "answer.py",
        labels=loaded.classes,
        defaults=_defaults(loaded.classes),
    )


def _voc(loaded: VocNetwork) -> Exported:
    return Exported(
        module=VocClasses(loaded.model),
        inputs={"image": example_picture(SHORT_SIDE // 4, SHORT_SIDE // 3)},
        outputs=("probabilities",),
        dynamic={"image": {0: "batch", 2: "height", 3: "width"}},
        preprocessing={
            "image": {
                **PICTURE,
                "size": {"short_side": SHORT_SIDE, "max_side": MAX_SIDE, "min_side": MIN_SIDE},
                "resize": "bilinear",
            }
        },
        description=f"image: RGB in [0, 1], (batch, 3, height, width), the shorter side resized to "
        f"{SHORT_SIDE} pixels, the longer one to at most {MAX_SIDE}. {PROBABILITIES}.",
        script=HERE / "answer.py",
        labels=loaded.classes,
        defaults=_defaults(loaded.classes),
    )


def _defaults(classes: tuple[str, ...]) -> dict[str, object]:
    colors = [color_of(index) for index in range(len(classes))]
    return {"least_share": PredictParams().least_share, "colors": colors}


def _masks(loaded: MaskNetwork) -> Exported:
    side = loaded.size
    margin = side / 2 * (1 - 1 / MARGIN)
    box = box_map(Box(margin, margin, side - margin, side - margin), side)
    return Exported(
        module=loaded.model.to(memory_format=torch.contiguous_format),  # type: ignore[call-overload]
        inputs={"image": example_picture(side, side), "box": box[None]},
        outputs=("logits",),
        dynamic={name: {0: "batch", 2: "height", 3: "width"} for name in ("image", "box")},
        preprocessing={
            "image": {
                **PICTURE,
                "size": [side, side],
                "resize": "crop",
                "margin": MARGIN,
                "border": [0, 0, 0],
            },
            "box": {"range": [0, 1], "layout": "NCHW", "size": [side, side]},
        },
        description="image: RGB in [0, 1], (batch, 3, height, width), multiples of 32: the square around the "
        f"object's box, {MARGIN} times its longer side, black outside the picture. box: (batch, 1, height, "
        "width), 1 inside the box, 0 outside. logits: (batch, 1, height, width), above 0 where the object "
        f"is. The network learned from {side} x {side} pixels; answer.py averages the logits of "
        f"{loaded.larger} x {loaded.larger} pixels and of the mirror image of {side} x {side}. The box is "
        "that of any detector. answer.py leaves out the removal of specks and holes that Glassbox adds.",
        script=HERE / "instances" / "answer.py",
        defaults={"margin": MARGIN, "widened": WIDENED, "larger": loaded.larger},
    )
