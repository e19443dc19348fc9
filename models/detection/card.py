"""Detection: what it does, takes and returns."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from models.core.contract.audit import ModelAuditParams
from models.core.contract.card import (
    Card,
    Export,
    Familiarity,
    Input,
    Kind,
    MediaKind,
    MixedPrecision,
    ModelCard,
    Params,
    Result,
    Sample,
    Size,
)
from models.core.contract.dataset import DatasetKind
from models.core.contract.titles import Titles
from models.core.training.samples import CUTOUTS

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"
WEIGHTS = HERE / "weights" / "grid-detector.safetensors"
START_AUTOMATIC, START_COCO = "automatic", "COCO detector"
START_GRID, START_SCRATCH = "grid detector", "scratch"
COCO_MODEL = "nanodet-g"  # what a training from the COCO detector starts from


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Confident detections only", "score": 0.5},
                {"title": "Include uncertain detections", "score": 0.05, "iou": 0.6, "max_objects": 300},
            ]
        }
    )

    score: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        title="Score threshold",
        description="Boxes with a lower score are discarded. Empty: the model's own, 0.35 for NanoDet and "
        "0.25 for the others.",
    )
    iou: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        title="IoU threshold",
        description="Of two boxes of the same class whose IoU exceeds this value, the one with the lower "
        "score is suppressed. Empty: the model's own, 0.6 for NanoDet and 0.5 for the others.",
    )
    iou_across: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        title="IoU threshold across classes",
        description="The same for two boxes of different classes, such as a cat that is also taken for a "
        "dog; 1 keeps both. Empty: the model's own, 0.6 for NanoDet and 1 for the others.",
    )
    max_objects: int = Field(
        default=100,
        ge=1,
        le=300,
        title="Maximum objects",
        description="Return at most this many objects, highest scores first.",
    )
    slices: Annotated[Literal["auto", "on", "off"], Titles("Automatic", "On", "Off")] = Field(
        default="auto",
        title="Slices",
        description="Also run the network on overlapping slices of the picture, in which small objects keep "
        "their detail. Automatic: where a side is more than four times that of the network's input.",
    )
    views: bool = Field(
        default=False,
        title="Several views",
        description="NanoDet also searches the picture mirrored, smaller and larger, and fuses the boxes of "
        "all four views: more objects and better boxes in about four times the time. Its score threshold is "
        "then 0.3. Other models do not use it.",
    )
    candidates: bool = Field(
        default=False,
        title="Candidates",
        description="Also return the boxes before suppression, with the outcome for each.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Quick look (minutes)", "steps": 300},
                {"title": "Continue from the grid detector's weights", "start": START_GRID,
                 "learning_rate": 0.0003},
                {"title": "Full training from scratch (an hour on a CPU)", "start": START_SCRATCH,
                 "steps": 20000, "batch_size": 16, "learning_rate": 0.002, "image_size": 224,
                 "mixed_precision": True},
            ]
        }
    )  # fmt: skip

    steps: int = Field(default=300, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=8, ge=1, le=256, description="Number of pictures in a batch.")
    learning_rate: float = Field(
        default=0.001,
        gt=0.0,
        le=0.1,
        description="Highest learning rate, reached after the warm-up.",
    )
    image_size: int | None = Field(
        default=None,
        ge=64,
        le=640,
        multiple_of=32,
        description="Side of the square pictures in pixels. Empty: 256 from the COCO detector, else 160.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Annotated[
        Literal["automatic", "COCO detector", "grid detector", "scratch"],
        Titles("Automatic", "COCO detector", "Grid detector", "Random weights (scratch)"),
        BeforeValidator(
            lambda value: START_GRID if value == "shipped weights" else value
        ),  # its earlier name
    ] = Field(
        default=START_AUTOMATIC,
        title="Initial weights",
        description="COCO detector: train NanoDet-g further, the best choice for own photos; it needs "
        "labeled pictures and its weights installed. Grid detector: train that further. Scratch: train the "
        "grid detector from random weights. Automatic: the COCO detector for labeled pictures where it is "
        "installed, the grid detector where it is not, and scratch for a bank of cut-outs.",
    )

    @property
    def side(self) -> int:
        """Of the square pictures in pixels."""
        return self.image_size or (256 if self.start == START_COCO else 160)


class AuditParams(ModelAuditParams):
    """Options of one audit of a model on labeled pictures."""

    # a choice is narrower than the text of the base, and nothing is ever assigned to the params
    group: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        Literal["class", "box size", "brightness"], Titles("Class", "Box size", "Brightness")
    ] = Field(
        default="class",
        title="Group",
        description="The class of the boxes, their size relative to the picture, or the brightness of their "
        "picture.",
    )
    second_group: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        Literal["none", "class", "box size", "brightness"], Titles("None", "Class", "Box size", "Brightness")
    ] = Field(
        default="none",
        title="Second group",
        description="Also compare every combination of both: a gap may appear or vanish within them.",
    )
    positive: str = Field(
        default="",
        max_length=1_000,
        title="Class",
        description="Count only the boxes of this class. Empty: of all classes.",
    )
    threshold: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        title="Score threshold",
        description="Boxes with a lower score are discarded. Empty: the model's own.",
    )


PAPER = (
    "Redmon et al., You Only Look Once: Unified, Real-Time Object Detection, CVPR 2016, arXiv:1506.02640; "
    "Ge et al., YOLOX: Exceeding YOLO Series in 2021, arXiv:2107.08430; "
    "Li et al., Generalized Focal Loss, NeurIPS 2020, arXiv:2006.04388"
)
TORCHVISION = "Apache-2.0 and BSD-3-Clause (torchvision); weights trained on COCO by torchvision's authors"

CREDIT = (
    "Background by Aitzol Berasategi (CC BY 4.0); objects from Microsoft's Fluent emoji (MIT) and "
    "Open Clip Art (public domain); composed by the project"
)


def _sample(name: str, title: str, credit: str, license: str, model: str) -> Sample:  # noqa: A002
    return Sample(
        name=name,
        title=title,
        inputs={"image": SAMPLES / f"{name}.jpg"},
        credit=credit,
        license=license,
        answer=SAMPLES / f"{name}.prediction",
        model=model,
    )


def _photo(name: str, title: str, credit: str, license: str) -> Sample:  # noqa: A002
    return _sample(name, title, credit, license, "nanodet-g")


def _scene(name: str, title: str) -> Sample:
    """A picture of the kind that the grid detector learned from."""
    return _sample(name, title, CREDIT, "CC-BY-4.0", "grid-detector")


class Box(Result):
    """Corners in pixels of the picture."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float


