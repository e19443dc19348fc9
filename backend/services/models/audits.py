"""What audits found about a model, as sections of its card.

A section is a copy of what matters of an audit's result, so that it outlives the job. It belongs to the
version of the model that was audited, also of models that ship, whose own card is a file.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, NotFound
from backend.schemas.model_audits import (
    AuditedModel,
    GapRead,
    ModelAuditCreate,
    ModelAuditList,
    ModelAuditRead,
)
from backend.services.jobs.statuses import STATUSES
from backend.services.models import catalog
from backend.tables import Status, Task, jobs, model_audits, models
from models.core.contract.messages import Text

_NO_AUDIT = Text("core.model_audits.no_audit", "Job {job_id} is no audit of {name}.")
_NOT_ENDED = Text(
    "core.model_audits.not_ended", "Job {job_id} is {status}: only an audit that has succeeded joins a card."
)
_SHOWN_GROUPS = 20  # of a section; the page of the audit has all

_READ = select(model_audits, models.c.name.label("model_name"), models.c.version.label("model_version")).join(
    models, models.c.id == model_audits.c.model_id
)


def add(name: str, body: ModelAuditCreate, *, caller: str | None = None) -> tuple[ModelAuditRead, bool]:
    """The section of an audit, and whether it is new: an audit has one at most.

    Raises:
        NotFound: no such model or job.
        Conflict: the job is no audit of this model, or has not succeeded.
    """
    try:
        with transaction() as connection:
            return _add(connection, name, body, caller)
    except IntegrityError:  # a simultaneous request has just added it
        with transaction() as connection:
            return _add(connection, name, body, caller)


def _add(
    connection: Connection, name: str, body: ModelAuditCreate, caller: str | None
) -> tuple[ModelAuditRead, bool]:
    catalog.of_version(connection, name, None)
    job = connection.execute(select(jobs).where(jobs.c.id == body.job_id)).one_or_none()
    if job is None:
        raise NotFound(f"Job {body.job_id} does not exist.")
    model = catalog.find(connection, job.model_id)
    if job.task != Task.AUDIT or model is None or model.name != name:
        raise Conflict(_NO_AUDIT(job_id=str(job.id), name=name))
    if job.status != Status.SUCCEEDED:
        raise Conflict(_NOT_ENDED(job_id=str(job.id), status=STATUSES[job.status]()))
    existing = connection.execute(_READ.where(model_audits.c.job_id == job.id)).one_or_none()
    if existing is not None:
        return _show(existing), False
    values = {
        "id": uuid4(),
        "model_id": model.id,
        "job_id": job.id,
        "summary": _summary(job, body.intended_use),
        "author": body.author or caller or "",
        "created_at": db_now(),
    }
    connection.execute(insert(model_audits).values(values))
    return _show(connection.execute(_READ.where(model_audits.c.id == values["id"])).one()), True


def _summary(job: Row[Any], intended_use: str) -> dict[str, Any]:
    """What the section states, without the examples: those are personal data, and stay with the job."""
    result = job.result
    copied = ("audited", "target", "positive", "threshold", "least", "part", "group", "finding", "distinct")
    return {
        **{name: result.get(name) for name in copied},
        "data": job.name,
        "dataset_version": job.dataset_version,
        "audited_at": job.finished_at,
        "intended_use": intended_use,
        "examples": result["examples"],
        "groups": result["groups"],
        "gaps": result["gaps"],
        "fairness": result["fairness"],
        "overall": result["overall"],
        "others": [each["group"] for each in result["others"]],
    }


def of_model(name: str) -> ModelAuditList:
    """The sections of all versions, newest first. Raises NotFound."""
    with reading() as connection:
        catalog.of_version(connection, name, None)
        query = _READ.where(models.c.name == name, models.c.deleted_at.is_(None))
        rows = connection.execute(query.order_by(model_audits.c.created_at.desc())).all()
    return ModelAuditList(items=[_show(row) for row in rows])


def remove(name: str, audit_id: UUID) -> None:
    """Take a section out of the card; the job stays. Raises NotFound."""
    with transaction() as connection:
        row = connection.execute(_READ.where(model_audits.c.id == audit_id)).one_or_none()
        if row is None or row.model_name != name:
            raise NotFound(f"The card of {name!r} has no audit {audit_id}.")
        connection.execute(delete(model_audits).where(model_audits.c.id == audit_id))


def _show(row: Row[Any]) -> ModelAuditRead:
    summary = row.summary
    return ModelAuditRead(
        id=row.id,
        job_id=row.job_id,
        author=row.author,
        created_at=row.created_at,
        model=AuditedModel(name=row.model_name, version=row.model_version),
        intended_use=summary["intended_use"],
        finding=summary["finding"],
        group=summary["group"],
        gaps=[GapRead(**gap, text=_gap(gap)) for gap in summary["gaps"]],
        section=section(summary, row.author),
    )


def card(name: str, version: int | None = None, *, with_audits: bool = True) -> str:
    """The model card of this version, by default the newest, as Markdown. Raises NotFound."""
    with reading() as connection:
        row = catalog.of_version(connection, name, version)
        text = connection.scalar(select(models.c.card).where(models.c.id == row.id)) or ""
        return with_sections(connection, row.id, text) if with_audits else text


def with_sections(connection: Connection, model_id: UUID, card: str) -> str:
    """A model's card with what audits found, the oldest first."""
    query = select(model_audits).where(model_audits.c.model_id == model_id)
    rows = connection.execute(query.order_by(model_audits.c.created_at)).all()
    if not rows:
        return card
    return "\n\n".join([card.rstrip(), *(section(row.summary, row.author) for row in rows)]) + "\n"


