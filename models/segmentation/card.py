"""Segmentation: what it is, takes and gives."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import Card, Kind, MixedPrecision, ModelCard, Params, Sample

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights" / "unet.safetensors"
DETECTION = HERE.parent / "detection"  # its cut-outs and its weights to start from; no code
SAMPLE_DATASET = DETECTION / "samples" / "dataset.npz"
BACKBONE = DETECTION / "weights" / "grid-detector.safetensors"
START_BACKBONE, START_SHIPPED, START_SCRATCH = "detector's backbone", "shipped weights", "scratch"


class PredictParams(Params):
    """Options of one segmentation."""

    least_share: float = Field(
        default=0.002,
        ge=0.0,
        le=0.5,
        title="Least share",
        description="A class that covers less of the picture is left out; its pixels go to the next.",
    )
    opacity: float = Field(
        default=0.55, ge=0.0, le=1.0, title="Opacity", description="Of the colors laid over the picture."
    )
    rle: bool = Field(
        default=False,
        title="COCO RLE",
        description="Also return every class's mask as a run-length string, as COCO's tools read it.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "A first look: minutes", "steps": 200},
                {"title": "Go on from the shipped weights", "start": START_SHIPPED, "learning_rate": 0.0003},
                {"title": "Well: hours on a CPU", "steps": 9000, "batch_size": 16, "learning_rate": 0.002,
                 "image_size": 192},
            ]
        }
    )  # fmt: skip

    steps: int = Field(default=200, ge=1, le=1_000_000, description="How many batches the UNet learns from.")
    batch_size: int = Field(default=8, ge=1, le=256, description="Composed pictures in a batch.")
    learning_rate: float = Field(
        default=0.002, gt=0.0, le=0.1, description="Highest step size of AdamW, reached after the warm-up."
    )
    image_size: int = Field(
        default=160, ge=64, le=640, multiple_of=32, description="Side of the square pictures, in pixels."
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Literal["detector's backbone", "shipped weights", "scratch"] = Field(
        default=START_BACKBONE,
        description="Where the weights begin: the encoder knows what the detector learned, or the whole UNet "
        "what the shipped one did, or nothing does.",
    )


PAPER = (
    "Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation, MICCAI 2015, "
    "arXiv:1505.04597"
)
TORCHVISION = "Apache-2.0 and BSD-3-Clause (torchvision); weights trained on COCO by torchvision's authors"
CREDIT = (
    "Background by Aitzol Berasategi (CC BY 4.0); things from Microsoft's Fluent emoji (MIT) and "
    "Open Clip Art (public domain); composed by the project"
)


def _scene(name: str, title: str) -> Sample:
    return Sample(name, title, HERE / "samples" / f"{name}.jpg", CREDIT, "CC-BY-4.0")


CARD = Card(
    name="segmentation",
    title="Segmentation",
    summary="Says for every pixel of a picture what it belongs to, and colors the picture by it.",
    accepts=Kind.IMAGE,
    produces=(Kind.MASK, Kind.IMAGE),
    predict_params=PredictParams,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="unet",
            title="UNet",
            summary="The project's own UNet for ten kinds of drawn and cut-out things; small and quick.",
            architecture="unet",
            license="Apache-2.0; trained on data under the licences in its card",
            weights=WEIGHTS,
        ),
        ModelCard(
            name="lraspp_mobilenet_v3_large",
            title="LR-ASPP, MobileNetV3",
            summary="torchvision's quick segmenter for 20 kinds of everyday things in photos.",
            architecture="lraspp_mobilenet_v3_large",
            license=TORCHVISION,
        ),
        ModelCard(
            name="deeplabv3_mobilenet_v3_large",
            title="DeepLabV3, MobileNetV3",
            summary="torchvision's DeepLabV3 on a small backbone, for 20 kinds of things in photos.",
            architecture="deeplabv3_mobilenet_v3_large",
            license=TORCHVISION,
        ),
        ModelCard(
            name="deeplabv3_resnet50",
            title="DeepLabV3, ResNet-50",
            summary="torchvision's larger DeepLabV3, for 20 kinds of things in photos; slow without a GPU.",
            architecture="deeplabv3_resnet50",
            license=TORCHVISION,
        ),
    ),
    paper=PAPER,
    limits=(
        "The UNet learned from drawings, emoji and cut-outs laid on backgrounds, not from photos of real "
        "scenes: on photos it finds things better than it names them. Thin parts and small things are lost."
    ),
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _scene("valley", "In the valley"),
        _scene("stream", "By the stream"),
        _scene("pass", "On the mountain pass"),
    ),
)
