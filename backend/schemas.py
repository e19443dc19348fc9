"""Every request and response body."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.tables import Status, Task
from models.core.card import Kind, MediaKind


class Body(BaseModel):
    """What a client sends: an unknown field is a mistake worth naming."""

    model_config = ConfigDict(extra="forbid")


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class JobCreate(Body):
    capability: str = Field(max_length=64)
    task: Task = Task.PREDICT
    upload_id: UUID | None = Field(
        None,
        description="What to predict from, or to train on; left out, a training takes the card's own data.",
    )
    model: str | None = Field(
        None, max_length=160, description="name or name@version; left out: the capability's default."
    )
    params: dict[str, Any] = Field({}, description="As the capability's predict_params or train_params say.")
    inspect: bool = Field(True, description="Keep the stages, so that the answer can be opened.")


class DefaultModel(Body):
    version: int | None = Field(None, ge=1, description="Left out: the newest.")


class UploadRead(Read):
    id: UUID
    sha256: str
    name: str
    kind: MediaKind
    media_type: str
    bytes: int
    width: int | None = Field(description="Pixels, after EXIF rotation.")
    height: int | None
    rows: int | None
    columns: int | None
    created_at: datetime
    url: str


class HistogramRead(Read):
    counts: list[int]
    edges: list[float | str] = Field(
        description="Of numbers and dates: one more than counts. Else empty: `counts` are those of `words`."
    )
    words: list[str]


class ColumnRead(Read):
    name: str
    type: Literal["number", "category", "date", "text"]
    missing: int
    wrong: int = Field(description="Cells that do not fit the column's type.")
    distinct: int
    smallest: float | str | None
    largest: float | str | None
    mean: float | None
    histogram: HistogramRead | None


class TableProblemRead(Read):
    what: str
    column: str | None
    row: int | None = Field(description="As a spreadsheet counts: the first line is row 1.")


class TableRead(Read):
    rows: int = Field(description="Without the header.")
    delimiter: str
    encoding: str
    has_header: bool
    columns: list[ColumnRead]
    problems: list[TableProblemRead] = Field(description="The first 200.")
    problems_total: int


class ModelRead(Read):
    id: UUID
    name: str
    version: int
    title: str
    summary: str
    capability: str
    source: Literal["shipped", "pretrained", "trained"]
    architecture: str
    license: str
    is_default: bool
    is_installed: bool
    install_command: str | None = Field(
        description="What to type where the weights are not on this machine yet."
    )
    digest: str | None = Field(description="SHA-256 of the weights.")
    bytes: int | None
    metrics: dict[str, float | None]
    job_id: UUID | None = Field(description="The training that made it.")
    created_at: datetime


class ModelList(Read):
    items: list[ModelRead]


class SampleRead(Read):
    name: str
    title: str
    credit: str
    license: str
    width: int | None
    height: int | None
    upload_id: UUID
    job_id: UUID | None = Field(description="A finished job on this sample.")
    url: str


class CapabilityRead(Read):
    name: str
    title: str
    summary: str
    accepts: Kind
    produces: list[Kind]
    tasks: list[Task]
    predict_params: dict[str, Any] = Field(description="JSON Schema.")
    train_params: dict[str, Any] | None = Field(description="JSON Schema; null: nothing to train.")
    trains_on: MediaKind | None = Field(
        description="The kind of upload that a training takes; null: it takes none."
    )
    models: list[ModelRead]
    samples: list[SampleRead]
    paper: str
    limits: str


class CapabilityList(Read):
    items: list[CapabilityRead]


class TranslationsRead(Read):
    language: str
    texts: dict[str, str] = Field(
        description="English text to the same in this language. A key may have blanks, `{n}`, whose values "
        "stand where the translation names them; a text may be several keys one after another."
    )


class JobModel(Read):
    id: UUID
    name: str
    version: int
    digest: str | None


class QueuePlace(Read):
    position: int = Field(description="1: the next.")
    eta_seconds: float | None = Field(description="From the rate of late; null: none finished lately.")


class JobProgress(Read):
    fraction: float
    step: int
    total: int
    message: str


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


class JobRead(Read):
    id: UUID
    capability: str
    task: Task
    model: JobModel | None
    status: Status
    queue: QueuePlace | None = Field(description="While queued.")
    progress: JobProgress
    upload_id: UUID | None
    upload_deleted: bool = Field(description="It had an upload, which is deleted: it cannot be repeated.")
    dataset_id: UUID | None
    params: dict[str, Any]
    inspect: bool
    seed: int | None
    result: dict[str, Any] | None
    metrics: dict[str, float | None]
    artifacts: list[ArtifactRead]
    error: str | None
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    timings_ms: Timings
    environment: dict[str, str] = Field(description="Library versions and the device, to repeat it by.")


class JobList(Read):
    items: list[JobRead]
    next_cursor: str | None


class CodeRead(Read):
    name: str
    file: str
    line: int
    source: str


class StageRead(Read):
    id: str
    kind: Kind
    title: str
    explanation: str
    count: int | None
    bytes: int
    data_url: str
    files: dict[str, str] = Field(description="Name -> address, of the pictures that the data names.")
    code: CodeRead | None


class InspectionRead(Read):
    job_id: UUID
    stages: list[StageRead]


class Part(Read):
    name: str
    ready: bool
    detail: str


class Readiness(Read):
    ready: bool
    parts: list[Part] = Field(description="The database, the broker, and a worker for each queue.")


class Alive(Read):
    status: Literal["alive"] = "alive"
    version: str


class SessionCreate(Body):
    key: str = Field(max_length=500, description="One of the server's API keys.")


class SessionRead(Read):
    key_needed: bool = Field(description="Whether this server asks for a key at all.")
    signed_in: bool = Field(description="Whether this request would be let in.")


class ProblemError(Read):
    pointer: str = Field(description="JSON pointer to the field.")
    detail: str


class Problem(Read):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemError] = []