class DetectedObject(Result):
    label: str
    score: float
    box: Box


class DetectionResult(Result):
    """The objects, the most certain first."""

    objects: list[DetectedObject]
    image: Size
    labels: list[str] = Field(description="All classes that the model knows.")
    familiarity: Familiarity | None = Field(
        default=None, description="Omitted: nothing is known about the pictures that the model learned from."
    )


CARD = Card(
    name="detection",
    title="Object detection",
    summary="Finds objects in a picture and draws a box with a label and a score around each.",
    inputs=(Input("image", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.BOXES, Kind.IMAGE),
    predict_params=PredictParams,
    result=DetectionResult,
    train_params=TrainParams,
    audit_params=AuditParams,
    audits_on_datasets=(DatasetKind.BOXES, DatasetKind.MASKS),
    models=(
        ModelCard(
            name="grid-detector",
            title="Grid detector",
            summary="The project's own small and fast detector for ten classes of drawn and cut-out objects.",
            architecture="grid-detector",
            license="Apache-2.0; trained on data under the licenses listed in its model card",
            weights=WEIGHTS,
        ),
        ModelCard(
            name="nanodet-g",
            title="NanoDet-g",
            summary="A small and fast detector for 80 classes of everyday objects in photos.",
            architecture="nanodet-g",
            license="Apache-2.0; NanoDet-g by RangiLyu, trained on COCO",
            is_pretrained=True,
            is_preferred=True,
        ),
        ModelCard(
            name="ssdlite320_mobilenet_v3_large",
            title="SSDLite, MobileNetV3",
            summary="torchvision's fast detector for 80 classes of everyday objects in photos.",
            architecture="ssdlite320_mobilenet_v3_large",
            license=TORCHVISION,
            is_pretrained=True,
        ),
        ModelCard(
            name="fasterrcnn_mobilenet_v3_large_320_fpn",
            title="Faster R-CNN, MobileNetV3, 320 px",
            summary="torchvision's two-stage detector with a small backbone, for 80 classes of everyday "
            "objects in photos.",
            architecture="fasterrcnn_mobilenet_v3_large_320_fpn",
            license=TORCHVISION,
            is_pretrained=True,
        ),
        ModelCard(
            name="fasterrcnn_resnet50_fpn_v2",
            title="Faster R-CNN, ResNet-50",
            summary="The most accurate of torchvision's three detectors, for 80 classes of everyday objects "
            "in photos; slow without a GPU.",
            architecture="fasterrcnn_resnet50_fpn_v2",
            license=TORCHVISION,
            is_pretrained=True,
        ),
    ),
    paper=PAPER,
    limits=(
        "The grid detector was trained on drawings, emoji and cut-outs pasted onto backgrounds, not on "
        "photos of real scenes: on photos it misses many objects and mislabels even more. It misses small "
        "objects and crowds. NanoDet-g, the default where it is installed, knows 80 classes of photos, but "
        "no building, flower or insect."
    ),
    # of the least certain object
    confidence=lambda result: min((each["score"] for each in result["objects"]), default=None),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Labeled pictures", required=False),
    trains_on_datasets=(DatasetKind.BOXES, DatasetKind.MASKS),
    sample_dataset=CUTOUTS,
    exports=(
        Export("coco", "COCO JSON", "json", "application/json"),
        Export("yolo", "YOLO (ZIP)", "zip", "application/zip"),
        Export("csv", "CSV", "csv", "text/csv"),
        Export("crops", "Crops (ZIP)", "zip", "application/zip", part="crops", needs_inputs=True),
    ),
    samples=(
        _photo("dogs", "Two dogs", "Aitzol Berasategi, in Debian's lomiri-wallpapers", "CC-BY-4.0"),
        _photo("astronaut", "An astronaut", "NASA, in scikit-image", "Public domain"),
        _photo("cat", "A cat", "Stéfan van der Walt, in scikit-image", "CC0-1.0"),
        _scene("valley", "Objects in a valley"),
        _scene("pass", "Objects on a mountain pass"),
        _scene("stream", "Objects by a stream"),
    ),
)
