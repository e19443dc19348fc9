"""Deletion on request or because of age. `services.jobs.commands` deletes a single job.

An upload's row is deleted by a statement that requires no job with it, and its file after the commit: a job
that is written at the same time either keeps both, or finds no upload.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, exists, or_, select, tuple_, union, update
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, NotFound
from backend.services import samples
from backend.services.jobs import commands as job_service
from backend.services.jobs import queries
from backend.services.log.record import identity, record
from backend.services.models import exports, registration
from backend.services.models.naming import OWN
from backend.services.uploads import files, renditions, table_reports
from backend.settings import settings
from backend.storage import delete_all_or_log, delete_or_log, storage
from backend.tables import (
    FINAL,
    artifacts,
    dataset_pictures,
    dataset_version_uploads,
    datasets,
    job_inputs,
    jobs,
    models,
    uploads,
)
from models.core.contract import registry
from models.core.contract.messages import Text

_OF_A_SAMPLE = Text(
    "core.uploads.of_a_sample", "{name!r} belongs to a sample of Glassbox and cannot be deleted."
)
_NEEDED = Text(
    "core.uploads.needed", "Job {job_id} still needs {name!r}; cancel it, or wait until it has finished."
)
_IN_DATASET = Text(
    "core.uploads.in_dataset", "{name!r} is part of the dataset {dataset!r}; remove it there first."
)
_JUST_NEEDED = Text("core.uploads.just_needed", "A job that has just been queued needs the upload.")
_SHIPPED = Text(
    "core.models.not_deletable", "{name} is part of Glassbox; only models trained here can be deleted."
)

_BATCH = 1_000  # of each in one sweep
_INCOMPLETE_SECONDS = 86_400  # no file takes as long to arrive: its process has died
_IS_NEEDED = or_(
    exists().where(job_inputs.c.upload_id == uploads.c.id),
    exists().where(dataset_pictures.c.upload_id == uploads.c.id),
    exists().where(dataset_version_uploads.c.upload_id == uploads.c.id),
)
_TOGETHER = 200  # uploads of datasets in one transaction
_UNUSED_SECONDS = 86_400  # a picture that was sent for a dataset joins it within that time
_UNUSED_INTERVAL = 600.0  # seconds between searches for such pictures


def delete_old() -> None:
    """Delete finished jobs and unused uploads older than `keep_days`, except those of samples."""
    oldest = db_now() - settings().keep_days * 86_400
    old_jobs = select(jobs.c.id).where(jobs.c.status.in_(FINAL), jobs.c.finished_at < oldest)
    with reading() as connection:
        job_ids = connection.scalars(old_jobs.where(queries.REQUESTED).limit(_BATCH)).all()
    for job_id in job_ids:
        with suppress(NotFound):  # another process was faster
            job_service.delete(job_id)
    old_uploads = select(uploads).where(uploads.c.created_at < oldest, ~_IS_NEEDED)
    with reading() as connection:
        of_no_sample = tuple_(uploads.c.sha256, uploads.c.name).not_in(samples.contents())
        rows = connection.execute(old_uploads.where(of_no_sample).limit(_BATCH)).all()
    for row in rows:
        _delete_unused(row)


def _delete_unused(row: Row[Any]) -> None:
    is_unchanged = uploads.c.created_at == row.created_at  # not sent again in the meantime
    try:
        with transaction() as connection:
            files.lock(connection, row)
            unused = delete(uploads).where(uploads.c.id == row.id, is_unchanged, ~_IS_NEEDED)
            is_gone = connection.execute(unused).rowcount
            unneeded = _unneeded_files(connection, row) if is_gone else _Unneeded()
    except IntegrityError:
        return  # a job that needs it has just been written
    unneeded.delete()


@dataclass(frozen=True)
class _Unneeded:
    """Storage keys to be deleted after the transaction."""

    key: str | None = None
    computed: tuple[str, ...] = ()  # prefixes, of what was made of the content

    def delete(self) -> None:
        if self.key is not None:
            delete_or_log(self.key)
        delete_all_or_log(*self.computed)


def _unneeded_files(connection: Connection, row: Row[Any]) -> _Unneeded:
    """What no upload needs after the row was deleted; another may have the same content."""
    equal = select(uploads.c.id).where(uploads.c.sha256 == row.sha256, uploads.c.id != row.id).limit(1)
    computed = table_reports.keys_of(row.sha256), renditions.keys_of(row.sha256)
    return _Unneeded(
        key=None if files.is_shared(connection, row) else row.key,
        computed=() if connection.scalar(equal) is not None else computed,
    )


def delete_leftovers() -> None:
    """Delete incomplete files of killed processes."""
    work = settings().work_folder()
    too_old = time.time() - _INCOMPLETE_SECONDS
    incomplete = [
        *(work / "incoming").glob("*"),
        *(work / "fetched").glob(".*.partial"),
        *storage().partials(),
    ]
    for path in incomplete:
        with suppress(OSError):  # another process was faster
            if path.stat().st_mtime < too_old:
                path.unlink()


def delete_upload(upload_id: UUID) -> None:
    """Delete an upload; finished jobs keep their answers.

    Raises:
        NotFound.
        Conflict: a job still needs it, or it belongs to a sample.
    """
    uses_it = job_inputs.c.upload_id == upload_id
    try:
        with transaction() as connection:
            row = connection.execute(select(uploads).where(uploads.c.id == upload_id)).one_or_none()
            if row is None:
                raise NotFound(f"Upload {upload_id} does not exist.")
            files.lock(connection, row)
            if (row.sha256, row.name) in samples.contents():
                raise Conflict(_OF_A_SAMPLE(name=row.name))
            users = select(job_inputs.c.job_id).where(uses_it)
            needs_it = or_(jobs.c.id.in_(users), jobs.c.inspects.in_(users))
            unfinished = select(jobs.c.id).where(needs_it, jobs.c.status.not_in(FINAL))
            job_id = connection.scalar(unfinished.limit(1))
            if job_id is not None:
                raise Conflict(_NEEDED(job_id=str(job_id), name=row.name))
            _check_datasets(connection, row)
            connection.execute(update(job_inputs).where(uses_it).values(upload_id=None))
            connection.execute(delete(uploads).where(uploads.c.id == upload_id))
            unneeded = _unneeded_files(connection, row)
    except IntegrityError as error:
        raise Conflict(_JUST_NEEDED()) from error
    unneeded.delete()


def _check_datasets(connection: Connection, row: Row[Any]) -> None:
    """Raises Conflict: a dataset, or a version of one, has the upload."""
    of_it = union(
        select(dataset_pictures.c.dataset_id).where(dataset_pictures.c.upload_id == row.id),
        select(dataset_version_uploads.c.dataset_id).where(dataset_version_uploads.c.upload_id == row.id),
    )
    query = select(datasets.c.name).where(datasets.c.id.in_(of_it)).limit(1)
    name = connection.scalar(query)
    if name is not None:
        raise Conflict(_IN_DATASET(name=row.name, dataset=name))


def delete_unlisted(upload_ids: Sequence[UUID]) -> None:
    """Delete those of the uploads that were for datasets only, and that nothing needs any more."""
    for start in range(0, len(upload_ids), _TOGETHER):
        some = upload_ids[start : start + _TOGETHER]
        unused = uploads.c.id.in_(some), uploads.c.is_listed.is_(False), ~_IS_NEEDED
        unneeded: list[_Unneeded] = []
        with suppress(IntegrityError), transaction() as connection:  # a job that needs one was just written
            rows = connection.execute(select(uploads).where(*unused).order_by(uploads.c.id)).all()
            unneeded = _delete_rows(connection, rows)
        for each in unneeded:
            each.delete()


def _delete_rows(connection: Connection, rows: Sequence[Row[Any]]) -> "list[_Unneeded]":
    """Delete the rows of uploads, and find what no other upload needs."""
    equal = select(uploads.c.sha256, uploads.c.key).where(uploads.c.sha256.in_([row.sha256 for row in rows]))
    # whoever shares one of the files waits, as for `files.lock`
    connection.execute(equal.order_by(uploads.c.id).with_for_update()).all()
    connection.execute(delete(uploads).where(uploads.c.id.in_([row.id for row in rows])))
    others = connection.execute(equal).all()
    kept, kept_keys = {other.sha256 for other in others}, {other.key for other in others}
    return [
        _Unneeded(
            key=None if row.key in kept_keys else row.key,
            computed=() if row.sha256 in kept else (renditions.keys_of(row.sha256),),
        )
        for row in rows
    ]


def delete_unnamed(dataset_id: UUID) -> None:
    """Delete the files that a killed import into a dataset left without rows."""
    prefix = files.keys_of(dataset_id)
    with reading() as connection:
        named = select(uploads.c.id).where(uploads.c.key.startswith(prefix, autoescape=True)).limit(1)
        if connection.scalar(named) is not None:
            return  # another upload has the same content as one of them
    delete_all_or_log(prefix)


def delete_unused() -> None:
    """Delete pictures that were sent for a dataset and never joined one; at most every ten minutes."""
    if time.monotonic() < _next_search.at:
        return
    _next_search.at = time.monotonic() + _UNUSED_INTERVAL
    old = uploads.c.is_listed.is_(False), uploads.c.created_at < db_now() - _UNUSED_SECONDS, ~_IS_NEEDED
    with reading() as connection:
        found = connection.scalars(select(uploads.c.id).where(*old).limit(_BATCH)).all()
    delete_unlisted(found)


class _NextSearch:
    at = 0.0  # time.monotonic()


_next_search = _NextSearch()


def delete_model(name: str, version: int | None = None, *, by: str | None = None) -> None:
    """Delete a version of a model trained here, by default all; its answers are kept.

    `by` is the name of the caller's key, for the log.

    Raises:
        NotFound.
        Conflict: it was not trained here, or a job still needs it.
    """
    with transaction() as connection:
        kept = [models.c.name == name, models.c.deleted_at.is_(None)]
        if version is not None:
            kept.append(models.c.version == version)
        rows = connection.execute(select(models).where(*kept)).all()
        if not rows:
            which = f"Model {name!r}" if version is None else f"Version {version} of model {name!r}"
            raise NotFound(f"{which} does not exist.")
        if any(row.source not in OWN for row in rows):
            raise Conflict(_SHIPPED(name=name))
        of_it = jobs.c.model_id.in_([row.id for row in rows]), jobs.c.status.not_in(FINAL)
        job_id = connection.scalar(select(jobs.c.id).where(*of_it).limit(1))
        if job_id is not None:
            raise Conflict(_NEEDED(job_id=str(job_id), name=name))
        # the rows are kept for the jobs that refer to them
        connection.execute(update(models).where(*kept).values(deleted_at=db_now(), is_default=False))
        for row in rows:
            record(connection, "delete_model", {"capability": row.capability, "model": identity(row)}, by=by)
        keys = [row.location for row in rows]
        connection.execute(delete(artifacts).where(artifacts.c.key.in_(keys)))
        if card := registry.cards().get(rows[0].capability):
            registration.ensure_default(connection, card)
    delete_or_log(*keys)
    delete_all_or_log(*(exports.keys_of(row.digest) for row in rows if row.digest))
