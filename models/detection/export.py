"""The detectors for other programs: every box with its scores, before suppression."""

from pathlib import Path

import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.contract.errors import NotExportable
from models.core.exporting.exported import Exported, example_picture
from models.core.images.letterbox import BORDER
from models.core.training.cross_stage import normalized
from models.detection import architecture
from models.detection.card import PredictParams
from models.detection.predict import GridNetwork, Predictor
from models.detection.pretrained import nanodet
from models.detection.pretrained.nanodet_network import BLACK, NanoDetNetwork

HERE = Path(__file__).parent


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
    """The detector of this file.

    Raises:
        WeightsError: the file holds no detector.
        NotExportable: it is one of torchvision's, whose boxes depend on the values of earlier ones.
    """
    loaded = Predictor(weights).network
    if isinstance(loaded, NanoDetNetwork):
        module, border, several = NanoDet(loaded.model), BLACK, True
    elif isinstance(loaded, GridNetwork):
        module, border, several = Grid(loaded.model), BORDER, False
    else:
        name = checkpoint.load(weights)[0]["architecture"]
        raise NotExportable(
            f"{name} is a network of torchvision that cannot be written as ONNX: how many boxes it has "
            "depends on the picture."
        )
    module.to(memory_format=torch.contiguous_format)
    thresholds = loaded.thresholds
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
        "(batch, N, classes) in [0, 1]. Suppression is not inside: discard boxes below the score threshold, "
        "then suppress those that overlap a better one, as answer.py does. Glassbox also runs the network on "
        "slices of large pictures; answer.py does not.",
        script=HERE / "answer.py",
        labels=loaded.labels,
        defaults={
            "score": thresholds.score,
            "iou": thresholds.iou,
            "iou_across": thresholds.iou_across,
            "max_objects": PredictParams().max_objects,
            "several_classes_per_box": several,
        },
    )
