"""The classifiers for other programs: backbone and head in one network."""

from pathlib import Path

import torch
from torch import nn

from models.classification.architecture import Classifier
from models.classification.features import FIRST, MULTIPLE
from models.classification.predict import Predictor
from models.core.exporting.exported import Exported, example_picture

HERE = Path(__file__).parent


class Probabilities(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] -> the probability of each class (B, C)."""

    def __init__(self, classifier: Classifier):
        super().__init__()
        self.classifier = classifier

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.classifier(image).softmax(dim=1)


def network(weights: Path) -> Exported:
    """The classifier of this file. Raises WeightsError: also if its backbone is not installed."""
    loaded = Predictor(weights)
    size = loaded.config.size
    return Exported(
        module=Probabilities(loaded.model.to(memory_format=torch.contiguous_format)),  # type: ignore[call-overload]
        inputs={"image": example_picture(160, 224)},
        outputs=("probabilities",),
        dynamic={"image": {0: "batch", 2: "height", 3: "width"}},
        preprocessing={
            "image": {
                "channels": "RGB",
                "range": [0, 1],
                "layout": "NCHW",
                "size": {"first": FIRST, "long_side": size, "multiple": MULTIPLE},
                "resize": "bicubic",
            }
        },
        description=f"image: RGB in [0, 1], (batch, 3, height, width): first shrunk to at most {FIRST} "
        f"pixels on the longer side, then resized so that it has {size}, both sides rounded to multiples of "
        f"{MULTIPLE}, bicubic. probabilities: (batch, {len(loaded.config.classes)}), of each class. The "
        f"backbone, that of {loaded.config.backbone}, is inside.",
        script=HERE / "answer.py",
        labels=loaded.config.classes,
    )
