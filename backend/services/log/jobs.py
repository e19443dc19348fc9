"""The entries of jobs that have ended: the requested ones, which give an answer or make a model."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, bindparam, select

from backend.services.artifacts import OUTPUT
from backend.services.log.record import Entry, identity, record_all
from backend.tables import Status, Task, job_inputs, jobs, models, uploads

RECORDED = frozenset({Task.PREDICT, Task.TRAIN, Task.AUDIT, Task.SWEEP})

# Built once: every ending runs them, and building a statement costs more than running it.
_ENDED = (
    select(
        jobs.c.id,
        jobs.c.parent_id,
        jobs.c.task,
        jobs.c.capability,
        jobs.c.status,
        jobs.c.requested_by,
        jobs.c.dataset_id,
        jobs.c.dataset_version,
        jobs.c.error_message,
        models.c.name,
        models.c.version,
        models.c.digest,
    )
    .outerjoin(models, models.c.id == jobs.c.model_id)
    .where(jobs.c.id.in_(bindparam("job_ids", expanding=True)))
)
_INPUTS = (
    select(job_inputs.c.job_id, job_inputs.c.name, uploads.c.name.label("file"), uploads.c.sha256)
    .join(uploads, uploads.c.id == job_inputs.c.upload_id)
    .where(job_inputs.c.job_id.in_(bindparam("job_ids", expanding=True)))
    .order_by(job_inputs.c.job_id, job_inputs.c.name)
)
_MADE = select(models.c.job_id, models.c.name, models.c.version, models.c.digest).where(
    models.c.job_id.in_(bindparam("job_ids", expanding=True))
)
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def answer_hash(
    result: Mapping[str, Any] | None, artifacts: Sequence[Row[Any] | Mapping[str, Any]]
) -> str | None:
    """SHA-256 of an answer: of its result, and of the SHA-256 of each of its files; None: it is empty."""
    rows = [row if isinstance(row, Mapping) else row._mapping for row in artifacts]
    files = [row.get("sha256") for row in rows if row["role"] == OUTPUT]
    if result is None and not files:
        return None
    return hashlib.sha256(orjson.dumps({"files": files, "result": result}, option=_OPTIONS)).hexdigest()


def record_ended(connection: Connection, answers: Mapping[UUID, str | None]) -> None:
    """Record jobs that this transaction has ended; fits of sweeps are part of their sweep.

    Args:
        answers: id -> hash of the answer; None: the job has none.
    """
    found = connection.execute(_ENDED, {"job_ids": list(answers)}) if answers else ()
    rows: list[Any] = [row for row in found if row.parent_id is None]
    if not rows:
        return
    among = {"job_ids": [row.id for row in rows]}
    inputs: dict[UUID, list[dict[str, str]]] = {}
    for job_id, name, file, sha256 in connection.execute(_INPUTS, among):
        inputs.setdefault(job_id, []).append({"name": name, "file": file, "sha256": sha256})
    trainings = [row.id for row in rows if row.task == Task.TRAIN]
    models_made = connection.execute(_MADE, {"job_ids": trainings}) if trainings else ()
    made: dict[UUID, Any] = {row.job_id: row for row in models_made}
    record_all(
        connection,
        [_entry(row, inputs.get(row.id), answers[row.id], made.get(row.id)) for row in rows],
    )


def _entry(row: Any, inputs: list[dict[str, str]] | None, answer: str | None, made: Any | None) -> Entry:
    content = {"job_id": str(row.id), "capability": row.capability, "status": row.status}
    if row.name is not None:
        content["model"] = identity(row)
    if made is not None:
        content["made"] = identity(made)
    if row.dataset_id is not None:
        content["dataset"] = {"id": str(row.dataset_id), "version": row.dataset_version}
    if row.status == Status.FAILED:
        content["error"] = (row.error_message and row.error_message[0]["id"]) or "unnamed"
    values = {"by": row.requested_by, "inputs": inputs, "answer": answer}
    return Entry(row.task, content, {field: value for field, value in values.items() if value is not None})
