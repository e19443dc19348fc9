"""Jobs and their files."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import Body, Description, MessagePart, Name, Page, Read, Slug, Tags
from backend.tables import ReviewStatus, Status, Task
from models.core.contract.card import Kind


def _cell(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise ValueError("must be a number, a text or null")
    return value


Cell = Annotated[str | int | float | None, BeforeValidator(_cell)]
Row = Annotated[
    dict[str, Cell],
    Field(
        max_length=1_000,
        description="One row of a table instead of a file: column -> number, text (dates as 2024-01-31) or "
        "null for a missing value. For capabilities that take a table, with a model kept by a training.",
        examples=[{"length": 2.1, "side": "north", "day": "2024-01-31", "age": None}],
    ),
]


class JobCreate(Body):
    model_config = ConfigDict(
        json_schema_extra=examples.example(
            {"capability": "detection", "inputs": {"image": examples.UPLOAD_ID}, "params": {"score": 0.5}}
        )
    )

    capability: str = Field(max_length=64)
    task: Task = Task.PREDICT
    inputs: dict[str, UUID] = Field(
        {},
        description="Uploads by input name, as on the card; a training's is `dataset`, and without it the "
        "shipped data is used.",
    )
    upload_id: UUID | None = Field(None, description="Short for `inputs` with one input.")
    row: Row | None = None
    dataset_id: UUID | None = Field(
        None, description="A dataset to train on or to audit, instead of an upload."
    )
    dataset_version: int | None = Field(None, ge=1, le=2**31 - 1, description="By default the newest.")
    model: str | None = Field(
        None, max_length=160, description="name or name@version; by default the capability's default model."
    )
    params: dict[str, Any] = Field(
        {}, description="As described by the capability's predict_params, train_params or audit_params."
    )
    inspect: bool | None = Field(
        None,
        description="Compute and store the stages with the answer. By default the card's `keeps_stages`; "
        "otherwise the stages are computed when the inspection is first requested.",
    )
    reuse: bool = Field(
        False,
        description="Return the finished prediction of an equal request, if there is one, instead of "
        "making a "
        "job. An `Idempotency-Key` requests a job of its own.",
    )
    name: Name | None = Field(None, description="By default the file name of the first input.")
    description: Description = ""
    tags: Tags = Field([])
    model_name: Slug | None = Field(
        None,
        description="Of the model that a training makes; if there is one of this name, it gets its next "
        "version. By default the name is made of the capability and the job's id.",
    )


class JobUpdate(Body):
    """The fields to change."""

    model_config = ConfigDict(
        json_schema_extra=examples.example({"name": "The valley in spring", "tags": ["baseline"]})
    )

    # null is refused: no field can be without a value
    name: Name = Field(default_factory=str)
    description: Description = Field(default_factory=str)
    tags: Tags = Field(default_factory=list)


class PredictCreate(Body):
    """The body of a prediction without files."""

    model_config = ConfigDict(json_schema_extra=examples.example({"params": {"seed": 7}}))

    row: Row | None = None
    params: dict[str, Any] = Field({}, description="As described by the capability's predict_params.")
    model: str | None = Field(None, max_length=160, description="name or name@version.")
    inspect: bool | None = Field(None, description="As in JobCreate.")


class JobModel(Read):
    id: UUID
    name: str
    version: int
    digest: str | None


class QueuePlace(Read):
    position: int = Field(description="1: the next.")
    eta_seconds: float | None = Field(description="From the recent rate; null: no job finished recently.")


class JobProgress(Read):
    fraction: float
    step: int
    total: int
    message: str
    message_parts: list[MessagePart] = Field(
        default=[], description="`message` as ids and values; empty: English only."
    )


class ArtifactRead(Read):
    id: UUID
    name: str
    kind: Kind
    media_type: str
    bytes: int
    url: str


class Timings(Read):
    """Milliseconds."""

    queued: float | None = None
    decode: float | None = None
    forward: float | None = None
    encode: float | None = None
    store: float | None = None
    train: float | None = None


class JobReview(Read):
    """What a person decided about an uncertain answer, or that it waits for one. The answer itself stays."""

    id: UUID
    status: ReviewStatus
    confidence: float | None = Field(description="Of the answer, 0 to 1.")
    correction: dict[str, Any] | None = Field(description="`label`, `objects` or `predictions`.")
    reviewer: str | None
    reason: str | None
    dataset_id: UUID | None = Field(description="That the corrected picture joined.")
    picture_id: UUID | None = Field(description="In that dataset.")
    created_at: datetime
    decided_at: datetime | None


class JobRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.JOB))

    id: UUID
    name: str = Field(description="By default the file name of the first input; empty: it has none.")
    capability: str
    task: Task
    inspects: UUID | None = Field(description="For task inspect: the job whose stages it computes.")
    parent_id: UUID | None = Field(description="For a fit: its sweep.")
    cell: int | None = Field(description="For a fit: its place in the sweep, from 0.")
    model: JobModel | None
    status: Status
    queue: QueuePlace | None = Field(description="While queued.")
    progress: JobProgress
    inputs: dict[str, UUID | None] = Field(description="Uploads by input name; null: deleted.")
    upload_id: UUID | None = Field(description="Of the only input; null: none, several, or deleted.")
    upload_deleted: bool = Field(description="An upload was deleted: the job cannot be repeated.")
    params: dict[str, Any]
    dataset_id: UUID | None = Field(
        description="That a training or an audit uses, or a check reads; null: none, or deleted."
    )
    dataset_version: int | None
    inspect: bool = Field(description="The stages are kept with the answer, or will be.")
    description: str
    tags: list[str]
    model_name: str | None = Field(
        description="The name given to the model of a training; null: made of the job's id."
    )
    requested_by: str | None = Field(description="Name of the API key; null: the server needed none.")
    seed: int | None
    result: dict[str, Any] | None
    metrics: dict[str, float | None]
    artifacts: list[ArtifactRead]
    error: str | None
    error_message: list[MessagePart] = Field(description="`error` as ids and values; empty: English only.")
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    timings_ms: Timings
    environment: dict[str, str] = Field(description="Library versions and the device, to repeat the job.")
    review: JobReview | None = Field(
        description="Of an uncertain answer that waits for a person, or of which one has decided."
    )


class JobList(Page):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.page(examples.JOB)))

    items: list[JobRead]
