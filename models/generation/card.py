"""Generation: params, models and samples."""

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
    SampleSweep,
    Size,
)
from models.core.contract.dataset import OF_PICTURES
from models.core.contract.titles import Titles

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights" / "garments.safetensors"
SAMPLE_DATASET = HERE / "samples" / "dataset.npz"
FAILURES = HERE / "failures"  # samples and losses of trainings that failed
AUGMENTATION_BELOW = 2000  # training pictures


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "One picture, enlarged", "count": 1},
                {"title": "Typical ones: a small truncation", "truncation": 0.5},
                {"title": "Sneakers only (garments)", "label": "sneaker"},
            ]
        }
    )

    label: str = Field(
        default="",
        max_length=100,
        title="Class",
        description="Name of the class to generate; empty: all classes in turn.",
    )
    count: int = Field(default=20, ge=1, le=100, title="Count", description="Number of pictures.")
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        description="Fixes the random numbers z; the same seed gives the same pictures.",
    )
    truncation: float | None = Field(
        default=None,
        ge=0.1,
        le=4.0,
        title="Truncation",
        description="Numbers of z beyond this are drawn again: small values give typical pictures that are "
        "all alike; empty: none are.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Short trial: a minute", "steps": 300},
                {"title": "A few dozen own pictures: five minutes", "steps": 2500, "batch_size": 16,
                 "width": 24, "mixed_precision": True},
                {"title": "As the shipped model of garments: an hour on a CPU", "steps": 20_000, "width": 48},
            ]
        }
    )  # fmt: skip

    steps: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="Number of batches, on each of which discriminator and generator learn once.",
    )
    batch_size: int = Field(default=32, ge=2, le=512, description="Number of real pictures in a batch.")
    learning_rate: float = Field(
        default=0.0005,
        gt=0.0,
        le=1.0,
        title="Learning rate of the generator",
        description="Adam's step size; it falls to zero over the last 30% of the steps.",
    )
    discriminator_rate: float = Field(
        default=0.001,
        gt=0.0,
        le=1.0,
        title="Learning rate of the discriminator",
        description="Twice the generator's by default, as its spectral norm slows it down.",
    )
    image_size: Literal[28, 32, 48, 64, 96, 128] | None = Field(
        default=None,
        title="Image size",
        description="Side of the pictures in pixels; empty: that of the dataset, 64 for a ZIP of pictures.",
    )
    augmentation: Annotated[Literal["auto", "on", "off"], Titles("Automatic", "On", "Off")] = Field(
        default="auto",
        description="Change colors, move and cut out parts of real and generated pictures alike, so that few "
        f"pictures are not learned by heart. Automatic: with fewer than {AUGMENTATION_BELOW:,}.",
    )
    width: int = Field(
        default=32,
        ge=8,
        le=128,
        multiple_of=2,
        description="Channels of the first layer of the discriminator and, similarly, of all others.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")


def _sample(name: str, title: str) -> Sample:
    picture = HERE / "samples" / f"{name}.png"
    return Sample(name, title, {"picture": picture}, "Fashion-MNIST by Zalando Research", "MIT")


class GenerationResult(Result):
    image: Size


CARD = Card(
    name="generation",
    title="Generation",
    summary="Generates pictures of a class from random numbers, with a generative adversarial network.",
    inputs=(Input("picture", MediaKind.IMAGE, "Picture to judge", required=False),),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=GenerationResult,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="garments",
            title="Garments",
            summary="Ten kinds of clothing, 28 × 28 pixels in gray, learned from Fashion-MNIST.",
            architecture="conditional-gan",
            license="MIT, as its training data",
            weights=WEIGHTS,
        ),
        ModelCard(
            name="faces",
            title="Drawn faces",
            summary="Drawn heads with nine hair styles, 64 × 64 pixels in color.",
            architecture="conditional-gan",
            license="CC BY 4.0, as its training data: ToonHead by Johan Melin",
            weights=WEIGHTS.with_stem("faces"),
        ),
    ),
    paper="Goodfellow et al., Generative Adversarial Nets, NIPS 2014, arXiv:1406.2661; Radford et al., "
    "DCGAN, ICLR 2016, arXiv:1511.06434; Miyato et al., Spectral Normalization, ICLR 2018, arXiv:1802.05957",
    limits=(
        "It draws only what it learned, in its frame: no wishes in words, no other classes. Sandals, prints "
        "and the handles of bags come out frayed more often than plain shirts and shoes. The verdict "
        "compares with this generator's own pictures only: it does not measure how real a picture is."
    ),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Pictures", required=False),
    trains_on_datasets=OF_PICTURES,
    sample_dataset=SAMPLE_DATASET,
    sweeps=(
        SampleSweep(
            "learning-rates",
            "Garments: nine trainings by the learning rates of both networks",
            HERE / "samples" / "learning-rates.sweep.json",
        ),
    ),
    samples=(
        _sample("bag", "A real bag that neither network has seen"),
        _sample("boot", "A real boot, dark on white: inverted first"),
    ),
)
