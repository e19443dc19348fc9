"""The sheets of samples that trainings draw: files of their jobs, to be seen while these still run.

A sheet belongs to a step, and a later one of the same step replaces it: an attempt that resumes at a
checkpoint draws those behind it again. The key of its file follows from its content, so that attempts never
overwrite each other's files; all are deleted with their job, whatever becomes of it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update

from backend.database import reading, transaction
from backend.messaging.events import add_event
from backend.services import artifacts as files
from backend.services.jobs.leases import Claim, held
from backend.storage import delete_or_log, storage
from backend.tables import artifacts, jobs
from models.core.contract.card import Kind
from models.core.contract.prediction import Output

STAGE_ID = "samples"
MOST = 50  # of one job
MAX_BYTES = 1_100_000  # of one sheet
_OF_JOBS = select(artifacts).where(artifacts.c.role == files.SHEET).order_by(artifacts.c.position)


def store(claim: Claim, sheet: Mapping[str, Any], png: bytes) -> bool:
    """Keep a sheet and notify who follows the job; False: the claim is lost.

    An equal one of an earlier attempt is left as it is.

    Args:
        sheet: step, file name, captions if there are any, and the fields of `layout`, which all sheets share.

    Raises:
        ValueError: it has more than `MAX_BYTES`, or the job has `MOST` sheets already.
        StorageAway.
    """
    if len(png) > MAX_BYTES:
        raise ValueError(f"a sheet of {len(png):,} bytes; at most {MAX_BYTES:,} are kept")
    earlier = {row.position: row for row in _rows(claim.job_id)}
    about = {"id": STAGE_ID, "sha256": hashlib.sha256(png).hexdigest(), "sheet": dict(sheet)}
    replaced = earlier.get(sheet["step"])
    if replaced is not None and replaced.stage == about:
        return True
    if replaced is None and len(earlier) >= MOST:
        raise ValueError(f"a job keeps {MOST} sheets at most")
    row = _row(claim, sheet, png, about)
    storage().put(row["key"], png)
    if not _write(claim, row, replaced and replaced.id):
        return False
    if replaced is not None and replaced.key != row["key"]:
        delete_or_log(replaced.key)
    add_event(claim.job_id, "samples", _shown(row["id"], sheet))
    return True


def read(job_id: UUID) -> list[dict[str, Any]]:
    """The sheets of a job by step, as its events have them."""
    return [_shown(row.id, row.stage["sheet"]) for row in _rows(job_id)]


def keys_of(job_id: UUID) -> str:
    """Where the keys of a job's sheets begin."""
    return f"artifacts/{job_id}/sheet-"


def _row(claim: Claim, sheet: Mapping[str, Any], png: bytes, about: dict[str, Any]) -> dict[str, Any]:
    return files.row(
        uuid4(),
        claim.job_id,
        files.SHEET,
        sheet["step"],
        Output(sheet["file"], Kind.IMAGE, b"", "image/png"),
        size=len(png),
        key=f"{keys_of(claim.job_id)}{sheet['step']}-{about['sha256']}.png",
        about=about,
    )


def _write(claim: Claim, row: Mapping[str, Any], replaced: UUID | None) -> bool:
    """Whether the claim is still held."""
    with transaction() as connection:
        # an update, not a query: it holds the row's lock against the end of the claim
        is_held = connection.execute(update(jobs).where(*held(claim)).values(id=claim.job_id)).rowcount
        if is_held:
            connection.execute(delete(artifacts).where(artifacts.c.id == replaced))
            connection.execute(insert(artifacts), [dict(row)])
        return bool(is_held)


def _rows(job_id: UUID) -> list[Any]:
    with reading() as connection:
        return list(connection.execute(_OF_JOBS.where(artifacts.c.job_id == job_id)))


def _shown(artifact_id: UUID, sheet: Mapping[str, Any]) -> dict[str, Any]:
    return {**sheet, "url": f"/v1/artifacts/{artifact_id}/content"}
