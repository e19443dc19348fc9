"""What a capability is, takes and gives. Loads nothing heavy, so the web process can read every card."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.core.contract.dataset import DatasetKind
from models.core.contract.messages import form_texts
from models.core.contract.strict_numbers import StrictNumbers


class Kind(StrEnum):
    """What an artifact or a stage holds; the frontend has one renderer for each."""

    IMAGE = "image"
    BOXES = "boxes"
    GRID = "grid"
    DISTRIBUTIONS = "distributions"
    FEATURE_MAPS = "feature-maps"
    MASK = "mask"
    CLASSES = "classes"
    COMPARISON = "comparison"
    CURVE = "curve"
    TABLE = "table"
    SCATTER_STEPS = "scatter-steps"
    SCATTER = "scatter"
    PLANE = "plane"
    CONFUSION_MATRIX = "confusion-matrix"
    WEIGHTS = "weights"
    SAMPLES = "samples"
    LATENT = "latent"
    GROUPS = "groups"
    SWEEP = "sweep"


_COLOR = re.compile("#[0-9a-f]{6}")


class MediaKind(StrEnum):
    """What an upload is, found by its content, and what an input holds."""

    IMAGE = "image"
    TABLE = "table"
    ARCHIVE = "archive"  # a ZIP


class Params(StrictNumbers, BaseModel):
    """Options that a user sets; the fields' titles, limits and descriptions draw the form."""

    # "Batch size", as the titles that are given; pydantic's own would be "Batch Size"
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        field_title_generator=lambda name, _: name.replace("_", " ").capitalize(),
    )


class Result(BaseModel):
    """What programs can rely on in an answer; there may be more."""

    model_config = ConfigDict(extra="allow")


class Size(Result):
    """Of a picture, in pixels."""

    width: int
    height: int


class Familiarity(Result):
    """How unlike the picture is to those that the model learned from."""

    deviation: float = Field(
        description="Of its features and of the model's confidence; 0 for a usual picture."
    )
    threshold: float = Field(description="95% of held-out pictures of the familiar kind stay below it.")
    is_unlike: bool = Field(description="The deviation exceeds the threshold: do not rely on the answer.")
    summary: str = Field(description="The same as a sentence.")


MixedPrecision = Annotated[
    bool,
    Field(
        title="Mixed precision",
        description="Compute the layers in bfloat16, the losses and the weights in float32: up to twice as "
        "fast on processors and GPUs that support bfloat16, and slower on others.",
    ),
]


@dataclass(frozen=True)
class Brush:
    """One color of a sketch, and what the model takes it for."""

    name: str
    color: str  # "#rrggbb"


@dataclass(frozen=True)
class Sketch:
    """A picture that the user may draw instead of uploading one: every pixel has exactly one of these colors.

    Raises ValueError: no brush, a color that is not "#rrggbb" in lower case, or a color or name twice.
    """

    width: int
    height: int
    brushes: tuple[Brush, ...]
    background: str = "#000000"  # of an empty sketch, and what the eraser leaves
    by_model: Mapping[str, "Sketch"] = field(default_factory=dict, hash=False)  # model's name -> its own

    def __post_init__(self) -> None:
        colors = [brush.color for brush in self.brushes]
        if not colors or not all(_COLOR.fullmatch(color) for color in (*colors, self.background)):
            raise ValueError(f"A sketch needs brushes with colors like #8a5a2b: {colors}, {self.background}.")
        if min(len(set(colors)), len({brush.name for brush in self.brushes})) < len(colors):
            raise ValueError("Two brushes of a sketch have the same color or name.")

    def every_brush(self) -> Iterator[Brush]:
        """Those of all models."""
        yield from self.brushes
        for other in self.by_model.values():
            yield from other.every_brush()


@dataclass(frozen=True)
class Input:
    """One thing that a capability takes: an upload of this kind, under this name."""

    name: str
    kind: MediaKind
    title: str
    required: bool = True
    sketch: Sketch | None = None  # of a picture that can be drawn


@dataclass(frozen=True)
class ModelCard:
    """One model that a capability offers from the start.

    It is shipped (`weights` lie beside the card), pretrained (fetched on request), or built in: an algorithm
    that needs no weights file.
    """

    name: str
    title: str
    summary: str
    architecture: str
    license: str
    weights: Path | None = None
    is_pretrained: bool = False
    is_preferred: bool = False  # answers by default as soon as its weights are installed

    @property
    def source(self) -> Literal["shipped", "pretrained", "built-in"]:
        if self.weights is not None:
            return "shipped"
        return "pretrained" if self.is_pretrained else "built-in"


