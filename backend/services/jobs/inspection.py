"""The stages of an answer: stored with it, or computed when they are first requested."""

import ast
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, NotFound
from backend.schemas.inspections import CodeRead, InspectionRead, StageRead
from backend.schemas.jobs import JobRead
from backend.services.artifacts import SHEET, STAGE, STAGE_FILE
from backend.services.jobs import queries
from backend.services.jobs.statuses import STATUSES
from backend.services.jobs.submission import Queue, dispatch
from backend.services.jobs.validation import check_installed
from backend.services.models import catalog
from backend.settings import settings
from backend.tables import Status, Task, artifacts, jobs
from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Role

_NOT_ENDED = Text(
    "core.inspection.not_ended", "Job {job_id} is {status}; it can be opened once it has ended."
)
_NO_STAGES = Text("core.inspection.no_stages", "Job {job_id} has no stages.")
_INPUT_GONE = Text(
    "core.inspection.input_gone",
    "An input of job {job_id} has been deleted, so its stages can no longer be computed.",
)
_MODEL_GONE = Text(
    "core.inspection.model_gone",
    "The model {model} of job {job_id} has been deleted or replaced: its stages can no longer be computed.",
)


def read(job_id: UUID) -> InspectionRead | None:
    """The stages in order; None: they are not computed yet.

    Raises:
        NotFound: no such job, or a job without stages.
        Conflict: it has not finished.
    """
    query = (
        select(artifacts)
        .where(artifacts.c.job_id == job_id, artifacts.c.role.in_((STAGE, STAGE_FILE, SHEET)))
        .order_by(artifacts.c.position)
    )
    with reading() as connection:
        rows = connection.execute(query).all()
        # a running training has sheets before it has a stage
        if not any(row.role == STAGE for row in rows) and not _is_computed(connection, job_id):
            return None
    return InspectionRead(job_id=job_id, stages=list(_stages(rows)))


def _is_computed(connection: Connection, job_id: UUID) -> bool:
    """Whether the job's stages have been computed, even if there are none. Raises as `read`."""
    job = _openable(connection, job_id)
    computed = select(jobs.c.id).where(jobs.c.inspects == job.id, jobs.c.status == Status.SUCCEEDED)
    return connection.scalar(computed) is not None


def _openable(connection: Connection, job_id: UUID) -> Row[Any]:
    job = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if job is None:
        raise NotFound(f"Job {job_id} does not exist; it may have been deleted.")
    if job.finished_at is None:
        raise Conflict(_NOT_ENDED(job_id=str(job_id), status=STATUSES[job.status]()))
    if job.status != Status.SUCCEEDED or job.task != Task.PREDICT:
        raise NotFound(_NO_STAGES(job_id=str(job_id)))
    return job


def compute(job_id: UUID, *, request_id: str | None = None) -> JobRead:
    """The job that computes the stages of a finished prediction: an existing one or a new one.

    Raises:
        NotFound: no such job, or a job without stages.
        Conflict: it has not finished; or an input or its model was deleted, so that it cannot be repeated.
        TooManyJobs: the queue is full.
    """
    try:
        with transaction() as connection:
            inspecting = _compute(connection, job_id, request_id)
    except IntegrityError:  # a simultaneous request has just queued it
        with transaction() as connection:
            inspecting = _compute(connection, job_id, request_id)
    dispatch([inspecting])
    return inspecting


def check(job_id: UUID) -> None:
    """Raises what `compute` would raise because of the job."""
    with reading() as connection:
        _repeatable(connection, _openable(connection, job_id))


def _repeatable(connection: Connection, job: Row[Any]) -> Row[Any]:
    """The model of a job whose inputs are there. Raises Conflict."""
    if queries.read_one(connection, job.id).upload_deleted:
        raise Conflict(_INPUT_GONE(job_id=str(job.id)))
    check_installed(job.capability)
    model = catalog.find(connection, job.model_id)
    if model is None or not catalog.is_usable(model):
        raise Conflict(_MODEL_GONE(job_id=str(job.id), model=model.name if model else "?"))
    return model


