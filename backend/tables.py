"""The tables. A row of `jobs` is the job: its place in the queue, its state and its result."""

import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    true,
)


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Queue(StrEnum):
    """The queues of jobs; each kind of worker serves one."""

    PREDICT = "predict"
    TRAIN = "train"


class Task(StrEnum):
    """The tasks of jobs; `services.jobs.tasks` has their properties."""

    PREDICT = "predict"
    TRAIN = "train"
    INSPECT = "inspect"  # computes the stages of another job, `inspects`
    INSTALL = "install"  # fetches the weights of its pretrained model
    CHECK = "check"  # checks a dataset, imports an archive into it, and freezes a version
    AUDIT = "audit"  # measures a model on data by groups, or examines a dataset
    SWEEP = "sweep"  # repeats a training or prediction with many params; its fits are its child jobs


class ReviewStatus(StrEnum):
    """Of an answer that waits for a person, or of which one has decided."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"


FINAL = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[Any]:
    return Column("id", Uuid, primary_key=True, default=uuid.uuid4)


uploads = Table(
    "uploads",
    metadata,
    _id(),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),  # as it was sent
    Column("kind", String(16), nullable=False),
    Column("media_type", String(128), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer),  # pixels, after EXIF rotation
    Column("height", Integer),
    Column("rows", Integer),
    Column("columns", Integer),
    Column("key", Text, nullable=False),  # equal content under several names is one file
    Column("is_listed", Boolean, nullable=False, server_default=true()),  # false: part of an imported dataset
    Column("created_at", Float, nullable=False),
    UniqueConstraint("sha256", "name"),
    Index("ix_uploads_created_at_id", "created_at", "id"),
)

models = Table(
    "models",
    metadata,
    _id(),
    Column("name", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("capability", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("architecture", String(128), nullable=False),
    Column("source", String(16), nullable=False),  # shipped, pretrained, trained
    Column("license", Text, nullable=False),
    Column("digest", String(64)),  # SHA-256 of the weights; null: not fetched yet
    Column("bytes", BigInteger),
    Column("location", Text),  # storage key; of shipped ones a path on this machine
    Column("is_default", Boolean, nullable=False, server_default=false()),
    Column("metrics", JSON, nullable=False, default=dict),
    Column("card", Text, nullable=False, default=""),
    Column("description", Text, nullable=False, server_default=""),  # of a model trained here, by its users
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("job_id", Uuid),  # the training job
    # answers whose confidence is between these wait for a person; null: none do
    Column("review_from", Float),
    Column("review_to", Float),
    Column("created_at", Float, nullable=False),
    Column("deleted_at", Float),  # the row is kept for its jobs; the weights are deleted
    UniqueConstraint("name", "version"),
)

model_audits = Table(
    "model_audits",
    metadata,
    _id(),  # what an audit found, as a section of the model's card
    Column("model_id", ForeignKey("models.id"), nullable=False, index=True),
    Column("job_id", Uuid, unique=True),  # of the audit, which may be deleted later
    Column("summary", JSON, nullable=False),
    Column("author", Text, nullable=False, server_default=""),
    Column("created_at", Float, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("kind", String(16), nullable=False),  # models.core.contract.dataset.DatasetKind
    Column("classes", JSON, nullable=False),  # names, in the order of their numbers
    Column("is_draft", Boolean, nullable=False, server_default=false()),  # its first import is not complete
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)

dataset_pictures = Table(
    "dataset_pictures",
    metadata,
    _id(),
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),  # in the order of their arrival
    Column("upload_id", ForeignKey("uploads.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),  # path in the archive, or the upload's name
    Column("annotation", JSON(none_as_null=True)),  # null: not labeled
    Column("label", Text),  # the picture's class, which is also in its annotation
    Column("split", String(16)),  # chosen by the user; null: chosen when a version is made
    Column("group_name", Text),
    Column("revision", Integer, nullable=False, server_default="1"),  # of the annotation: two tabs
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("dataset_id", "name"),
    Index("ix_dataset_pictures_dataset_id_position", "dataset_id", "position"),
)

dataset_versions = Table(
    "dataset_versions",
    metadata,
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),  # of the manifest
    Column("bytes", BigInteger, nullable=False),
    Column("key", Text, nullable=False),  # of the manifest in the storage
    Column("report", JSON, nullable=False),  # counts and problems
    Column("created_at", Float, nullable=False),
)

dataset_version_uploads = Table(
    "dataset_version_uploads",
    metadata,
    Column("dataset_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True, index=True),
    ForeignKeyConstraint(
        ["dataset_id", "version"],
        ["dataset_versions.dataset_id", "dataset_versions.version"],
        ondelete="CASCADE",
    ),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    Column("name", Text, nullable=False, server_default=""),  # by default the inputs' file names
    Column("capability", String(64), nullable=False),
    Column("task", String(16), nullable=False),
    Column("model_id", ForeignKey("models.id"), index=True),
    Column(
        "inspects", ForeignKey("jobs.id", ondelete="CASCADE"), unique=True
    ),  # the job whose stages it computes
    Column("params", JSON, nullable=False),
    Column("inspect", Boolean, nullable=False),  # the stages are kept, or are to be
    Column("picture", Boolean, nullable=False, server_default=false()),
    Column("model_name", String(128)),  # of the model that a training makes; null: made of the job's id
    Column("parent_id", ForeignKey("jobs.id", ondelete="CASCADE"), index=True),  # the sweep of a fit
    Column("cell", Integer),  # of a fit: its place in the sweep
    Column("requested_by", String(100)),  # name of the API key; null: none was needed
    Column("dataset_id", ForeignKey("datasets.id", ondelete="SET NULL"), index=True),
    Column("dataset_version", Integer),
    Column("description", Text, nullable=False, server_default=""),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("status", String(16), nullable=False),
    # every write of a worker names the attempt of its claim
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("max_attempts", Integer, nullable=False),
    Column("lease_owner", String(200)),
    Column("lease_until", Float),
    Column("cancel_requested", Boolean, nullable=False, server_default=false()),
    Column("dispatched_at", Float),  # null: its message has not been sent
    Column("progress", JSON),
    Column("checkpoint", Text),
    Column("result", JSON),
    Column("metrics", JSON),
    Column("error", Text),
    Column("error_message", JSON),  # the error as ids and values, for pages in other languages
    Column(
        "error_is_input", Boolean, nullable=False, server_default=false()
    ),  # caused by the input, not by a bug
    Column("timings_ms", JSON),
    Column("environment", JSON),
    Column("answer_key", String(64)),  # equal for jobs that must have equal answers
    Column("idempotency_key", String(200), unique=True),
    Column("request_hash", String(64)),
    Column("request_id", String(64)),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Index("ix_jobs_task_status_created_at", "task", "status", "created_at"),
    Index("ix_jobs_model_id_status_created_at", "model_id", "status", "created_at"),
    Index("ix_jobs_created_at_id", "created_at", "id"),
    Index("ix_jobs_answer_key", "answer_key"),
)

job_inputs = Table(
    "job_inputs",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),  # as the card names it
    Column("upload_id", ForeignKey("uploads.id"), index=True),  # null: deleted
)

artifacts = Table(
    "artifacts",
    metadata,
    _id(),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    # output; stage: its data; stage-file: a picture named in the data; sheet: as that, of a running training;
    # export: made on request
    Column("role", String(16), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("media_type", String(128), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("sha256", String(64)),  # of outputs
    Column("stage", JSON),  # id, title, explanation, count, code; on stage-file rows the stage's id
)

log_entries = Table(
    "log_entries",
    metadata,
    # who decided what: append-only, and never joined to other tables, whose rows may be deleted
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("position", BigInteger, unique=True),  # in the chain; null: not sealed yet
    Column("at", Float, nullable=False),
    Column("content", JSON, nullable=False),  # names nobody
    Column("commitments", JSON, nullable=False),  # field of the details -> hash of its salt and value
    Column("details", JSON, nullable=False),  # field -> [salt, value]: personal data, which may be deleted
    Column("previous_hash", String(64)),
    Column("hash", String(64)),
    Index("ix_log_entries_at_id", "at", "id"),
)

log_head = Table(
    "log_head",
    metadata,
    # one row: the newest sealed entry, so that its deletion is noticed; whoever seals locks the row
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    _id(),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("model_id", ForeignKey("models.id"), nullable=False, index=True),
    Column("confidence", Float),
    Column("status", String(16), nullable=False),  # waiting, confirmed, corrected, rejected
    Column("correction", JSON(none_as_null=True)),
    Column("reviewer", Text),
    Column("reason", Text),
    # where the corrected answer joined a dataset, which may be deleted later
    Column("dataset_id", Uuid),
    Column("picture_id", Uuid),
    Column("created_at", Float, nullable=False),
    Column("decided_at", Float),
    # when the decision is sent to the webhook next; null: never
    Column("notify_at", Float, index=True),
    Column("notify_attempts", Integer, nullable=False, server_default="0"),
    Index("ix_reviews_status_created_at_id", "status", "created_at", "id"),
)

metrics = Table(
    "metrics",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("value", Float),
)

endings = Table(
    "endings",
    metadata,
    # counts of ended jobs, of which several have the same name until they are added up
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("number", BigInteger, nullable=False),
)