@dataclass(frozen=True, eq=False)
class Sample:
    """Inputs that ship with the application, to try a capability with one click."""

    name: str
    title: str
    inputs: Mapping[str, Path]  # input's name -> file
    credit: str
    license: str
    answer: Path | None = None  # folder of the shipped answer (`sample_answers`)
    model: str = ""  # whose answer that is; by default the first of the capability


@dataclass(frozen=True, eq=False)
class SampleSweep:
    """A finished sweep that ships with the application; `models.core.recipe.sweeps` writes the file."""

    name: str
    title: str
    file: Path


@dataclass(frozen=True)
class Export:
    """A file that is made of an answer on request, by `write` in the capability's module `part`.

    `write(name, result, file)` gets the name of the first input's file and loads no torch. With
    `needs_inputs`, a worker calls `write(name, result, inputs)`.
    """

    name: str
    title: str
    ending: str
    media_type: str
    part: str = "exports"
    needs_inputs: bool = False


@dataclass(frozen=True, eq=False)
class Card:
    """The whole public face of a capability: routes, forms and documentation come from it."""

    name: str
    title: str
    summary: str
    inputs: tuple[Input, ...]  # none: it needs nothing but its params
    produces: tuple[Kind, ...]
    predict_params: type[Params]
    models: tuple[ModelCard, ...]  # `default_model` answers by default
    paper: str
    limits: str
    result: type[Result] = Result
    train_params: type[Params] | None = None  # None: nothing to train, and no train.py
    trains_on: Input | None = None  # the upload that a training takes; None: its own data only
    trains_on_datasets: tuple[DatasetKind, ...] = ()  # the kinds of datasets that a training takes
    # what the trainings of a sweep have in common unless the user sets it, such as rows kept for validation
    sweep_params: Mapping[str, Any] = field(default_factory=dict)
    audit_params: type[Params] | None = None  # None: it cannot be audited, and has no audit.py
    audits_on: Input | None = None  # the upload that an audit takes; None: datasets only
    audits_on_datasets: tuple[DatasetKind, ...] = ()  # the kinds of datasets that an audit takes
    # how certain a result is, 0 to 1, or None; uncertain answers can wait for a person
    confidence: Callable[[Mapping[str, Any]], float | None] | None = None
    sample_dataset: Path | None = None  # what a training uses when the user brings no data
    samples: tuple[Sample, ...] = field(default=())
    sweeps: tuple[SampleSweep, ...] = field(default=())
    exports: tuple[Export, ...] = ()
    # the stages are the record of what happened, such as iterations, and are kept with every answer;
    # others are computed when the box is first opened
    keeps_stages: bool = False
    # pixels or table cells of the inputs; jobs with larger ones take long, and run beside the others
    small_up_to: int = 16_000_000


def default_model(card: Card, is_installed: Callable[[ModelCard], bool]) -> ModelCard | None:
    """The model that answers when none is named: a preferred one that is installed, else the first."""
    preferred = (model for model in card.models if model.is_preferred and is_installed(model))
    return next(preferred, card.models[0] if card.models else None)


def card_texts(card: Card) -> Iterator[tuple[str, str]]:
    """(id, English) of every static text of a card and its forms."""
    for key in ("title", "summary", "limits"):
        yield f"{card.name}.{key}", getattr(card, key)
    for model in card.models:
        yield f"{card.name}.models.{model.name}.title", model.title
        yield f"{card.name}.models.{model.name}.summary", model.summary
    for group in ("samples", "sweeps", "exports"):
        for each in getattr(card, group):
            yield f"{card.name}.{group}.{each.name}.title", each.title
    taken = {each.name: each for each in (*card.inputs, card.trains_on, card.audits_on) if each}
    for each in taken.values():
        yield from _input_texts(card.name, each)
    for task, params in (
        ("predict", card.predict_params),
        ("train", card.train_params),
        ("audit", card.audit_params),
    ):
        if params is not None:
            yield from form_texts(f"{card.name}.{task}", params.model_json_schema())


def _input_texts(capability: str, taken: Input) -> Iterator[tuple[str, str]]:
    yield f"{capability}.inputs.{taken.name}.title", taken.title
    for brush in taken.sketch.every_brush() if taken.sketch else ():
        yield f"{capability}.brushes.{brush.name}", brush.name
