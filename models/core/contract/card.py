"""What a capability is, takes and gives. Loads nothing heavy, so the web process can read every card."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What an artifact or a stage holds; the frontend has one renderer for each."""

    IMAGE = "image"
    BOXES = "boxes"
    GRID = "grid"
    FEATURE_MAPS = "feature-maps"
    MASK = "mask"
    COMPARISON = "comparison"
    CURVE = "curve"
    TABLE = "table"
    SCATTER_STEPS = "scatter-steps"
    SCATTER = "scatter"
    PLANE = "plane"
    CONFUSION_MATRIX = "confusion-matrix"
    WEIGHTS = "weights"


class MediaKind(StrEnum):
    """What an upload is, found by its content."""

    IMAGE = "image"
    TABLE = "table"
    ARCHIVE = "archive"  # a ZIP


class Params(BaseModel):
    """Options that a user sets; the fields' titles, limits and descriptions draw the form."""

    # "Batch size", as the titles that are given; pydantic's own would be "Batch Size"
    model_config = ConfigDict(
        extra="forbid", frozen=True, field_title_generator=lambda name, _: name.replace("_", " ").capitalize()
    )


MixedPrecision = Annotated[
    bool,
    Field(
        title="Mixed precision",
        description="Compute the layers in bfloat16, the losses and the weights in float32: up to twice as "
        "fast on processors and GPUs that know bfloat16, and slower on others.",
    ),
]


@dataclass(frozen=True)
class ModelCard:
    """One set of weights that a capability offers from the start."""

    name: str
    title: str
    summary: str
    architecture: str
    license: str
    weights: Path | None = None  # shipped beside the card; None: fetched at the user's wish

    @property
    def source(self) -> str:
        return "pretrained" if self.weights is None else "shipped"


@dataclass(frozen=True)
class Sample:
    """A picture or table that ships with the application, to try a capability with one click."""

    name: str
    title: str
    file: Path
    credit: str
    license: str
    answers: Path | None = None  # folder of the shipped answer; None: beside the file


@dataclass(frozen=True)
class Card:
    """The whole public face of a capability: routes, forms and documentation come from it."""

    name: str
    title: str
    summary: str
    accepts: Kind
    produces: tuple[Kind, ...]
    predict_params: type[Params]
    models: tuple[ModelCard, ...]  # the first answers by default
    paper: str
    limits: str
    train_params: type[Params] | None = None  # None: nothing to train, and no train.py
    trains_on: MediaKind | None = None  # the upload that a training takes; None: its own data only
    sample_dataset: Path | None = None  # what a training uses when the user brings no data
    samples: tuple[Sample, ...] = ()
