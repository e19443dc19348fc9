"""Jobs, and the files that they make."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from backend.schemas.base import Body, Read
from backend.tables import Status, Task
from models.core.contract.card import Kind


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
