"""Denoising: what it is, takes and gives."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import Card, Kind, MediaKind, MixedPrecision, ModelCard, Params, Sample

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
                {"title": "Clean this photo"},
                {"title": "Add noise, then remove it", "add_noise": 25.0},
                {"title": "Very strong noise", "add_noise": 50.0},
            ]
        }
    )

    noise_level: float = Field(
        default=0.0,
        ge=0.0,
        le=HIGHEST_LEVEL,
        title="Noise level",
        description="Standard deviation of the noise, of 255. 0: estimate it from the picture. "
        "More than there is smooths detail away; less leaves noise.",
    )
    strength: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        title="Strength",
        description="How much of the noise that was found is taken away. A little less than 1 keeps grain.",
    )
    add_noise: float = Field(
        default=0.0,
        ge=0.0,
        le=HIGHEST_LEVEL,
        title="Add noise first",
        description="Standard deviation, of 255, of noise that is added first, so that both halves are seen "
        "and the answer can be measured. 0: none.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, title="Seed", description="The same seed adds the same noise."
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "A first look: minutes", "steps": 300},
                {"title": "Go on from the shipped weights", "start": START_SHIPPED, "learning_rate": 0.0002},
                {"title": "From nothing, well: an hour on a CPU", "start": START_SCRATCH, "steps": 8000,
                 "batch_size": 8, "learning_rate": 0.002, "patch": 64},
            ]
        }
    )  # fmt: skip

    steps: int = Field(
        default=300, ge=1, le=1_000_000, description="How many batches the network learns from."
    )
    batch_size: int = Field(default=8, ge=1, le=256, description="Crops of photos in a batch.")
    learning_rate: float = Field(
        default=0.001, gt=0.0, le=0.1, description="Highest step size of AdamW, reached after the warm-up."
    )
    patch: int = Field(
        default=64, ge=16, le=512, multiple_of=8, description="Side of the square crops, in pixels."
    )
    highest_level: float = Field(
        default=60.0,
        ge=1.0,
        le=HIGHEST_LEVEL,
        title="Highest noise level",
        description="Crops get noise of any standard deviation from 0 to this, of 255.",
    )
    smallest_side: int = Field(
        default=320,
        ge=16,
        le=10_000,
        title="Smallest photo",
        description="Photos with a shorter side below this are left out: small ones are often badly "
        "compressed, and what they hold beside the scene would be learned too.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Literal["shipped weights", "scratch"] = Field(
        default=START_SCRATCH,
        description="Learn everything anew, or go on from the shipped weights: a better model, sooner.",
    )


MOUNTAINS = (
    "Photo by Aitzol Berasategi (CC BY 4.0), from Debian's lomiri-wallpapers; kept out of the training",
    "CC-BY-4.0",
)
PAGODA = (
    "Photo by Daniel Büchele (CC BY 2.0), from scikit-learn's sample images; kept out of the training; "
    "noise added by the project",
    "CC-BY-2.0",
)

CARD = Card(
    name="denoising",
    title="Denoising",
    summary="Removes noise from a photo and shows what it took away.",
    accepts=Kind.IMAGE,
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="denoiser",
            title="Denoising autoencoder",
            summary="The project's own: estimates the noise, or is told its level, and takes it away.",
            architecture="denoising-autoencoder",
            license="Apache-2.0; trained on photos under the licences in its card",
            weights=WEIGHTS,
        ),
    ),
    paper=(
        "Vincent et al., Extracting and Composing Robust Features with Denoising Autoencoders, ICML 2008; "
        "Zhang et al., FFDNet: Toward a Fast and Flexible Solution for CNN based Image Denoising, IEEE TIP "
        "2018, arXiv:1710.04026"
    ),
    limits=(
        "Made for grain: noise that differs from pixel to pixel. Blocks of strong JPEG compression, "
        "blotches, stripes and blur stay. Texture as faint as the noise, such as distant grass or skin, is "
        "smoothed away."
    ),
    trains_on=MediaKind.ARCHIVE,  # a ZIP of photos
    sample_dataset=SAMPLE_DATASET,
    samples=(
        Sample("pagoda", "A noisy pagoda", HERE / "samples" / "pagoda.png", *PAGODA),
        Sample(
            "peaks",
            "Very noisy peaks",
            HERE / "samples" / "peaks.png",
            MOUNTAINS[0] + "; noise added by the project",
            MOUNTAINS[1],
        ),
        Sample("ridge", "A clean ridge, to add noise to", HERE / "samples" / "ridge.jpg", *MOUNTAINS),
    ),
)
