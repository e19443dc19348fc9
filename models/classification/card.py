"""Classification: inputs, params, models and samples."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from models.core.contract.audit import ModelAuditParams
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
from models.core.contract.titles import Titles

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights" / "kinds.safetensors"
SAMPLE_DATASET = HERE / "samples" / "dataset.zip"
HEAD, FINE_TUNE = "head", "fine-tune"
AUTOMATIC = "automatic"
ONLY_FINE_TUNING: dict[str, Any] = {"applies": {"mode": [FINE_TUNE]}}


class PredictParams(Params):
    """Options of one prediction."""

    top: int = Field(
        default=10,
        ge=1,
        le=1000,
        title="Classes",
        description="Number of classes in the result, the most probable first.",
    )
    features: bool = Field(
        default=False,
        title="Features",
        description="Also return the numbers that the last layer receives, such as to train a classifier of "
        "your own on them.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "The head alone: seconds"},
                {"title": "More views of few pictures", "views": 3, "mirror": True},
                {"title": "Fine-tuning: minutes", "mode": FINE_TUNE, "steps": 120},
            ]
        }
    )

    mode: Annotated[Literal["head", "fine-tune"], Titles("The last only", "All (fine-tuning)")] = Field(
        default=HEAD,
        title="Layers to train",
        description="The last layer on the features of a frozen backbone, which takes seconds and suits few "
        "pictures; or all layers, which takes minutes and pays with some hundred pictures.",
    )
    backbone: Annotated[
        Literal["automatic", "nanodet-g", "box-unet"], Titles("Automatic", "NanoDet-g", "Mask network")
    ] = Field(
        default=AUTOMATIC,
        title="Backbone",
        description="Whose layers compute the features: those of NanoDet-g or of the shipped mask network, "
        "which began as NanoDet-g and is less accurate here. Automatic: NanoDet-g if it is installed.",
    )
    views: int = Field(
        default=1,
        ge=1,
        le=10,
        title="Views",
        description="Views of each training picture that the head learns from: the picture and random crops "
        "of it. Each takes as long as the picture itself.",
    )
    mirror: bool = Field(
        default=False,
        title="Mirror images",
        description="Learn from mirror images, too: where left and right do not matter, that is like more "
        "pictures.",
    )
    balance: bool = Field(
        default=True,
        title="Balance the classes",
        description="Give all classes the same weight in the loss, however many pictures each has.",
    )
    inverse_regularization: float = Field(
        default=1.0,
        ge=1e-4,
        le=1000.0,
        title="Inverse regularization (C)",
        description="How much the loss on the training pictures counts against small weights: lower values "
        "give smoother decisions.",
    )
    steps: int = Field(
        default=60,
        ge=1,
        le=2000,
        description="Number of batches of the fine-tuning.",
        json_schema_extra=ONLY_FINE_TUNING,
    )
    batch_size: int = Field(
        default=8,
        ge=2,
        le=64,
        description="Number of pictures in a batch of the fine-tuning.",
        json_schema_extra=ONLY_FINE_TUNING,
    )
    learning_rate: float = Field(
        default=0.001,
        gt=0.0,
        le=0.1,
        description="Highest learning rate of the head in the fine-tuning; the backbone's is a tenth of it.",
        json_schema_extra=ONLY_FINE_TUNING,
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")


class AuditParams(ModelAuditParams):
    """Options of one audit of a model on labeled pictures."""

    # a choice is narrower than the text of the base, and nothing is ever assigned to the params
    group: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        Literal["class", "brightness", "sharpness", "size"],
        Titles("Class", "Brightness", "Sharpness", "Size"),
    ] = Field(
        default="class",
        title="Group",
        description="The actual class of the pictures; or their brightness, sharpness or size, in thirds.",
    )
    second_group: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        Literal["none", "class", "brightness", "sharpness", "size"],
        Titles("None", "Class", "Brightness", "Sharpness", "Size"),
    ] = Field(
        default="none",
        title="Second group",
        description="Also compare every combination of both: a gap may appear or vanish within them.",
    )


class ClassScore(Result):
    label: str
    score: float = Field(description="Its probability.")


class ClassificationResult(Result):
    """The classes by probability."""

    label: str = Field(description="The most probable class.")
    classes: list[ClassScore]
    image: Size
    backbone: str = Field(description="Whose layers computed the features.")
    labels: list[str] = Field(description="All classes that the model knows.")
    features: list[float] | None = Field(
        default=None, description="On request: the numbers that the last layer receives."
    )
    familiarity: Familiarity | None = Field(
        default=None,
        description="Omitted: nothing is known about the pictures that the model learned from.",
    )


PAPER = (
    "Donahue et al., DeCAF: A Deep Convolutional Activation Feature for Generic Visual Recognition, ICML "
    "2014, arXiv:1310.1531; Zhou et al., Learning Deep Features for Discriminative Localization, CVPR 2016, "
    "arXiv:1512.04150"
)


def _sample(name: str, title: str, credit: str, license_: str) -> Sample:
    return Sample(name, title, {"image": HERE / "samples" / f"{name}.jpg"}, credit, license_)


CARD = Card(
    name="classification",
    title="Classification",
    summary="Decides which of several classes a picture belongs to, after a few examples of each.",
    inputs=(Input("image", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.CLASSES,),
    predict_params=PredictParams,
    result=ClassificationResult,
    train_params=TrainParams,
    audit_params=AuditParams,
    audits_on_datasets=(DatasetKind.CLASSES,),
    models=(
        ModelCard(
            name="kinds",
            title="Six kinds of photos",
            summary="Distinguishes fish, landscapes, mammals, monuments, tools and windmills: an example of "
            "a head that learned from some dozen photos.",
            architecture="linear-head",
            license="Apache-2.0; trained on photos under the licenses listed in its model card",
            weights=WEIGHTS,
        ),
    ),
    paper=PAPER,
    limits=(
        "Every picture gets one of the model's classes, also one that shows none of them or several. The "
        "backbone learned from photos: drawings and scans are recognized less well. With fewer than five "
        "pictures of a class the answers are little better than a guess."
    ),
    confidence=lambda result: result["classes"][0]["score"],
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Pictures with classes", required=False),
    trains_on_datasets=(DatasetKind.CLASSES,),
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _sample("fish", "A fish", "Derek Keats (CC BY 2.0), in Debian's gcompris-qt-data", "CC-BY-2.0"),
        _sample(
            "hammer", "A hammer, a hard case", "Evan Amos, in Debian's gcompris-qt-data", "public-domain"
        ),
        _sample(
            "windmill",
            "A windmill",
            "Wolfgang Staudt (CC BY-SA 2.0), in Debian's gcompris-qt-data",
            "CC-BY-SA-2.0",
        ),
    ),
)
