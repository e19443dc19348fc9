"""Autoencoding: inputs, params, models and samples."""

from collections.abc import Mapping
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
AUTOENCODER, DENOISING, VARIATIONAL = "autoencoder", "denoising-autoencoder", "variational-autoencoder"
SAMPLE_DATASET = HERE / "samples" / "dataset.npz"
MAX_SAMPLES = 64


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Corrupt the picture with noise first", "corruption": "gaussian", "level": 0.3},
                {"title": "Remove a patch first", "corruption": "missing patch", "level": 0.35},
                {
                    "title": "Without a picture: 36 samples, less extreme ones",
                    "count": 36,
                    "temperature": 0.8,
                },
            ]
        }
    )

    corruption: Annotated[
        Literal["none", "gaussian", "salt and pepper", "missing patch"],
        Titles("None", "Gaussian noise", "Salt and pepper", "Missing patch"),
    ] = Field(
        default="none",
        title="Corrupt the picture first",
        description="A denoising autoencoder restores the picture; the others show what they make of it.",
    )
    level: float = Field(
        default=0.25,
        ge=0.0,
        le=1.0,
        title="Level of the corruption",
        description="Standard deviation of Gaussian noise, share of black and white pixels, or side of the "
        "missing patch, each as a share of the full range.",
        json_schema_extra={"applies": {"corruption": ["gaussian", "salt and pepper", "missing patch"]}},
    )
    count: int = Field(
        default=16,
        ge=1,
        le=MAX_SAMPLES,
        title="Number of pictures",
        description="Without a picture: how many are decoded from random z. With two: the steps of the walk.",
    )
    prior: Annotated[
        Literal["automatic", "standard normal", "mixture"],
        Titles("Automatic", "Standard normal", "Mixture of Gaussians"),
    ] = Field(
        default="automatic",
        title="Distribution of random z",
        description="Without a picture: N(0, I), the prior of a variational autoencoder, or a mixture of "
        "Gaussians fitted to the training pictures' z. Automatic: the prior if the model has one.",
    )
    temperature: float = Field(
        default=1.0,
        ge=0.0,
        le=3.0,
        title="Temperature",
        description="Scales the deviation of random z: below 1, more typical and less varied pictures.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="The same seed gives the same random z and the same corruption.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Variational, z of 2: a plane of pictures", "kind": "variational", "latent": 2,
                 "steps": 1500},
                {"title": "Denoising, z of 32", "kind": "denoising", "latent": 32, "steps": 1500},
                {"title": "The KL term four times as heavy", "kind": "variational", "latent": 16, "beta": 4.0,
                 "steps": 1500},
            ]
        }
    )  # fmt: skip

    kind: Annotated[
        Literal["autoencoder", "denoising", "variational"], Titles("Autoencoder", "Denoising", "Variational")
    ] = Field(
        default="autoencoder",
        title="Kind of autoencoder",
        description="Autoencoder: z is a point. Denoising: trained to restore corrupted pictures. "
        "Variational: z is a distribution, close to N(0, I), from which new pictures can be drawn.",
    )
    latent: int = Field(
        default=8, ge=1, le=128, title="Size of z", description="Numbers that a picture is reduced to."
    )
    beta: float = Field(
        default=1.0,
        ge=0.0,
        le=100.0,
        title="β, weight of the KL divergence",
        description="1: a variational autoencoder; higher: z closer to N(0, I), blurrier reconstructions.",
        json_schema_extra={"applies": {"kind": ["variational"]}},
    )
    warm_up: float = Field(
        default=0.2,
        ge=0.0,
        le=1.0,
        title="KL warm-up",
        description="Share of the steps over which β grows from 0, so that fewer dimensions of z become "
        "inactive at the beginning.",
        json_schema_extra={"applies": {"kind": ["variational"]}},
    )
    corruption: Annotated[
        Literal["any", "gaussian", "salt and pepper", "missing patch"],
        Titles("Any", "Gaussian noise", "Salt and pepper", "Missing patch"),
    ] = Field(
        default="any",
        title="Corruption",
        description="What the pictures are corrupted with; any: each kind for a third of them.",
        json_schema_extra={"applies": {"kind": ["denoising"]}},
    )
    side: int | None = Field(
        default=None,
        ge=16,
        le=128,
        multiple_of=4,
        title="Picture size",
        description="Side of the pictures in pixels. Empty: that of the dataset, 64 for a ZIP.",
    )
    channels: Annotated[Literal["automatic", "gray", "color"], Titles("Automatic", "Gray", "Color")] = Field(
        default="automatic",
        title="Colors",
        description="Automatic: those of the dataset, color for a ZIP.",
    )
    steps: int = Field(default=600, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=64, ge=2, le=1024, description="Number of pictures in a batch.")
    learning_rate: float = Field(
        default=0.003, gt=0.0, le=0.1, description="Highest learning rate, reached after the warm-up."
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")


PAPER = (
    "Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, Science 313, 2006; "
    "Vincent et al., Extracting and Composing Robust Features with Denoising Autoencoders, ICML 2008; Kingma "
    "and Welling, Auto-Encoding Variational Bayes, ICLR 2014, arXiv:1312.6114; Higgins et al., beta-VAE, "
    "ICLR 2017"
)
LICENSE = "Apache-2.0; the model card lists the license of the training data"


def _model(name: str, title: str, summary: str, architecture: str) -> ModelCard:
    weights = HERE / "weights" / f"{name}.safetensors"
    return ModelCard(name, title, summary, architecture, LICENSE, weights)


FASHION = ("Fashion-MNIST by Zalando Research, test split", "MIT")
TOON_HEAD = ("ToonHead by Johan Melin, through DiceBear; drawn for the test", "CC-BY-4.0")
MOUNTAINS = ("Photo by Aitzol Berasategi, from Debian's lomiri-wallpapers, cropped", "CC-BY-4.0")


def _sample(
    name: str,
    title: str,
    files: Mapping[str, str],
    source: tuple[str, str] = FASHION,
    *,
    model: str = "",
    is_answered: bool = False,
) -> Sample:
    folder = HERE / "samples"
    inputs = {key: folder / file for key, file in files.items()}
    answer = folder / f"{name}.prediction" if is_answered else None
    return Sample(name, title, inputs, *source, answer=answer, model=model)


class AutoencodingResult(Result):
    image: Size | None


CARD = Card(
    name="autoencoding",
    title="Autoencoding",
    summary="Reduces a picture to a few numbers, rebuilds it from them, and draws new ones.",
    inputs=(
        Input("picture", MediaKind.IMAGE, "Picture", required=False),
        Input("second", MediaKind.IMAGE, "Second picture, to walk to", required=False),
    ),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=AutoencodingResult,
    train_params=TrainParams,
    models=(
        _model(
            "variational-16",
            "Variational autoencoder, z of 16",
            "Garments. Draws new ones from N(0, I).",
            VARIATIONAL,
        ),
        _model(
            "variational-16-beta-4",
            "Variational autoencoder, z of 16, β of 4",
            "Garments. The KL divergence weighs four times as much.",
            VARIATIONAL,
        ),
        _model(
            "variational-2",
            "Variational autoencoder, z of 2",
            "Garments in a plane, to walk through.",
            VARIATIONAL,
        ),
        _model("autoencoder-2", "Autoencoder, z of 2", "Garments, each reduced to two numbers.", AUTOENCODER),
        _model(
            "autoencoder-8", "Autoencoder, z of 8", "Garments, each reduced to eight numbers.", AUTOENCODER
        ),
        _model(
            "autoencoder-16",
            "Autoencoder, z of 16",
            "Garments, each reduced to sixteen numbers.",
            AUTOENCODER,
        ),
        _model(
            "autoencoder-32", "Autoencoder, z of 32", "Garments: the sharpest reconstructions.", AUTOENCODER
        ),
        _model(
            "denoising-32",
            "Denoising autoencoder, z of 32",
            "Garments: undoes noise and missing patches.",
            DENOISING,
        ),
        _model(
            "faces-variational-16",
            "Faces: variational autoencoder, z of 16",
            "Drawn faces in color, 64 × 64 pixels.",
            VARIATIONAL,
        ),
        _model(
            "faces-autoencoder-32",
            "Faces: autoencoder, z of 32",
            "Drawn faces: the sharpest reconstructions.",
            AUTOENCODER,
        ),
        _model(
            "faces-denoising-32",
            "Faces: denoising autoencoder, z of 32",
            "Drawn faces: undoes noise and missing patches.",
            DENOISING,
        ),
    ),
    samples=(
        _sample("boot", "Ankle boot", {"picture": "boot.png"}, is_answered=True),
        _sample("random", "No picture: garments of random z", {}, is_answered=True),
        _sample(
            "walk",
            "From a sneaker to an ankle boot",
            {"picture": "sneaker.png", "second": "boot.png"},
            is_answered=True,
        ),
        _sample(
            "face",
            "Drawn face",
            {"picture": "face.png"},
            TOON_HEAD,
            model="faces-variational-16",
            is_answered=True,
        ),
        _sample(
            "faces",
            "From one face to another",
            {"picture": "face.png", "second": "second-face.png"},
            TOON_HEAD,
            model="faces-variational-16",
            is_answered=True,
        ),
        _sample("bag", "Bag, a harder case", {"picture": "bag.png"}),
        _sample("photo", "Unlike garments: a photo of mountains", {"picture": "photo.jpg"}, MOUNTAINS),
    ),
    paper=PAPER,
    limits=(
        "Each model knows one kind of small picture: garments in gray, 28 × 28 pixels, or drawn faces, "
        "64 × 64. It rebuilds anything else from their parts. Reconstructions are blurred, the more so the "
        "smaller z is. The cross-entropy of gray values has a minimum above 0, the entropy of the pictures "
        "themselves."
    ),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Pictures", required=False),
    trains_on_datasets=OF_PICTURES,
    sample_dataset=SAMPLE_DATASET,
)
