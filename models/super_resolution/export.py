"""The upscalers for other programs: the whole picture at once, of any size."""

from pathlib import Path

import torch
from torch import nn

from models.core.exporting.exported import Exported, example_picture
from models.super_resolution.upscaler import Upscaler

HERE = Path(__file__).parent


class Clipped(nn.Module):
    """(B, 3, H, W) in [0, 1] -> (B, 3, r*H, r*W) in [0, 1]."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.network(image).clamp(0, 1)


def network(weights: Path) -> Exported:
    """The upscaler of this file. Raises WeightsError."""
    upscaler = Upscaler(weights)
    upscaler.model.to(memory_format=torch.contiguous_format)
    scale = upscaler.scale
    return Exported(
        module=Clipped(upscaler.model),
        inputs={"image": example_picture(24, 40)},
        outputs=("enlarged",),
        dynamic={"image": {0: "batch", 2: "height", 3: "width"}},
        preprocessing={"image": {"channels": "RGB", "range": [0, 1], "layout": "NCHW", "size": "any"}},
        description=f"image: RGB in [0, 1], (batch, 3, height, width), of any size. enlarged: the same "
        f"picture {scale} times as wide and high, in [0, 1]. Large pictures need much memory: cut them into "
        f"tiles that overlap by {upscaler.margin} pixels. The file holds one network: in Glassbox, a PSNR "
        "model leaves compressed pictures to the JPEG model, which is exported on its own.",
        script=HERE / "answer.py",
        defaults={"scale": scale, "margin": upscaler.margin, "tile": 256},
    )
