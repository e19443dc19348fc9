"""Colorization: inputs, params, models and samples."""

from pathlib import Path
from typing import Annotated, Literal

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
from models.core.contract.dataset import OF_PICTURES
from models.core.contract.titles import Titles

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights" / "color-classes.safetensors"
SAMPLE_DATASET = HERE / "samples" / "dataset.zip"
TEMPERATURE = 0.38  # Zhang et al., section 2.3
START_SHIPPED, START_NANODET, START_SCRATCH = "shipped", "nanodet-g", "scratch"


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Pale, as in an old print", "saturation": 0.6},
                {"title": "The mean of all plausible colors", "temperature": 1.0},
                {"title": "The most probable color everywhere", "temperature": 0.05},
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
    temperature: float = Field(
        default=TEMPERATURE,
        ge=0.05,
        le=1.0,
        title="Temperature",
        description="How much improbable colors count: 1 averages all plausible ones, which is pale; 0.05 "
        "takes the most probable, which is bold and patchy.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Short trial: minutes", "steps": 100},
                {"title": "Starting from the encoder of NanoDet-g", "start": START_NANODET, "steps": 1500,
                 "batch_size": 16, "learning_rate": 0.002},
                {"title": "From scratch: an hour on a CPU", "start": START_SCRATCH, "steps": 3000,
                 "batch_size": 16, "learning_rate": 0.002},
            ]
        }
    )  # fmt: skip

    steps: int = Field(default=100, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=8, ge=1, le=256, description="Number of photo crops in a batch.")
    learning_rate: float = Field(
        default=0.0003,
        gt=0.0,
        le=0.1,
        description="Highest learning rate of the decoder, reached after the warm-up; a pretrained encoder's "
        "is a tenth of it.",
    )
    image_size: int = Field(
        default=160,
        ge=64,
        le=320,
        multiple_of=32,
        description="Side of the crops in pixels; whole pictures are resized to about the same area.",
    )
    rebalance: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        title="Color rebalancing",
        description="How far rare colors weigh more in the loss: 0, all pixels alike; 1, each color as much "
        "as any other in all.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Annotated[
        Literal["shipped", "nanodet-g", "scratch"],
        Titles("Shipped model", "NanoDet-g", "Random weights (scratch)"),
    ] = Field(
        default=START_SHIPPED,
        title="Initial weights",
        description="Continue from the shipped model, use the backbone of the installed NanoDet-g as the "
        "encoder, or train from scratch.",
    )


PAPER = (
    "Zhang et al., Colorful Image Colorization, ECCV 2016, arXiv:1603.08511; Ronneberger et al., U-Net, "
    "MICCAI 2015, arXiv:1505.04597"
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
            name="color-classes",
            title="U-Net, 261 colors",
            summary="Predicts for each cell how probable each of 261 colors is, with NanoDet's backbone.",
            architecture="color-classes",
            license=LICENSE,
            weights=WEIGHTS,
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
    trains_on_datasets=OF_PICTURES,
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _sample("mountain", "Mountain in gray", "aitzgorri", LOMIRI, "CC-BY-4.0"),
        _sample("peaks", "Peaks, with true colors to compare", "picos", LOMIRI, "CC-BY-4.0"),
        _sample("temple", "Painted temple, a hard case", "temple", CHINA, "CC-BY-2.0"),
    ),
)
