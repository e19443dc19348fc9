"""Colorization: inputs, params, models and samples."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import (
    Card,
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

HERE = Path(__file__).parent
GAN_WEIGHTS = HERE / "weights" / "gan.safetensors"
L1_WEIGHTS = HERE / "weights" / "l1.safetensors"
# the shipped grid detector: its backbone has the encoder's shape
SAMPLE_DATASET = HERE / "samples" / "dataset.zip"
START_GAN, START_L1, START_DETECTOR, START_SCRATCH = "gan", "l1", "detector", "scratch"


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Pale, as in an old print", "saturation": 0.6},
                {"title": "Stronger than predicted", "saturation": 1.5},
            ]
        }
    )

    saturation: float = Field(
        default=1.0,
        ge=0.0,
        le=2.0,
        title="Saturation",
        description="Strength of the predicted colors: 0 is gray, 1 as predicted.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Short trial: minutes", "steps": 100},
                {"title": "Without a discriminator", "start": START_L1, "adversarial": 0.0},
                {"title": "From scratch: an hour on a CPU", "start": START_SCRATCH, "steps": 3000,
                 "batch_size": 16, "learning_rate": 0.002, "adversarial": 0.0},
            ]
        }
    )  # fmt: skip

    steps: int = Field(default=100, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=8, ge=1, le=256, description="Number of photo crops in a batch.")
    learning_rate: float = Field(
        default=0.0003,
        gt=0.0,
        le=0.1,
        description="Highest learning rate of the generator, reached after the warm-up.",
    )
    image_size: int = Field(
        default=96,
        ge=64,
        le=320,
        multiple_of=32,
        description="Side of the crops in pixels; whole pictures are resized to about the same area.",
    )
    adversarial: float = Field(
        default=0.02,
        ge=0.0,
        le=1.0,
        title="Adversarial weight",
        description="Weight of the adversarial loss beside the L1 loss; 0 trains without a discriminator.",
    )
    rebalance: float = Field(
        default=1.0,
        ge=0.0,
        le=10.0,
        title="Color rebalancing",
        description="How much more an error counts where the true color is strong; 0: all count alike.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Literal["gan", "l1", "detector", "scratch"] = Field(
        default=START_GAN,
        title="Initial weights",
        description="Continue from a shipped model, use the shipped detector's backbone as the encoder, or "
        "train from scratch.",
    )


PAPER = (
    "Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017, "
    "arXiv:1611.07004; Zhang et al., Colorful Image Colorization, ECCV 2016, arXiv:1603.08511"
)
LOMIRI = "Photo by Aitzol Berasategi (CC BY 4.0), resized"
CHINA = "Photo by danielbuechele, sklearn.datasets (CC BY 2.0)"
LICENSE = "Apache-2.0; the model card lists the licenses of the training data"


def _sample(name: str, title: str, stem: str, credit: str, license_: str) -> Sample:
    folder = HERE / "samples"
    answer = folder / f"{stem}.prediction"
    return Sample(name, title, {"image": folder / f"{stem}.jpg"}, credit, license_, answer)


class ColorizationResult(Result):
    image: Size
    colorfulness: float


CARD = Card(
    name="colorization",
    title="Colorization",
    summary="Predicts plausible colors for a gray photo, at its full size.",
    inputs=(Input("image", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=ColorizationResult,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="gan",
            title="U-Net, GAN",
            summary="Trained against a discriminator that distinguishes predicted from true colors: bolder.",
            architecture="unet-ab",
            license=LICENSE,
            weights=GAN_WEIGHTS,
        ),
        ModelCard(
            name="l1",
            title="U-Net, L1 loss only",
            summary="The same generator trained without a discriminator: safer and paler.",
            architecture="unet-ab",
            license=LICENSE,
            weights=L1_WEIGHTS,
        ),
    ),
    small_up_to=8_000_000,
    paper=PAPER,
    limits=(
        "Colors are predictions learned from a few hundred photos. Sky, foliage and stone are mostly "
        "plausible; clothes, flowers, vehicles and painted objects get some likely color, often brown or "
        "gray. Small objects take the color of their surroundings. Transparent pictures are placed on white."
    ),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Photos", required=False),
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _sample("mountain", "Mountain in gray", "aitzgorri", LOMIRI, "CC-BY-4.0"),
        _sample("peaks", "Peaks, with true colors to compare", "picos", LOMIRI, "CC-BY-4.0"),
        _sample("temple", "Painted temple, a hard case", "temple", CHINA, "CC-BY-2.0"),
    ),
)
