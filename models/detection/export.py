"""The detectors for other programs: every box with its scores, before suppression."""

from pathlib import Path

import torch
from torch import nn
from torchvision.models.detection.faster_rcnn import FasterRCNN
from torchvision.models.detection.ssd import SSD

from models.core.exporting.exported import Exported, as_they_are, example_picture
from models.core.images.letterbox import BORDER
from models.core.training.cross_stage import normalized
from models.detection import architecture
from models.detection.card import PredictParams
from models.detection.predict import GridNetwork, Predictor
from models.detection.pretrained import nanodet
from models.detection.pretrained.nanodet_network import BLACK, NanoDetNetwork
from models.detection.pretrained.torchvision import MAX_PIXELS, CocoNetwork
from models.detection.pretrained.torchvision_export import OneStage, TwoStages, matched

HERE = Path(__file__).parent
SUPPRESSION = (
    "Suppression is not inside: discard boxes below the score threshold, then suppress those that overlap a "
    "better one, as answer.py does. Glassbox also runs the network on slices of large pictures; answer.py "
    "does not."
)


class Grid(nn.Module):
    """(B, 3, S, S) in [0, 1] -> boxes (B, N, 4) in pixels, scores (B, N, C) in [0, 1]."""

    def __init__(self, detector: architecture.Detector):
        super().__init__()
        self.detector = detector

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = architecture.decode(self.detector(image))
        return found.boxes, found.scores()


class NanoDet(nn.Module):
    """(B, 3, S, S) in [0, 1] -> boxes (B, N, 4) in pixels, scores (B, N, C) in [0, 1]."""

    def __init__(self, detector: nanodet.NanoDet):
        super().__init__()
        self.detector = detector

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = nanodet.decode(self.detector(normalized(image)))
        return found.boxes, found.scores


def network(weights: Path) -> Exported:
    """The detector of this file. Raises WeightsError: the file holds no detector."""
    loaded = Predictor(weights).network
    if isinstance(loaded, NanoDetNetwork):
        return _in_square(loaded, NanoDet(loaded.model), BLACK, several_classes=True)
    if isinstance(loaded, GridNetwork):
        return _in_square(loaded, Grid(loaded.model), BORDER, several_classes=False)
    if isinstance(loaded, CocoNetwork):
        return _of_torchvision(loaded)
    raise TypeError(f"{type(loaded).__name__} has no form for other programs")


def _in_square(
    loaded: GridNetwork | NanoDetNetwork,
    module: nn.Module,
    border: tuple[int, int, int],
    *,
    several_classes: bool,
) -> Exported:
    module.to(memory_format=torch.contiguous_format)
    square = f"Place the picture whole in the middle of a square of {loaded.side} pixels"
    return Exported(
        module=module,
        inputs={"image": example_picture(loaded.side, loaded.side)},
        outputs=("boxes", "scores"),
        dynamic={"image": {0: "batch"}},
        preprocessing={
            "image": {
                "channels": "RGB",
                "range": [0, 1],
                "layout": "NCHW",
                "size": [loaded.side, loaded.side],
                "resize": "letterbox",
                "border": list(border),
            }
        },
        description=f"image: RGB in [0, 1], (batch, 3, {loaded.side}, {loaded.side}). {square}, around it "
        f"{border}. boxes: (batch, N, 4), xmin, ymin, xmax, ymax in pixels of the square. scores: "
        f"(batch, N, classes) in [0, 1]. {SUPPRESSION}",
        script=HERE / "answer.py",
        labels=loaded.labels,
        defaults=_defaults(loaded, several_classes=several_classes),
    )


def _of_torchvision(loaded: CocoNetwork) -> Exported:
    if isinstance(loaded.model, SSD):
        module, matching = OneStage(loaded.model), as_they_are
    elif isinstance(loaded.model, FasterRCNN):
        module, matching = TwoStages(loaded.model), matched
    else:
        raise TypeError(f"{type(loaded.model).__name__} has no form for other programs")
    return Exported(
        module=module,
        inputs={"image": example_picture(240, 320)},
        outputs=("boxes", "scores", "labels"),
        dynamic={"image": {2: "height", 3: "width"}},
        preprocessing={
            "image": {
                "channels": "RGB",
                "range": [0, 1],
                "layout": "NCHW",
                "resize": "inside",
                "max_pixels": MAX_PIXELS,
            }
        },
        description="image: RGB in [0, 1], (1, 3, height, width), which the network resizes. boxes: (N, 4), "
        "xmin, ymin, xmax, ymax in pixels of the image. scores: (N,) in [0, 1]. labels: (N,), indices of "
        f"classes. {SUPPRESSION}",
        script=HERE / "answer.py",
        labels=loaded.labels,
        defaults=_defaults(loaded, several_classes=True),
        is_traced=True,
        matched=matching,
    )


def _defaults(
    loaded: GridNetwork | NanoDetNetwork | CocoNetwork, *, several_classes: bool
) -> dict[str, float | bool]:
    return {
        "score": loaded.thresholds.score,
        "iou": loaded.thresholds.iou,
        "iou_across": loaded.thresholds.iou_across,
        "max_objects": PredictParams().max_objects,
        "several_classes_per_box": several_classes,
    }
