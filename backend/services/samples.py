"""The samples of each capability, with answers that need no worker."""

import hashlib
import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import CompoundSelect, Connection, Row, insert, null, select, tuple_, union_all

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
    stored = seeded()
    for card in registry.cards().values():
        for sample in card.samples:
            try:
                if not _is_seeded(card, sample, stored):
                    _seed(card, sample)
            except (AppError, OSError, ValueError) as error:
                # everything else works without it
                log.warning("the sample %s of %s is left out: %s", sample.name, card.name, error)


@dataclass(frozen=True)
class Seeded:
    """What is stored of the samples of all capabilities."""

    uploads: Mapping[tuple[str, str], Row[Any]]  # (SHA-256, name) -> id, width, height
    job_ids: Set[UUID]  # of their answers


def seeded() -> Seeded:
    """Reads it with one statement."""
    with reading() as connection:
        rows = connection.execute(_seeded_query(tuple(registry.cards().values()))).all()
    return Seeded(
        uploads={(row.sha256, row.name): row for row in rows if row.sha256 is not None},
        job_ids={row.id for row in rows if row.sha256 is None},
    )


@cache
def _seeded_query(cards: tuple[Card, ...]) -> CompoundSelect[Any]:
    answers = {_job_id(card, sample) for card in cards for sample in card.samples} - {None}
    columns = (upload_rows.c[name] for name in ("id", "sha256", "name", "width", "height"))
    sent = tuple_(upload_rows.c.sha256, upload_rows.c.name).in_(contents())
    nothing = (null().label(name) for name in ("sha256", "name", "width", "height"))
    return union_all(select(*columns).where(sent), select(jobs.c.id, *nothing).where(jobs.c.id.in_(answers)))


def listed(card: Card, stored: Seeded) -> list[SampleRead]:
    """The samples of `card` that are stored."""
    shown = []
    for sample in filter(_is_complete, card.samples):
        uploads = {name: stored.uploads.get(_sent(file)) for name, file in sample.inputs.items()}
        if None not in uploads.values():
            job_id = _job_id(card, sample)
            shown.append(_show(sample, uploads, job_id if job_id in stored.job_ids else None))
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


def _is_seeded(card: Card, sample: Sample, stored: Seeded) -> bool:
    uploads = {_sent(file) for file in sample.inputs.values()}
    return uploads <= stored.uploads.keys() and _job_id(card, sample) in {None, *stored.job_ids}


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
    model = catalog.named(connection, card.name, saved.model.partition("@")[0])
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
