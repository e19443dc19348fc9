"""The samples that ship with each capability, each with an answer that needs no worker."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import Connection, insert, select

from backend.database import db_now, reading, transaction
from backend.errors import AppError
from backend.http.upload_stream import Incoming
from backend.schemas.capabilities import SampleRead
from backend.services.models import catalog
from backend.services.uploads import files
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status, Task, artifacts, jobs
from backend.tables import uploads as upload_rows
from models.core.contract import registry, sample_answers
from models.core.contract.card import Card, Sample
from models.core.contract.prediction import Output
from models.core.contract.sample_answers import Saved

log = logging.getLogger(__name__)


def seed() -> None:
    """Store each sample as an upload and its saved answer as a finished job, unless they are stored."""
    for card in registry.cards().values():
        for sample in card.samples:
            try:
                _seed(card, sample)
            except (AppError, OSError, ValueError) as error:
                # the others, and everything else, work without it
                log.warning("the sample %s of %s is left out: %s", sample.name, card.name, error)


def listed(card: Card) -> list[SampleRead]:
    """The samples of `card` that are stored."""
    contents = {sample.name: _sha256(sample.file) for sample in card.samples if sample.file.exists()}
    job_ids = {sample.name: _job_id(card, sample) for sample in card.samples}
    if not contents:
        return []
    query = select(upload_rows).where(upload_rows.c.sha256.in_(contents.values()))
    known = select(jobs.c.id).where(jobs.c.id.in_([job_id for job_id in job_ids.values() if job_id]))
    with reading() as connection:
        rows = {row.sha256: row for row in connection.execute(query)}
        answered = set(connection.scalars(known))
    shown = []
    for sample in card.samples:
        row = rows.get(contents.get(sample.name, ""))
        if row is None:
            continue
        job_id = job_ids[sample.name]
        shown.append(
            SampleRead(
                name=sample.name,
                title=sample.title,
                credit=sample.credit,
                license=sample.license,
                width=row.width,
                height=row.height,
                upload_id=row.id,
                job_id=job_id if job_id in answered else None,
                url=f"/v1/uploads/{row.id}/content",
            )
        )
    return shown


def contents() -> set[str]:
    """The SHA-256 of every sample's file."""
    samples = [sample for card in registry.cards().values() for sample in card.samples]
    return {_sha256(sample.file) for sample in samples if sample.file.exists()}


@cache
def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@cache
def _job_id(card: Card, sample: Sample) -> UUID | None:
    """The same for the same answer, so that it is stored once however often and by however many we start."""
    index = sample_answers.folder_of(sample) / sample_answers.INDEX
    if not index.exists() or not sample.file.exists():
        return None
    content = f"{card.name}/{sample.name}/{_sha256(sample.file)}/{_sha256(index)}"
    return uuid5(NAMESPACE_URL, f"urn:glassbox:sample:{content}")


def _seed(card: Card, sample: Sample) -> None:
    incoming = Incoming(sample.file.name, settings().max_upload_bytes)
    incoming.take(sample.file.read_bytes())
    upload, _ = files.create(incoming)
    job_id = _job_id(card, sample)
    if job_id is None:
        return
    with reading() as connection:
        if connection.scalar(select(jobs.c.id).where(jobs.c.id == job_id)) is not None:
            return
    answer = sample_answers.read(sample_answers.folder_of(sample))
    rows = list(_store(job_id, answer))
    with transaction() as connection:
        if connection.scalar(select(jobs.c.id).where(jobs.c.id == job_id)) is None:
            _insert(connection, job_id, card, upload.id, answer)
            connection.execute(insert(artifacts), rows)


def _insert(connection: Connection, job_id: UUID, card: Card, upload_id: UUID, answer: Saved) -> None:
    # born finished: the state machine of services.jobs and services.leases never sees it
    model = catalog.resolve(connection, card.name, answer.model.partition("@")[0])
    params = card.predict_params.model_validate(dict(answer.params)).model_dump(mode="json")
    connection.execute(
        insert(jobs).values(
            id=job_id,
            capability=card.name,
            task=Task.PREDICT,
            model_id=model.id,
            upload_id=upload_id,
            params=params,
            inspect=True,
            seed=params.get("seed"),
            status=Status.SUCCEEDED,
            attempt=1,
            max_attempts=1,
            result=dict(answer.prediction.result),
            timings_ms=dict(answer.timings_ms),
            environment=dict(answer.environment),
            created_at=db_now(),
            started_at=db_now(),
            finished_at=db_now(),
        )
    )


def _store(job_id: UUID, answer: Saved) -> Iterator[dict[str, Any]]:
    for position, output in enumerate(answer.prediction.outputs):
        yield _row(job_id, output, "output", position, None)
    for position, stage in enumerate(answer.prediction.stages):
        data = Output(f"{stage.id}.json", stage.kind, stage.json, "application/json")
        about = {name: getattr(stage, name) for name in ("id", "title", "explanation", "count", "code")}
        yield _row(job_id, data, "stage", position, about)
        for file in stage.files:
            yield _row(job_id, file, "stage-file", position, {"id": stage.id})


def _row(
    job_id: UUID, output: Output, role: str, position: int, stage: Mapping[str, Any] | None
) -> dict[str, Any]:
    artifact_id = uuid4()
    key = f"artifacts/{job_id}/1/{artifact_id}"
    storage().put(key, output.data)
    return {
        "id": artifact_id,
        "job_id": job_id,
        "role": role,
        "position": position,
        "name": output.name,
        "kind": output.kind,
        "media_type": output.media_type,
        "bytes": len(output.data),
        "key": key,
        "stage": stage,
    }