def section(summary: Mapping[str, Any], author: str) -> str:
    """Markdown. Names of users are code, in which nothing has a meaning."""
    at = datetime.fromtimestamp(summary["audited_at"], UTC).date().isoformat()
    examples = summary["examples"]
    number = f"{examples['used']:,} {'objects and boxes' if 'objects' in examples else 'examples'}"
    version = f", version {summary['dataset_version']}" if summary["dataset_version"] else ""
    by = f" by {_code(author)}" if author else ""
    parts = [
        f"## Audit of {at}",
        f"Made{by}. Measured by {_code(summary['group'])} on {number} of {_code(summary['data'])}{version} "
        f"(part: {summary['part']}).",
        *([f"Intended use: {_plain(summary['intended_use'])}"] if summary["intended_use"] else []),
        str(summary["finding"]),
        _table(
            ["Group", "Examples"],
            [[_code(each["group"]), f"{each['examples']:,}"] for each in summary["groups"][:_SHOWN_GROUPS]],
        ),
        _table(
            ["Measure", "Lowest", "Highest", "Gap", "95 % interval"],
            [
                [
                    _name(gap["measure"]),
                    _code(gap["lowest"]),
                    _code(gap["highest"]),
                    f"{gap['difference']:.3g}{' *' if gap['is_distinct'] else ''}",
                    f"{gap['low']:.3g} to {gap['high']:.3g}",
                ]
                for gap in summary["gaps"]
            ],
        ),
        f"Groups with fewer than {summary['least']} examples for a measure are not compared. "
        "*: the interval leaves out 0.",
    ]
    return "\n\n".join(part for part in parts if part)


def _gap(gap: Mapping[str, Any]) -> str:
    return (
        f"{_name(gap['measure'])}: {gap['difference']:.3g} between {gap['lowest']} and {gap['highest']} "
        f"(95 %: {gap['low']:.3g} to {gap['high']:.3g})"
    )


def _name(measure: str) -> str:
    """Recall:setosa -> "recall of setosa"."""
    what, _, of = measure.partition(":")
    return what.replace("_", " ") + (f" of {_code(of)}" if of else "")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(text: str) -> str:
    return f"`{_plain(text).replace('`', chr(39))}`"


def _plain(text: str) -> str:
    """On one line, and without what ends a cell or begins a tag."""
    return " ".join(str(text).split()).replace("|", "¦").replace("<", "(").replace(">", ")")
