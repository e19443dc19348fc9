"""Datasets, their pictures and their versions."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from backend.schemas import examples
from backend.schemas.base import Body, Name, Page, Read, displayable
from backend.schemas.jobs import JobRead
from models.core.contract.dataset import Annotation, DatasetKind, Split
from models.core.contract.dataset_report import Problem, Report

MAX_CLASSES = 1_000
MAX_LABEL = 100
MAX_ADDED = 500  # pictures of one request
_MOST_HELD_OUT = 0.9  # for validation and test together


def _label(text: str) -> str:
    shown = displayable(text)
    if not 1 <= len(shown) <= MAX_LABEL:
        raise ValueError(f"must have 1 to {MAX_LABEL} visible characters")
    return shown


def _distinct(labels: list[str]) -> list[str]:
    if len(set(labels)) < len(labels):
        raise ValueError("has a class twice")
    return labels


Label = Annotated[str, Field(max_length=4 * MAX_LABEL), AfterValidator(_label)]
Classes = Annotated[list[Label], Field(max_length=MAX_CLASSES), AfterValidator(_distinct)]
Description = Annotated[str, Field(max_length=4_000), AfterValidator(displayable)]
Group = Annotated[str, Field(max_length=200), AfterValidator(displayable)]


class DatasetCreate(Body):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.DATASET_CREATE))

    name: Name
    description: Description = ""
    kind: DatasetKind | None = Field(
        None, description="By default that of the upload, or `pictures` until the first picture is labeled."
    )
    classes: Classes = Field([])
    upload_id: UUID | None = Field(
        None, description="A ZIP archive in any recognized form, or a table, to be imported by a worker."
    )


class RenameClass(Body):
    from_: Label = Field(alias="from")
    to: Label = Field(description="A new name, or another class, which then has the labels of both.")


class DatasetUpdate(Body):
    model_config = ConfigDict(json_schema_extra=examples.example({"name": "Fruit of autumn"}))

    name: Name | None = None
    description: Description | None = None
    kind: DatasetKind | None = Field(None, description="What the pictures are labeled with.")
    classes: Classes | None = Field(
        None, description="All classes in their order; one that labels use cannot be left out."
    )
    rename_class: RenameClass | None = None


class ClassRead(Read):
    name: str
    pictures: int
    objects: int


class DatasetRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.DATASET))

    id: UUID
    name: str
    description: str
    kind: DatasetKind
    classes: list[ClassRead]
    pictures: int
    labeled: int
    newest_version: int | None
    is_changed: bool = Field(description="Since the newest version; true without any.")
    job_id: UUID | None = Field(description="The check that is queued or running, such as its import.")
    preview: list[str] = Field(description="Addresses of up to four thumbnails.")
    created_at: datetime
    updated_at: datetime = Field(description="When its pictures, labels or classes last changed.")


class DatasetCreated(DatasetRead):
    job: JobRead | None = Field(description="The check that imports the upload.")


class DatasetList(Page):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.page(examples.DATASET)))

    items: list[DatasetRead]


class PictureAdd(Body):
    upload_id: UUID
    name: Name | None = Field(None, description="By default that of the upload; unique in the dataset.")
    annotation: Annotation | None = None
    split: Split | None = None
    group: Group | None = None


class PicturesAdd(Body):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.PICTURES_ADD))

    pictures: list[PictureAdd] = Field(min_length=1, max_length=MAX_ADDED)


class PictureUpdate(Body):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.PICTURE_UPDATE))

    revision: int = Field(
        ge=0, le=2**31 - 1, description="Of the picture that was changed: another one is refused with 409."
    )
    annotation: Annotation | None = Field(None, description="null: not labeled.")
    split: Split | None = None
    group: Group | None = None
    name: Name | None = None


class DatasetPicture(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.DATASET_PICTURE))

    id: UUID
    name: str
    upload_id: UUID
    url: str
    picture_url: str | None = Field(description="As models take it; null: a table.")
    thumbnail_url: str | None = Field(description="The same, small.")
    width: int | None
    height: int | None
    split: Split | None = Field(description="Chosen by a user; null: chosen when a version is made.")
    group: str | None = Field(description="Pictures of one group belong to one split.")
    annotation: Annotation | None = Field(description="null: not labeled.")
    revision: int
    position: int
    updated_at: datetime


class DatasetPictures(Read):
    model_config = ConfigDict(json_schema_extra=examples.example({"items": [examples.DATASET_PICTURE]}))

    items: list[DatasetPicture]


class DatasetPictureList(Page):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.page(examples.DATASET_PICTURE)))

    items: list[DatasetPicture]


class VersionCreate(Body):
    """How the pictures are divided. Equal options give equal splits."""

    model_config = ConfigDict(json_schema_extra=examples.example({"validation_share": 0.15}))

    validation_share: float = Field(0.15, ge=0, le=0.9, description="Of the pictures without a split.")
    test_share: float = Field(0.15, ge=0, le=0.9, description="Of the pictures without a split.")
    seed: int = Field(0, ge=0, le=2**31 - 1)
    keep_splits: bool = Field(True, description="Keep the splits that users chose.")

    @model_validator(mode="after")
    def _leaves_some_to_train(self) -> Self:
        if self.validation_share + self.test_share > _MOST_HELD_OUT:
            raise ValueError(f"validation_share and test_share must be {_MOST_HELD_OUT:.0%} together at most")
        return self


class DatasetProblem(Problem):
    """Under a name that no other schema of the API has."""


class DatasetReport(Report):
    """Counts and problems; of a table also its size."""

    problems: list[DatasetProblem]  # pyright: ignore[reportIncompatibleVariableOverride]
    rows: int | None = None
    columns: int | None = None


class VersionRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.DATASET_VERSION))

    version: int
    sha256: str = Field(description="Of the manifest, and with it of the labels, splits and pictures.")
    bytes: int = Field(description="Of the pictures and the manifest.")
    options: dict[str, Any] = Field(description="Those that it was made with.")
    report: DatasetReport
    created_at: datetime


class VersionList(Read):
    model_config = ConfigDict(json_schema_extra=examples.example({"items": [examples.DATASET_VERSION]}))

    items: list[VersionRead] = Field(description="The newest first.")
