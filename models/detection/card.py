"""Detection: what it is, takes and gives."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import Card, Kind, MixedPrecision, ModelCard, Params, Sample

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights" / "grid-detector.safetensors"
SAMPLE_DATASET = HERE / "samples" / "dataset.npz"
START_SHIPPED, START_SCRATCH = "shipped weights", "scratch"


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Only what it is sure of", "score": 0.5},
                {"title": "Whatever it suspects", "score": 0.05, "iou": 0.6, "max_objects": 300},
            ]
        }
    )

    score: float = Field(
        default=0.25, ge=0.0, le=1.0, title="Least score", description="Boxes below this score are left out."
    )
    iou: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        title="Overlap",
        description="Of two boxes of one class that overlap more than this (IoU), the weaker is dropped.",
    )
    max_objects: int = Field(
        default=100,
        ge=1,
        le=300,
        title="Most objects",
        description="At most this many objects are returned, best first.",
    )
    candidates: bool = Field(
        default=False,
        title="Candidates",
        description="Also return the boxes before suppression and what became of each.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "A first look: minutes", "steps": 300},
                {"title": "Go on from the shipped weights", "start": START_SHIPPED, "learning_rate": 0.0003},
                {"title": "From nothing, well: an hour on a CPU", "start": START_SCRATCH, "steps": 20000,
                 "batch_size": 16, "learning_rate": 0.002, "image_size": 224, "mixed_precision": True},
            ]
        }
    )  # fmt: skip

    steps: int = Field(
        default=300, ge=1, le=1_000_000, description="How many batches the detector learns from."
    )
    batch_size: int = Field(default=8, ge=1, le=256, description="Composed pictures in a batch.")
    learning_rate: float = Field(
        default=0.001, gt=0.0, le=0.1, description="Highest step size of AdamW, reached after the warm-up."
    )
    image_size: int = Field(
        default=160, ge=64, le=640, multiple_of=32, description="Side of the square pictures, in pixels."
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Literal["shipped weights", "scratch"] = Field(
        default=START_SCRATCH,
        description="Learn everything anew, or go on from the shipped weights: a better model, sooner.",
    )


PAPER = (
    "Redmon et al., You Only Look Once: Unified, Real-Time Object Detection, CVPR 2016, arXiv:1506.02640; "
    "Ge et al., YOLOX: Exceeding YOLO Series in 2021, arXiv:2107.08430"
)
TORCHVISION = "Apache-2.0 and BSD-3-Clause (torchvision); weights trained on COCO by torchvision's authors"

CREDIT = (
    "Background by Aitzol Berasategi (CC BY 4.0); things from Microsoft's Fluent emoji (MIT) and "
    "Open Clip Art (public domain); composed by the project"
)


def _scene(name: str, title: str) -> Sample:
    return Sample(name, title, HERE / "samples" / f"{name}.jpg", CREDIT, "CC-BY-4.0")


CARD = Card(
    name="detection",
    title="Object detection",
    summary="Finds things in a picture and draws a box with a label and a score around each.",
    accepts=Kind.IMAGE,
    produces=(Kind.BOXES, Kind.IMAGE),
    predict_params=PredictParams,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="grid-detector",
            title="Grid detector",
            summary="The project's own detector for ten kinds of drawn and cut-out things; small and quick.",
            architecture="grid-detector",
            license="Apache-2.0; trained on data under the licences in its card",
            weights=WEIGHTS,
        ),
        ModelCard(
            name="ssdlite320_mobilenet_v3_large",
            title="SSDLite, MobileNetV3",
            summary="torchvision's quick detector for 80 kinds of everyday things in photos.",
            architecture="ssdlite320_mobilenet_v3_large",
            license=TORCHVISION,
        ),
        ModelCard(
            name="fasterrcnn_mobilenet_v3_large_320_fpn",
            title="Faster R-CNN, MobileNetV3, 320 px",
            summary="torchvision's two-step detector on a small backbone, for 80 kinds of things in photos.",
            architecture="fasterrcnn_mobilenet_v3_large_320_fpn",
            license=TORCHVISION,
        ),
        ModelCard(
            name="fasterrcnn_resnet50_fpn_v2",
            title="Faster R-CNN, ResNet-50",
            summary="torchvision's most accurate of the three, for 80 kinds of things; slow without a GPU.",
            architecture="fasterrcnn_resnet50_fpn_v2",
            license=TORCHVISION,
        ),
    ),
    paper=PAPER,
    limits=(
        "The grid detector learned from drawings, emoji and cut-outs laid on backgrounds, not from photos of "
        "real scenes: on photos it misses much and mislabels more. Small objects and crowds are missed."
    ),
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _scene("valley", "Things in a valley"),
        _scene("pass", "Things on a mountain pass"),
        _scene("stream", "Things at a stream"),
    ),
)
