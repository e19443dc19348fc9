"""Imports archives and tables into datasets, checks datasets, and freezes their versions, on request."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backend.errors import AppError
from backend.schemas.datasets import DatasetProblem, DatasetReport, VersionCreate
from backend.services.datasets import checks, imports, rows, versions
from backend.services.datasets.imports import Arrived
from backend.services.datasets.versions import Snapshot
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from models.core.contract import registry
from models.core.contract.card import MediaKind
from models.core.contract.dataset import DatasetKind, Manifest
from models.core.contract.dataset_report import Counts, Problem, SplitCounts
from models.core.contract.errors import InputError
from models.core.contract.messages import Text, with_messages
from models.core.datasets import writing
from models.core.tables.read_options import ReadOptions
from workers.heartbeat import Heartbeat
from workers.inference.side_jobs import Reports, SideJobs, values_of
from workers.inference.table_reports import report_of

_FAILED = Text(
    "core.datasets.jobs.check_failed",
    "The check failed because of an error in this application; it has been logged.",
)()
_GONE = Text("core.datasets.jobs.gone", "The dataset has been deleted.")
_DELETED = Text("core.datasets.jobs.upload_deleted", "The upload has been deleted.")
_READING = Text("core.datasets.jobs.reading", "Reading the archive")()
_STORING = Text("core.datasets.jobs.storing", "Storing the pictures")()
_CHECKING = Text("core.datasets.jobs.checking", "Checking the pictures")()

_TOGETHER = 200  # pictures of one transaction
_BYTES_TOGETHER = 32_000_000


def dataset_checks(
    heartbeat: Heartbeat, environment: Mapping[str, str], stopping: threading.Event
) -> SideJobs:
    """The thread that does what was requested."""
    return SideJobs("dataset checks", _check, heartbeat, environment, stopping, failure=_FAILED)


def _check(claim: Claim, progress: Reports) -> Ending:
    """Raises InputError: the upload is not a dataset, or the dataset is gone."""
    dataset_id = claim.dataset_id
    if dataset_id is None:
        raise InputError(_GONE())
    imported = _import(claim, dataset_id, progress) if checks.INPUT in claim.inputs else _Imported()
    taken = versions.take(dataset_id)
    options = VersionCreate.model_validate(claim.params)
    if taken.dataset.kind == DatasetKind.TABLE:
        manifest, found = _check_table(taken)
    else:
        manifest, found = _check_pictures(taken, imported, options, progress)
    made = _Made(taken, imported, manifest, found, options.model_dump())
    key = versions.store(dataset_id, claim.job_id, manifest)
    return Ending(claim, Status.SUCCEEDED, also=lambda connection: made.write(connection, key))


@dataclass(frozen=True)
class _Imported:
    """What an import found besides the pictures."""

    kind: DatasetKind | None = None
    classes: tuple[str, ...] = ()
    recognized: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Made:
    """A version that is about to be written."""

    taken: Snapshot
    imported: _Imported
    manifest: Manifest
    report: DatasetReport
    options: Mapping[str, Any]

    def write(self, connection: Connection, key: str) -> dict[str, Any]:
        """In the transaction that ends the job; returns its result."""
        dataset_id = self.taken.dataset.id
        report = self.report.model_dump(mode="json")
        if self.imported.kind is not None:
            classes = list(self.imported.classes)
            rows.write(connection, dataset_id, kind=self.imported.kind, classes=classes)
        number = versions.insert_version(
            connection, self.taken, self.manifest, key=key, options=self.options, report=report
        )
        recognized = self.imported.recognized
        return with_messages(
            {
                "dataset": {"id": str(dataset_id), "version": number},
                "report": report,
                **({"recognized": recognized} if recognized else {}),
            }
        )


def _import(claim: Claim, dataset_id: UUID, progress: Reports) -> _Imported:
    """Store the content of an upload as pictures of the dataset. Raises InputError."""
    upload = imports.source(claim)
    if upload is None:
        raise InputError(_DELETED())
    if upload.kind == MediaKind.TABLE:
        imports.add_table(claim, upload)
        return _Imported()
    reading = registry.core("datasets.importing").read(
        storage().local(upload.key),
        settings().limits(),
        progress=lambda done, total: progress(done, total, message=_READING),
    )
    with reading as archive:
        classes, problems = tuple(archive.classes), tuple(archive.problems)
        _store(claim, dataset_id, archive, progress)
        return _Imported(archive.kind, classes, archive.recognized, problems)


def _store(claim: Claim, dataset_id: UUID, archive: Any, progress: Reports) -> None:
    """Store the pictures that no earlier attempt has stored."""
    total, done = len(archive.pictures), imports.number_stored(dataset_id)
    batch: list[Arrived] = []
    for picture in archive.pictures[done:]:
        progress.check()
        batch.append(Arrived(picture, archive.read(picture)))
        if len(batch) == _TOGETHER or sum(len(each.data) for each in batch) > _BYTES_TOGETHER:
            done += _add(claim, batch, done, total, progress)
            batch = []
    _add(claim, batch, done, total, progress)


def _add(claim: Claim, batch: list[Arrived], done: int, total: int, progress: Reports) -> int:
    """The number of pictures that were stored. Raises InputError: one is no picture, or too large."""
    if batch:
        try:
            imports.add(claim, batch, values_of(done + len(batch), total, _STORING))
        except AppError as error:
            raise InputError(error.detail) from error
        progress(done + len(batch), total, message=_STORING)
    return len(batch)


def _check_pictures(
    taken: Snapshot, imported: _Imported, options: VersionCreate, progress: Reports
) -> tuple[Manifest, DatasetReport]:
    """The manifest with splits, and what is to be known about it."""
    manifest = Manifest(
        kind=imported.kind or DatasetKind(taken.dataset.kind),
        classes=list(imported.classes or taken.dataset.classes),
        pictures=list(taken.pictures),
    )
    checking = registry.core("datasets.checks")
    report = checking.check(
        manifest,
        lambda picture: storage().get(taken.keys[picture.sha256]),
        lambda done, total: progress(done, total, message=_CHECKING),
    )
    divided = registry.core("datasets.splits").split(
        manifest.pictures,
        report.groups,
        validation=options.validation_share,
        test=options.test_share,
        seed=options.seed,
        keep_chosen=options.keep_splits,
    )
    manifest = manifest.model_copy(update={"pictures": divided})
    found = checking.with_splits(report, manifest).model_dump()
    found["problems"] = [*(each.model_dump() for each in imported.problems), *found["problems"]]
    return writing.canonical(manifest), DatasetReport(**found)


def _check_table(taken: Snapshot) -> tuple[Manifest, DatasetReport]:
    """Raises InputError: the table cannot be read."""
    (table,) = taken.pictures
    found = report_of(storage().get(taken.keys[table.sha256]), ReadOptions())
    problems = [
        DatasetProblem(
            code="table",
            severity="warning",
            message=problem.what,
            parts=[part.model_dump() for part in problem.what_message],
            count=1,
        )
        for problem in found.problems
    ]
    about = DatasetReport(
        counts=Counts(pictures=0, labeled=0, objects=0),
        classes=[],
        sizes=None,
        splits=SplitCounts(),
        problems=problems,
        rows=found.rows,
        columns=len(found.columns),
    )
    return Manifest(kind=DatasetKind.TABLE, classes=[], pictures=[table]), about
