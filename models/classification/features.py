"""From a picture to the numbers that the head classifies.

The longer side becomes `SIZE` pixels and both sides are rounded to multiples of 32, so that no border is
needed: the aspect ratio changes by a few percent. Every picture is first shrunk to `FIRST` pixels, as
otherwise a class whose pictures come from one camera could be recognized by its resolution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from models.classification.architecture import Pooling
from models.core.contract import registry
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Text
from models.core.images.codec import to_tensor
from models.core.training.cross_stage import Encoder, pretrained_encoder, shipped_encoder

SIZE, FIRST, MULTIPLE = 320, 320, 32
NANODET, BOX_UNET = "nanodet-g", "box-unet"
# name of the model whose backbone computes the features -> its weights
BACKBONES = {NANODET: pretrained_encoder, BOX_UNET: shipped_encoder}
LEAST_CROP = 0.75  # share of a picture's sides in a cropped view

UNKNOWN_BACKBONE = Text(
    "classification.unknown_backbone",
    "The model was trained on the features of {name!r}, a backbone that this version does not know.",
)


def best_installed() -> str:
    """NanoDet-g, whose features separate classes better, or else the shipped mask network."""
    models = registry.cards()["detection"].models
    nanodet = next(each for each in models if each.name == NANODET)
    return NANODET if registry.installed_weights(nanodet) is not None else BOX_UNET


def load_encoder(backbone: str) -> Encoder:
    """The frozen backbone.

    Raises:
        WeightsError: it is not installed, or its name is unknown.
    """
    if backbone not in BACKBONES:
        raise WeightsError(UNKNOWN_BACKBONE(name=backbone))
    encoder = Encoder()
    encoder.load_state_dict({name: value.float() for name, value in BACKBONES[backbone]()[0].items()})
    return encoder.eval().requires_grad_(False)


def shrunk(picture: Image.Image) -> Image.Image:
    """The picture with at most `FIRST` pixels on its longer side."""
    scale = FIRST / max(picture.size)
    if scale >= 1:
        return picture
    return picture.resize(_scaled(picture, scale, 1), Image.Resampling.BICUBIC, reducing_gap=3.0)


def resized(picture: Image.Image, size: int = SIZE) -> Image.Image:
    """A shrunk picture as the network receives it."""
    return picture.resize(_scaled(picture, size / max(picture.size), MULTIPLE), Image.Resampling.BICUBIC)


def _scaled(picture: Image.Image, scale: float, multiple: int) -> tuple[int, int]:
    width, height = (max(1, round(side * scale / multiple)) * multiple for side in picture.size)
    return width, height


def views(picture: Image.Image, count: int, mirror: bool, random: np.random.Generator) -> list[Image.Image]:
    """The picture itself, then random crops, `count` in all; with `mirror` the mirror image of each, too."""
    found = [picture, *(_cropped(picture, random) for _ in range(count - 1))]
    mirrored = [view.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for view in found] if mirror else []
    return [*found, *mirrored]


def _cropped(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    share = random.uniform(LEAST_CROP, 1.0)
    width, height = (max(1, round(side * share)) for side in picture.size)
    left = int(random.integers(0, picture.width - width + 1))
    top = int(random.integers(0, picture.height - height + 1))
    return picture.crop((left, top, left + width, top + height))


@dataclass(frozen=True)
class Features:
    """What is kept of one picture, on the CPU."""

    pooled: torch.Tensor  # (F,): what the head receives
    context: torch.Tensor  # (256,): mean of each of C4's maps, by which unfamiliar pictures are recognized

    @classmethod
    def of(cls, maps: Sequence[torch.Tensor], pooling: Pooling, index: int = 0) -> "Features":
        """From all maps of the encoder, of one picture of a batch."""
        own = [level[index : index + 1] for level in maps]
        return cls(pooling(own)[0].float().cpu(), own[-2].mean(dim=(2, 3))[0].float().cpu())


@torch.inference_mode()
def features_of(encoder: Encoder, picture: Image.Image, pooling: Pooling) -> Features:
    """Those of a shrunk picture."""
    device = next(encoder.parameters()).device
    return Features.of(encoder(to_tensor(resized(picture))[None].to(device)), pooling)
