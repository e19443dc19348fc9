"""The samples of each capability, with answers that need no worker."""

import hashlib
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection, insert, select

from backend.database import db_now, reading, transaction
from backend.errors import AppError
from backend.http.upload_stream import UploadStream, clean_name
from backend.schemas.capabilities import SampleRead
from backend.services import artifacts
from backend.services.models import catalog
from backend.services.uploads import files
from backend.settings import settings
from backend.tables import Status, Task, job_inputs, jobs
from backend.tables import artifacts as artifact_rows
from backend.tables import uploads as upload_rows
from models.core.contract import registry, sample_answers
from models.core.contract.card import Card, Sample
from models.core.contract.sample_answers import Saved

log = logging.getLogger(__name__)


def seed() -> None:
    """Store each sample as an upload and its saved answer as a finished job, unless they are stored."""
    for card in registry.cards().values():
        for sample in card.samples:
            try:
                _seed(card, sample)
            except (AppError, OSError, ValueError) as error:
                # everything else works without it
                log.warning("the sample %s of %s is left out: %s", sample.name, card.name, error)


def listed(card: Card) -> list[SampleRead]:
    """The samples of `card` that are stored."""
    job_ids = {sample.name: _job_id(card, sample) for sample in card.samples if _is_complete(sample)}
    if not job_ids:
        return []
    complete = [sample for sample in card.samples if sample.name in job_ids]
    digests = {_sha256(file) for sample in complete for file in sample.inputs.values()}
    query = select(upload_rows).where(upload_rows.c.sha256.in_(digests))
    known = select(jobs.c.id).where(jobs.c.id.in_([job_id for job_id in job_ids.values() if job_id]))
    with reading() as connection:
        rows = {(row.sha256, row.name): row for row in connection.execute(query)}
        answered = set(connection.scalars(known))
    shown = []
    for sample in complete:
        uploads = {name: rows.get(_sent(file)) for name, file in sample.inputs.items()}
        if None not in uploads.values():
            job_id = job_ids[sample.name]
            shown.append(_show(sample, uploads, job_id if job_id in answered else None))
    return shown


def _show(sample: Sample, uploads: Mapping[str, Any], job_id: UUID | None) -> SampleRead:
    first = next(iter(uploads.values()), None)
    return SampleRead(
        name=sample.name,
        title=sample.title,
        credit=sample.credit,
        license=sample.license,
        width=first.width if first else None,
        height=first.height if first else None,
        inputs={name: upload.id for name, upload in uploads.items()},
        upload_id=first.id if first and len(uploads) == 1 else None,
        job_id=job_id,
        url=f"/v1/uploads/{first.id}/content" if first else None,
    )


def _is_complete(sample: Sample) -> bool:
    return all(file.exists() for file in sample.inputs.values())


def contents() -> set[tuple[str, str]]:
    """The SHA-256 and the name of every sample's files."""
    samples = [sample for card in registry.cards().values() for sample in card.samples]
    return {_sent(file) for sample in samples for file in sample.inputs.values() if file.exists()}


def _sent(file: Path) -> tuple[str, str]:
    return _sha256(file), clean_name(file.name)


@cache
def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@cache
def _job_id(card: Card, sample: Sample) -> UUID | None:
    """Equal for equal answers, so that an answer is stored once, however many processes start."""
    index = sample.answer / sample_answers.INDEX if sample.answer else None
    if index is None or not index.exists() or not _is_complete(sample):
        return None
    files = "/".join(f"{name}={_sha256(file)}" for name, file in sorted(sample.inputs.items()))
    content = f"{card.name}/{sample.name}/{files}/{_sha256(index)}"
    return uuid5(NAMESPACE_URL, f"urn:glassbox:sample:{content}")


def _seed(card: Card, sample: Sample) -> None:
    inputs = {name: _store(file) for name, file in sample.inputs.items()}
    job_id = _job_id(card, sample)
    if job_id is None or sample.answer is None:
        return
    with reading() as connection:
        if connection.scalar(select(jobs.c.id).where(jobs.c.id == job_id)) is not None:
            return
    saved = sample_answers.read(sample.answer)
    rows = artifacts.store(job_id, f"{job_id}/1", saved.prediction.outputs, saved.stages)
    with transaction() as connection:
        if connection.scalar(select(jobs.c.id).where(jobs.c.id == job_id)) is None:
            _insert(connection, job_id, card, sample, inputs, saved)
            if rows:
                connection.execute(insert(artifact_rows), rows)


def _store(file: Path) -> UUID:
    upload_stream = UploadStream(file.name, settings().max_upload_bytes)
    upload_stream.write(file.read_bytes())
    upload, _ = files.create(upload_stream)
    return upload.id


def _insert(
    connection: Connection,
    job_id: UUID,
    card: Card,
    sample: Sample,
    inputs: Mapping[str, UUID],
    saved: Saved,
) -> None:
    # created as finished, without the state machine of services.jobs
    model = catalog.resolve(connection, card.name, saved.model.partition("@")[0])
    params = card.predict_params.model_validate(dict(saved.params)).model_dump(mode="json")
    connection.execute(
        insert(jobs).values(
            id=job_id,
            name=next((clean_name(file.name) for file in sample.inputs.values()), ""),
            capability=card.name,
            task=Task.PREDICT,
            model_id=model.id,
            params=params,
            inspect=True,
            status=Status.SUCCEEDED,
            attempt=1,
            max_attempts=1,
            result=dict(saved.prediction.result),
            timings_ms=dict(saved.timings_ms),
            environment=dict(saved.environment),
            created_at=db_now(),
            started_at=db_now(),
            finished_at=db_now(),
        )
    )
    rows = [{"job_id": job_id, "name": name, "upload_id": upload_id} for name, upload_id in inputs.items()]
    if rows:
        connection.execute(insert(job_inputs), rows)
