"""Depixelization: inputs, params, models and samples."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import (
    Card,
    Familiarity,
    Input,
    Kind,
    MediaKind,
    ModelCard,
    Params,
    Result,
    Sample,
    Size,
)
from models.core.contract.dataset import DatasetKind

HERE = Path(__file__).parent
ARCHITECTURE = "depixelizer"
FACES, GARMENTS = (
    HERE / "weights" / f"{name}.safetensors" for name in ("depixelized-faces", "depixelized-shoes")
)
SAMPLE_DATASET = HERE / "samples" / "dataset.npz"


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Balanced training set", "share": 50},
                {"title": "1%, each of its pictures repeated", "share": 1, "oversampled": True},
            ]
        }
    )

    share: Literal[1, 5, 10, 25, 50] = Field(
        default=1,
        title="Share of the rare group (%)",
        description="Of the pictures that the network learned from. All shares are drawn beside each other "
        "when the answer is opened. Models of your own know one share only.",
    )
    oversampled: bool = Field(
        default=False,
        title="Rare group oversampled",
        description="The network that saw the same 1% again and again, as half of every batch.",
        json_schema_extra={"applies": {"share": [1]}},
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Sandals are as frequent as sneakers", "share": 50.0},
                {"title": "1%, half of every batch", "share": 1.0, "oversampled": True},
                {"title": "The other way round: sneakers are rare", "frequent": "sandal", "rare": "sneaker"},
            ]
        }
    )

    frequent: str = Field(
        default="",
        max_length=200,
        title="Frequent group",
        description="A class of the dataset. Empty: the first one, or sneaker.",
    )
    rare: str = Field(
        default="",
        max_length=200,
        title="Rare group",
        description="Another class of the dataset. Empty: the next one, or sandal.",
    )
    share: float = Field(
        default=5.0,
        ge=0.1,
        le=50.0,
        title="Share of the rare group (%)",
        description="Of the pictures in the training set, whose size is the same for every share.",
    )
    oversampled: bool = Field(
        default=False,
        title="Oversample the rare group",
        description="Half of every batch is of the rare group: its few pictures come again and again.",
    )
    size: int = Field(
        default=3000,
        ge=20,
        le=100_000,
        title="Pictures in the training set",
        description="At most; fewer where the dataset has too few of a group for every share up to 50%.",
    )
    steps: int = Field(default=500, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=16, ge=2, le=512, description="Number of pictures in a batch.")
    learning_rate: float = Field(
        default=0.003, gt=0.0, le=0.1, description="Highest learning rate, reached after the warm-up."
    )
    adversary: float = Field(
        default=0.04,
        ge=0.0,
        le=10.0,
        title="Weight of the adversary",
        description="Beside the distance to the true picture. 0: restorations are blurred where the small "
        "picture leaves several possibilities.",
    )
    width: int = Field(default=32, ge=8, le=256, multiple_of=8, description="Channels of the layers.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")


class DepixelizationResult(Result):
    image: Size
    answer: Size = Field(description="Of the restored picture, enlarged so that its pixels can be seen.")
    group: str = Field(description="The group that the judge sees in the restoration.")
    probability: float = Field(description="Of this group, by the judge.")
    share: float = Field(description="Of the rare group in the training set, from 0 to 1.")
    familiarity: Familiarity | None = None


TOON_HEAD = ("ToonHead by Johan Melin, through DiceBear; drawn for the test", "CC-BY-4.0")
FASHION = ("Fashion-MNIST by Zalando Research, test split", "MIT")


def _sample(
    name: str, title: str, source: tuple[str, str], model: str, *, is_answered: bool = True
) -> Sample:
    folder = HERE / "samples"
    answer = folder / f"{name}.prediction" if is_answered else None
    return Sample(
        name,
        title,
        {"picture": folder / f"{name}.png"},
        *source,
        answer=answer,
        model=model,
    )


CARD = Card(
    name="depixelization",
    title="Depixelization",
    summary="Restores a face or a shoe from a few gray cells, and shows whose pictures come out as others.",
    inputs=(Input("picture", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=DepixelizationResult,
    train_params=TrainParams,
    models=(
        ModelCard(
            name=FACES.stem,
            title="Drawn faces, light and dark skin",
            summary="From 8 × 8 gray cells to 64 × 64 pixels in color; dark skin was rare in the training.",
            architecture=ARCHITECTURE,
            license="CC BY 4.0, as its training data: ToonHead by Johan Melin",
            weights=FACES,
        ),
        ModelCard(
            name=GARMENTS.stem,
            title="Shoes: sneakers and sandals",
            summary="From 5 × 5 gray cells to 28 × 28; sandals were rare in the training.",
            architecture=ARCHITECTURE,
            license="MIT, as its training data",
            weights=GARMENTS,
        ),
    ),
    paper="Menon et al., PULSE: Self-Supervised Photo Upsampling via Latent Space Exploration of Generative "
    "Models, CVPR 2020, arXiv:2003.03808; Ledig et al., SRGAN, CVPR 2017, arXiv:1609.04802",
    limits=(
        "The restored details are invented: they show what was frequent in the training, never who or what "
        "was in front of the camera. Not for identifying anyone. It knows drawn faces, or sneakers and "
        "sandals, and makes one of anything else. Two groups of skin color in drawings stand "
        "for a mechanism, not for people."
    ),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Pictures of two classes", required=False),
    trains_on_datasets=(DatasetKind.CLASSES,),
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _sample("dark-skin", "Face with dark skin", TOON_HEAD, FACES.stem),
        _sample("light-skin", "Face with light skin", TOON_HEAD, FACES.stem, is_answered=False),
        _sample("sandal", "Sandal", FASHION, GARMENTS.stem),
    ),
)
