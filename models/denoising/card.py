"""The card of denoising: inputs, params, models and limits."""

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
WEIGHTS = HERE / "weights" / "denoiser.safetensors"
SAMPLE_DATASET = HERE / "samples" / "dataset.zip"
START_SHIPPED, START_SCRATCH = "shipped weights", "scratch"
HIGHEST_LEVEL = 75.0


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Remove the noise"},
                {"title": "Add noise, then remove it", "add_noise": 25.0},
                {"title": "Add very strong noise", "add_noise": 50.0},
            ]
        }
    )

    noise_level: float = Field(
        default=0.0,
        ge=0.0,
        le=HIGHEST_LEVEL,
        title="Noise level",
        description="Standard deviation of the noise, of 255. 0: estimate it from the image. "
        "Too high a level removes detail; too low a level leaves noise.",
    )
    strength: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        title="Strength",
        description="Share of the predicted noise to remove. A value slightly below 1 keeps some grain.",
    )
    add_noise: float = Field(
        default=0.0,
        ge=0.0,
        le=HIGHEST_LEVEL,
        title="Add noise first",
        description="Standard deviation, of 255, of noise that is added first, so that the error can be "
        "measured. 0: none.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, title="Seed", description="The same seed adds the same noise."
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Quick trial: minutes", "steps": 300},
                {"title": "Continue from the shipped weights", "start": START_SHIPPED,
                 "learning_rate": 0.0002},
                {"title": "Full training: an hour on a CPU", "start": START_SCRATCH, "steps": 8000,
                 "batch_size": 8, "learning_rate": 0.002, "patch": 64},
            ]
        }
    )  # fmt: skip

    steps: int = Field(default=300, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=8, ge=1, le=256, description="Crops of photos per batch.")
    learning_rate: float = Field(
        default=0.001,
        gt=0.0,
        le=0.1,
        description="Highest learning rate, reached after the warm-up.",
    )
    patch: int = Field(
        default=64,
        ge=16,
        le=512,
        multiple_of=8,
        title="Patch size",
        description="Side of the square crops, in pixels.",
    )
    highest_level: float = Field(
        default=60.0,
        ge=1.0,
        le=HIGHEST_LEVEL,
        title="Highest noise level",
        description="Crops receive noise of any standard deviation from 0 to this value, of 255.",
    )
    smallest_side: int = Field(
        default=320,
        ge=16,
        le=10_000,
        title="Minimum side",
        description="Photos with a shorter side below this number of pixels are left out: small photos are "
        "often heavily compressed, and the network would learn their artifacts.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Annotated[
        Literal["shipped weights", "scratch"], Titles("Shipped weights", "Random weights (scratch)")
    ] = Field(
        default=START_SCRATCH,
        title="Initial weights",
        description="Start from random weights (scratch), or continue from the shipped weights for a better "
        "model sooner.",
    )


SAMPLES = HERE / "samples"
MOUNTAINS = "Photo by Aitzol Berasategi, from Debian's lomiri-wallpapers; not used for training"
PAGODA = "Photo by Daniel Büchele, from scikit-learn's sample images; not used for training"
NOISE_ADDED = "; noise added by the project"


class DenoisingResult(Result):
    image: Size


CARD = Card(
    name="denoising",
    title="Denoising",
    summary="Removes noise from a photo and shows what was removed.",
    inputs=(Input("image", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=DenoisingResult,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="denoiser",
            title="Denoising autoencoder (residual U-Net)",
            summary="Trained by this project. Removes noise of a given level, or estimates the level first.",
            architecture="denoising-autoencoder",
            license="Apache-2.0; trained on photos under the licenses in its card",
            weights=WEIGHTS,
        ),
    ),
    small_up_to=1_000_000,
    paper=(
        "Vincent et al., Extracting and Composing Robust Features with Denoising Autoencoders, ICML 2008; "
        "Zhang et al., FFDNet: Toward a Fast and Flexible Solution for CNN based Image Denoising, IEEE TIP "
        "2018, arXiv:1710.04026"
    ),
    limits=(
        "Made for grain, that is, noise of single pixels. Blocks of strong JPEG compression, blotches, "
        "stripes and blur remain. Texture as faint as the noise, such as distant grass or skin, is lost."
    ),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Photos", required=False),
    trains_on_datasets=OF_PICTURES,
    sample_dataset=SAMPLE_DATASET,
    samples=(
        Sample(
            name="pagoda",
            title="Noisy pagoda",
            inputs={"image": SAMPLES / "pagoda.png"},
            credit=PAGODA + NOISE_ADDED,
            license="CC-BY-2.0",
            answer=SAMPLES / "pagoda.prediction",
        ),
        Sample(
            name="peaks",
            title="Very noisy peaks",
            inputs={"image": SAMPLES / "peaks.png"},
            credit=MOUNTAINS + NOISE_ADDED,
            license="CC-BY-4.0",
            answer=SAMPLES / "peaks.prediction",
        ),
        Sample(
            name="ridge",
            title="Clean ridge, to add noise to",
            inputs={"image": SAMPLES / "ridge.jpg"},
            credit=MOUNTAINS,
            license="CC-BY-4.0",
            answer=SAMPLES / "ridge.prediction",
        ),
    ),
)
