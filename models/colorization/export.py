"""The colorizer for other programs: a small picture in, color as a function of lightness out."""

from pathlib import Path

import torch
from torch import nn

from models.colorization.architecture import STRIDE, Colorizer, load_model
from models.colorization.card import TEMPERATURE, PredictParams
from models.colorization.data import MAX_ASPECT
from models.colorization.guided_filter import fit
from models.colorization.lab import rgb_to_lab
from models.colorization.quantization import annealed_mean
from models.core.exporting.exported import Exported, example_picture

HERE = Path(__file__).parent


class Colors(nn.Module):
    """sRGB (1, 3, h, w) in [0, 1] -> slope and offset (1, 2, h, w): ab = slope * L*/100 + offset."""

    def __init__(self, colorizer: Colorizer):
        super().__init__()
        self.colorizer = colorizer

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        lightness = rgb_to_lab(image)[:, :1]
        ab = annealed_mean(self.colorizer(lightness), TEMPERATURE)
        color = fit(lightness[0], ab[0])
        return color.slope[None], color.offset[None]


def network(weights: Path) -> Exported:
    """The colorizer of this file. Raises WeightsError."""
    model = load_model(weights)
    side = model.config.image_size
    return Exported(
        module=Colors(model),
        inputs={"image": example_picture(128, 192)},
        outputs=("slope", "offset"),
        dynamic={"image": {2: "height", 3: "width"}},
        preprocessing={
            "image": {
                "channels": "RGB",
                "range": [0, 1],
                "layout": "NCHW",
                "size": {"pixels": side**2, "multiple": STRIDE, "max_aspect": MAX_ASPECT},
                "resize": "bilinear",
            }
        },
        description=f"image: sRGB in [0, 1], (1, 3, height, width), the whole picture with about {side}² "
        f"pixels, its sides multiples of {STRIDE}; only its lightness counts. slope, offset: (1, 2, height, "
        "width); enlarged to the full picture with the lightness L* (CIE L*a*b*, D65), its colors are "
        f"a*, b* = slope * L* / 100 + offset. The annealed mean has the temperature {TEMPERATURE}.",
        script=HERE / "answer.py",
        defaults={"saturation": PredictParams().saturation},
        # a quotient of small variances, in which rounding errors grow; 1e-3 of it is no visible color
        tolerance=1e-3,
    )
