"""The stages of one prediction, by which its answer is opened, each with the code that did it."""

import ast
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from backend.database import reading
from backend.errors import AppError, Conflict, NotFound
from backend.schemas.inspections import CodeRead, InspectionRead, StageRead
from backend.settings import settings
from backend.tables import artifacts, jobs


def read(job_id: UUID) -> InspectionRead:
    """The stages in their order.

    Raises:
        NotFound: no such job, or one that never came to have any.
        Conflict: it was asked to keep none, or has not ended.
    """
    query = (
        select(artifacts)
        .where(artifacts.c.job_id == job_id, artifacts.c.role.in_(("stage", "stage-file")))
        .order_by(artifacts.c.position)
    )
    with reading() as connection:
        rows = connection.execute(query).all()
        if not rows:
            raise _reason(job_id, connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none())
    return InspectionRead(job_id=job_id, stages=list(_stages(rows)))


def _reason(job_id: UUID, job: Row[Any] | None) -> AppError:
    if job is None:
        return NotFound(f"There is no job {job_id}; it may have been deleted.")
    if job.finished_at is None:
        return Conflict(f"Job {job_id} is {job.status}: its stages are there once it has ended.")
    if not job.inspect:
        return Conflict(f"Job {job_id} was asked not to keep its stages; ask again with inspect=true.")
    return NotFound(f"Job {job_id} ended without stages.")


def _stages(rows: Any) -> Iterator[StageRead]:
    for row in rows:
        if row.role != "stage":
            continue
        about = row.stage or {}
        mine = [file for file in rows if file.role == "stage-file" and _stage_id(file) == about.get("id")]
        yield StageRead(
            id=about.get("id", row.name),
            kind=row.kind,
            title=about.get("title", row.name),
            explanation=about.get("explanation", ""),
            count=about.get("count"),
            bytes=row.bytes,
            data_url=_url(row),
            files={file.name: _url(file) for file in mine},
            code=source_of(about.get("code") or ""),
        )


def _stage_id(file: Row[Any]) -> str | None:
    return (file.stage or {}).get("id")


def _url(row: Row[Any]) -> str:
    return f"/v1/artifacts/{row.id}/content"


@cache
def source_of(name: str) -> CodeRead | None:
    """Where the function or class of this name stands. Reads the file: importing it would load torch."""
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