def _compute(connection: Connection, job_id: UUID, request_id: str | None) -> JobRead:
    job = _openable(connection, job_id)
    earlier = connection.execute(
        select(jobs.c.id, jobs.c.status, (db_now() - jobs.c.finished_at).label("age")).where(
            jobs.c.inspects == job_id
        )
    ).one_or_none()
    if earlier is not None:
        # whoever polls sees a failure; later requests try again
        is_over = earlier.status == Status.CANCELED or (
            earlier.status == Status.FAILED and earlier.age > settings().wait_seconds
        )
        if not is_over:
            return queries.read_one(connection, earlier.id)
        connection.execute(delete(jobs).where(jobs.c.id == earlier.id))
    model = _repeatable(connection, job)
    queue = Queue(connection)
    values = {
        "name": job.name,
        "capability": job.capability,
        "task": Task.INSPECT,
        "inspects": job_id,
        "params": job.params,
        "inspect": False,
        "picture": False,
        "request_id": request_id,
    }
    inspecting = queue.add(values, model, {})  # it has the inputs of the job that it inspects
    queue.flush()
    return queries.read_one(connection, inspecting.id)


def _stages(rows: Sequence[Row[Any]]) -> Iterator[StageRead]:
    for row in rows:
        if row.role != STAGE:
            continue
        about = row.stage or {}
        own = [file for file in rows if file.role != STAGE and _stage_id(file) == about.get("id")]
        yield StageRead(
            id=about.get("id", row.name),
            kind=row.kind,
            role=about["role"] if "role" in about else _role_of_old(row, rows),
            title=about.get("title", row.name),
            title_message=about.get("title_message", []),
            explanation=about.get("explanation", ""),
            explanation_message=about.get("explanation_message", []),
            count=about.get("count"),
            bytes=row.bytes,
            data_url=_url(row),
            files={file.name: _url(file) for file in own},
            code=source_of(about.get("code") or ""),
        )


def _role_of_old(row: Row[Any], rows: Sequence[Row[Any]]) -> Role | None:
    """The role of a stage that was stored before stages had one, by its place and kind."""
    stages = [each for each in rows if each.role == STAGE]
    if row.id == stages[-1].id:
        return Role.ANSWER
    images = [each.id for each in stages if each.kind == Kind.IMAGE]
    return Role.INPUT if images and row.id == images[0] else None


def _stage_id(file: Row[Any]) -> str | None:
    return (file.stage or {}).get("id")


def _url(row: Row[Any]) -> str:
    return f"/v1/artifacts/{row.id}/content"


@cache
def source_of(name: str) -> CodeRead | None:
    """The source of the function or class of this name. Reads the file: importing it would load torch."""
    for package in ("models", *settings().capability_packages):
        if name.startswith(f"{package}."):
            return _search(name, package, name.removeprefix(f"{package}.").split("."))
    return None


def _search(name: str, package: str, parts: list[str]) -> CodeRead | None:
    for root in import_module(package).__path__:
        path = Path(root)
        for depth, part in enumerate(parts):
            path = path / part
            file = path.with_suffix(".py")
            if file.is_file():
                shown = Path(*package.split("."), *parts[: depth + 1]).with_suffix(".py")
                return _find(name, file, parts[depth + 1 :], shown.as_posix())
    return None


def _find(name: str, file: Path, parts: list[str], shown: str) -> CodeRead | None:
    text = file.read_text("utf-8")
    node: ast.AST = ast.parse(text)
    for part in parts:
        found = [child for child in ast.iter_child_nodes(node) if getattr(child, "name", None) == part]
        if not found:
            return None
        node = found[0]
    if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return None
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    source = textwrap.dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno]))
    return CodeRead(name=name, file=shown, line=node.lineno, source=source)
