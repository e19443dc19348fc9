"""Segmentation: what it does, takes and returns."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import (
    Card,
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
WEIGHTS = HERE / "weights" / "unet.safetensors"
MASK_WEIGHTS = HERE / "weights" / "box-unet.safetensors"
START_AUTOMATIC, START_COCO = "automatic", "COCO detector's backbone"
START_BACKBONE, START_SHIPPED, START_SCRATCH = "detector's backbone", "shipped weights", "scratch"


class PredictParams(Params):
    """Options of one segmentation."""

    score: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        title="Score threshold",
        description="Objects of which the detector is less certain get no mask. Empty: the detector's own, "
        "for NanoDet 0.3, or 0.35 with one view. Models without a detector do not use it.",
    )
    views: bool = Field(
        default=True,
        title="Several views",
        description="NanoDet also searches the picture mirrored, smaller and larger, and the mask network "
        "receives each crop larger and also mirrored: better boxes and masks in about three times the time. "
        "Models without a detector do not use it.",
    )
    sharpen: bool = Field(
        default=False,
        title="Sharpen the edge",
        description="Decide the pixels near the edge of each object anew, by their colors (GrabCut). Better "
        "on fur and feathers, worse where an object has the colors of its surroundings. Models without a "
        "detector do not use it.",
    )
    least_share: float = Field(
        default=0.002,
        ge=0.0,
        le=0.5,
        title="Minimum share",
        description="A class or object that covers a smaller share of the picture is removed; its pixels get "
        "the next most likely one.",
    )
    opacity: float = Field(
        default=0.55,
        ge=0.0,
        le=1.0,
        title="Opacity",
        description="Opacity of the class colors over the picture.",
    )
    rle: bool = Field(
        default=False,
        title="COCO RLE",
        description="Also return the mask of every class as a run-length encoded string in COCO's format.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Quick look (minutes)", "steps": 200},
                {"title": "Continue from the shipped weights", "start": START_SHIPPED,
                 "learning_rate": 0.0003},
                {"title": "Full training (hours on a CPU)", "steps": 9000, "batch_size": 16,
                 "learning_rate": 0.002, "image_size": 192},
            ]
        }
    )  # fmt: skip

    steps: int = Field(default=200, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=8, ge=1, le=256, description="Number of pictures in a batch.")
    learning_rate: float = Field(
        default=0.002, gt=0.0, le=0.1, description="Highest learning rate, reached after the warm-up."
    )
    image_size: int = Field(
        default=160, ge=64, le=640, multiple_of=32, description="Side of the square pictures in pixels."
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Annotated[
        Literal["automatic", "COCO detector's backbone", "detector's backbone", "shipped weights", "scratch"],
        Titles(
            "Automatic",
            "COCO detector's backbone",
            "Detector's backbone",
            "Shipped weights",
            "Random weights (scratch)",
        ),
    ] = Field(
        default=START_AUTOMATIC,
        title="Initial weights",
        description="COCO detector's backbone: the encoder is that of NanoDet-g, the best choice for own "
        "photos. Detector's backbone: the encoder is that of the grid detector. Shipped weights: train the "
        "shipped U-Net further. Scratch: random weights. Automatic: the COCO detector's backbone for labeled "
        "pictures, and the grid detector's for a bank of cut-outs.",
    )


PAPER = (
    "Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation, MICCAI 2015, "
    "arXiv:1505.04597; He et al., Mask R-CNN, ICCV 2017, arXiv:1703.06870"
)
TORCHVISION = "Apache-2.0 and BSD-3-Clause (torchvision); weights trained on COCO by torchvision's authors"
CREDIT = (
    "Background by Aitzol Berasategi (CC BY 4.0); objects from Microsoft's Fluent emoji (MIT) and "
    "Open Clip Art (public domain); composed by the project"
)


def _sample(name: str, title: str, credit: str, license: str, model: str) -> Sample:  # noqa: A002
    folder = HERE / "samples"
    return Sample(
        name=name,
        title=title,
        inputs={"image": folder / f"{name}.jpg"},
        credit=credit,
        license=license,
        answer=folder / f"{name}.prediction",
        model=model,
    )


def _photo(name: str, title: str, credit: str, license: str) -> Sample:  # noqa: A002
    return _sample(name, title, credit, license, "box-unet")


def _scene(name: str, title: str) -> Sample:
    """A picture of the kind that the U-Net of classes learned from."""
    return _sample(name, title, CREDIT, "CC-BY-4.0", "unet")


class SegmentedClass(Result):
    index: int = Field(description="The value of its pixels in the mask.")
    name: str
    pixels: int
    share: float = Field(description="Of the picture's pixels.")


class SegmentedObject(Result):
    index: int = Field(description="The value of its pixels in the mask of instances.")
    label: str
    score: float = Field(description="Of the detector.")
    pixels: int
    share: float = Field(description="Of the picture's pixels.")


class SegmentationResult(Result):
    """The classes that were found; of a model with a detector also each object."""

    classes: list[SegmentedClass]
    instances: list[SegmentedObject] | None = None
    image: Size
    labels: list[str] | None = Field(
        default=None, description="All classes that the model knows, without the background."
    )
    familiarity: Familiarity | None = Field(
        default=None,
        description="Of a model with a detector, that of the detector. Omitted: nothing is known about the "
        "pictures that the model learned from.",
    )


CARD = Card(
    name="segmentation",
    title="Segmentation",
    summary="Finds which pixels of a picture belong to which object or class, and colors the picture "
    "accordingly.",
    inputs=(Input("image", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.MASK, Kind.IMAGE),
    predict_params=PredictParams,
    result=SegmentationResult,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="box-unet",
            title="Detector + mask U-Net",
            summary="Finds objects in photos with the installed detector, and gives each its own mask.",
            architecture="box-unet",
            license="Apache-2.0; encoder from NanoDet-g (Apache-2.0, RangiLyu); trained on data under the "
            "licenses listed in its model card",
            weights=MASK_WEIGHTS,
            is_preferred=True,
        ),
        ModelCard(
            name="unet",
            title="U-Net",
            summary="The project's own U-Net to read: it assigns each pixel one of ten classes of drawn and "
            "cut-out objects. It does not know photos.",
            architecture="unet",
            license="Apache-2.0; trained on data under the licenses listed in its model card",
            weights=WEIGHTS,
        ),
        ModelCard(
            name="lraspp_mobilenet_v3_large",
            title="LR-ASPP, MobileNetV3",
            summary="torchvision's fast segmentation model for 20 classes of everyday objects in photos.",
            architecture="lraspp_mobilenet_v3_large",
            license=TORCHVISION,
            is_pretrained=True,
        ),
        ModelCard(
            name="deeplabv3_mobilenet_v3_large",
            title="DeepLabV3, MobileNetV3",
            summary="torchvision's DeepLabV3 with a small backbone, for 20 classes of everyday objects in "
            "photos.",
            architecture="deeplabv3_mobilenet_v3_large",
            license=TORCHVISION,
            is_pretrained=True,
        ),
        ModelCard(
            name="deeplabv3_resnet50",
            title="DeepLabV3, ResNet-50",
            summary="torchvision's larger DeepLabV3, for 20 classes of everyday objects in photos; slow "
            "without a GPU.",
            architecture="deeplabv3_resnet50",
            license=TORCHVISION,
            is_pretrained=True,
        ),
    ),
    paper=PAPER,
    limits=(
        "The mask U-Net gives a mask only to what the detector finds: no sky, no road, no water. It loses "
        "thin legs, gaps between spokes and camouflaged parts. The U-Net of classes was trained on drawings, "
        "emoji and cut-outs, not on photos of real scenes."
    ),
    # of the least certain object; classes of pixels have none
    confidence=lambda result: min((each["score"] for each in result.get("instances") or ()), default=None),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Pictures with masks", required=False),
    trains_on_datasets=(DatasetKind.MASKS,),
    sample_dataset=CUTOUTS,
    samples=(
        _photo("astronaut", "An astronaut", "NASA, in scikit-image", "Public domain"),
        _photo("panda", "A panda", "Aaron Logan, in Debian's gcompris-qt-data", "CC-BY-1.0"),
        _photo("fruit", "Citrus fruit", "US Department of Agriculture, in palapeli-data", "Public domain"),
        _scene("valley", "Drawn objects in a valley"),
    ),
)
