"""Colorization: what it is, takes and gives."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import Card, Kind, MediaKind, MixedPrecision, ModelCard, Params, Sample

HERE = Path(__file__).parent
GAN_WEIGHTS = HERE / "weights" / "gan.safetensors"
L1_WEIGHTS = HERE / "weights" / "l1.safetensors"
# the project's detector: its backbone has the encoder's shape
DETECTOR_WEIGHTS = HERE.parent / "detection" / "weights" / "grid-detector.safetensors"
SAMPLE_DATASET = HERE / "samples" / "dataset.zip"
START_GAN, START_L1, START_DETECTOR, START_SCRATCH = "gan", "l1", "detector", "scratch"


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Pale, as an old print", "saturation": 0.6},
                {"title": "Bolder than it dares", "saturation": 1.5},
            ]
        }
    )

    saturation: float = Field(
        default=1.0,
        ge=0.0,
        le=2.0,
        title="Saturation",
        description="How strong the guessed colors are laid on: 0 is gray, 1 as they were guessed.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "A first look: minutes", "steps": 100},
                {"title": "Without the adversary", "start": START_L1, "adversarial": 0.0},
                {"title": "From nothing, well: an hour on a CPU", "start": START_SCRATCH, "steps": 3000,
                 "batch_size": 16, "learning_rate": 0.002, "adversarial": 0.0},
            ]
        }
    )  # fmt: skip

    steps: int = Field(
        default=100, ge=1, le=1_000_000, description="How many batches the generator learns from."
    )
    batch_size: int = Field(default=8, ge=1, le=256, description="Crops of photos in a batch.")
    learning_rate: float = Field(
        default=0.0003, gt=0.0, le=0.1, description="Highest step size of AdamW, reached after the warm-up."
    )
    image_size: int = Field(
        default=96,
        ge=64,
        le=320,
        multiple_of=32,
        description="Side of the crops in pixels, and about that of a whole picture as it is seen.",
    )
    adversarial: float = Field(
        default=0.02,
        ge=0.0,
        le=1.0,
        description="Weight of the discriminator's verdict beside the L1 loss; 0 trains without one.",
    )
    rebalance: float = Field(
        default=1.0,
        ge=0.0,
        le=10.0,
        description="How much more an error counts where the true color is strong; 0: everywhere the same.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Literal["gan", "l1", "detector", "scratch"] = Field(
        default=START_GAN,
        description="Go on from one of the shipped models, from the shipped detector's backbone as encoder, "
        "or learn everything anew.",
    )


PAPER = (
    "Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017, "
    "arXiv:1611.07004; Zhang et al., Colorful Image Colorization, ECCV 2016, arXiv:1603.08511"
)
LOMIRI = "Photo by Aitzol Berasategi (CC BY 4.0), resized"
CHINA = "Photo by danielbuechele, sklearn.datasets (CC BY 2.0)"
LICENSE = "Apache-2.0; trained on data under the licences in its card"

CARD = Card(
    name="colorization",
    title="Colorization",
    summary="Guesses colors for a gray photo and lays them on it at its full size.",
    accepts=Kind.IMAGE,
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="gan",
            title="U-Net with an adversary",
            summary="Trained against a discriminator that tells guessed from true colors: bolder.",
            architecture="unet-ab",
            license=LICENSE,
            weights=GAN_WEIGHTS,
        ),
        ModelCard(
            name="l1",
            title="U-Net, L1 only",
            summary="The same generator without the adversary: safer and paler.",
            architecture="unet-ab",
            license=LICENSE,
            weights=L1_WEIGHTS,
        ),
    ),
    paper=PAPER,
    limits=(
        "Colors are guesses from a few hundred photos: sky, foliage and stone mostly come out plausible; "
        "clothes, flowers, vehicles and painted things get some likely color, often brown or gray. "
        "Small things take the color of what is around them. Transparent pictures are laid on white."
    ),
    trains_on=MediaKind.ARCHIVE,  # a ZIP of photos
    sample_dataset=SAMPLE_DATASET,
    samples=(
        Sample("mountain", "A gray mountain", HERE / "samples" / "aitzgorri.jpg", LOMIRI, "CC-BY-4.0"),
        Sample("peaks", "Peaks, with colors to compare", HERE / "samples" / "picos.jpg", LOMIRI, "CC-BY-4.0"),
        Sample("temple", "A painted temple: hard", HERE / "samples" / "temple.jpg", CHINA, "CC-BY-2.0"),
    ),
)
