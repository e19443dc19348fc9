"""The files of jobs."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select

from backend.database import reading
from backend.errors import NotFound
from backend.storage import delete_or_log, storage
from backend.tables import artifacts
from models.core.contract.prediction import Output, Stage

OUTPUT, STAGE, STAGE_FILE, SHEET, EXPORT = "output", "stage", "stage-file", "sheet", "export"  # roles


def store(
    job_id: UUID, folder: str, outputs: Iterable[Output], stages: Iterable[Stage]
) -> list[dict[str, Any]]:
    """Store every file of an answer; returns their rows, for the caller to write.

    Args:
        folder: each attempt has its own, so that files of a lost claim never overwrite those of a valid one.
    """
    rows: list[dict[str, Any]] = []
    try:
        for each in _files(outputs, stages):
            rows.append(_store(job_id, folder, *each))
    except OSError:
        discard(rows)  # the next try stores all of them
        raise
    return rows


def _files(
    outputs: Iterable[Output], stages: Iterable[Stage]
) -> Iterator[tuple[Output, str, int, dict[str, Any] | None]]:
    for position, output in enumerate(outputs):
        yield output, OUTPUT, position, None
    for position, stage in enumerate(stages):
        yield (
            Output(f"{stage.id}.json", stage.kind, stage.json, "application/json"),
            STAGE,
            position,
            stage.about,
        )
        for file in stage.files:
            yield file, STAGE_FILE, position, {"id": stage.id}


def _store(
    job_id: UUID, folder: str, output: Output, role: str, position: int, about: dict[str, Any] | None
) -> dict[str, Any]:
    artifact_id = uuid4()
    key = f"artifacts/{folder}/{artifact_id}"
    storage().put(key, output.data)
    sha256 = hashlib.sha256(output.data).hexdigest() if role == OUTPUT else None
    size = len(output.data)
    return row(artifact_id, job_id, role, position, output, size=size, key=key, sha256=sha256, about=about)


def row(
    artifact_id: UUID,
    job_id: UUID,
    role: str,
    position: int,
    output: Output,
    *,
    size: int,
    key: str,
    sha256: str | None = None,
    about: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The row of one stored file."""
    return {
        "id": artifact_id,
        "job_id": job_id,
        "role": role,
        "position": position,
        "name": output.name,
        "kind": output.kind,
        "media_type": output.media_type,
        "bytes": size,
        "key": key,
        "sha256": sha256,
        "stage": about,
    }


def discard(rows: Iterable[Mapping[str, Any]]) -> None:
    """Delete the files of an answer that was not accepted."""
    delete_or_log(*(each["key"] for each in rows))


def read_row(artifact_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    with reading() as connection:
        found = connection.execute(select(artifacts).where(artifacts.c.id == artifact_id)).one_or_none()
    if found is None:
        raise NotFound(f"Artifact {artifact_id} does not exist; its job may have been deleted.")
    return found


def first_image(job_id: UUID) -> Row[Any] | None:
    """The first picture of a job's answer; None: it has none."""
    query = (
        select(artifacts)
        .where(artifacts.c.job_id == job_id, artifacts.c.role == OUTPUT, artifacts.c.kind == "image")
        .order_by(artifacts.c.position)
        .limit(1)
    )
    with reading() as connection:
        return connection.execute(query).one_or_none()
