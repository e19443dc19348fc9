"""The denoiser for other programs: both networks in one, on a whole picture."""

from pathlib import Path

import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.exporting.exported import Exported, example_picture
from models.denoising.architecture import STRIDE, Denoiser
from models.denoising.network import Network
from models.denoising.noise import FULL_SCALE

HERE = Path(__file__).parent


class Denoised(nn.Module):
    """Image (B, 3, H, W) in [0, 1] and level (B,) in 8-bit units, 0: estimate -> image and the level used."""

    def __init__(self, denoiser: Denoiser):
        super().__init__()
        self.denoiser = denoiser

    def forward(self, image: torch.Tensor, level: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        estimated = self.denoiser.estimator(image).combined() * FULL_SCALE
        used = torch.where(level > 0, level, estimated)
        level_map = (used / FULL_SCALE)[:, None, None, None] + torch.zeros_like(image[:, :1])
        return self.denoiser(image, level_map).clamp(0, 1), used


def network(weights: Path) -> Exported:
    """The denoiser of this file. Raises WeightsError."""
    loaded = Network(*checkpoint.load(weights), "cpu")
    loaded.model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return Exported(
        module=Denoised(loaded.model),
        inputs={"image": example_picture(64, 96), "level": torch.tensor([0.0])},
        outputs=("denoised", "level_used"),
        dynamic={"image": {0: "batch", 2: "height", 3: "width"}, "level": {0: "batch"}},
        preprocessing={
            "image": {
                "channels": "RGB",
                "range": [0, 1],
                "layout": "NCHW",
                "size": {"multiple": STRIDE},
                "resize": "none: mirrored to the right and below",
            },
            "level": {"range": [0, 255]},
        },
        description=f"image: RGB in [0, 1], (batch, 3, height, width), sides multiples of {STRIDE}: mirror "
        "the picture to the right and below. level: (batch,), the standard deviation of the noise in 8-bit "
        "units; 0: it is estimated. denoised: the picture without noise. level_used: (batch,).",
        script=HERE / "answer.py",
        defaults={"level": 0.0, "multiple": STRIDE},
    )
