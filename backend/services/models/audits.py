"""What audits found about a model, as sections of its card.

A section is a copy of what matters of an audit's result, so that it outlives the job. It belongs to the
version of the model that was audited, also of models that ship, whose own card is a file.
"""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, NotFound
from backend.schemas.base import MessagePart
from backend.schemas.model_audits import (
    AuditedModel,
    GapRead,
    ModelAuditCreate,
    ModelAuditList,
    ModelAuditRead,
)
from backend.services.jobs.statuses import STATUSES
from backend.services.models import catalog
from backend.services.models.audit_sections import gap_sentence, section
from backend.tables import Status, Task, jobs, model_audits, models
from models.core.contract.messages import Text, parts_of

_NO_AUDIT = Text("core.model_audits.no_audit", "Job {job_id} is no audit of {name}.")
_NOT_ENDED = Text(
    "core.model_audits.not_ended", "Job {job_id} is {status}: only an audit that has succeeded joins a card."
)
_READ = (
    select(
        model_audits,
        models.c.name.label("model_name"),
        models.c.version.label("model_version"),
        jobs.c.id.label("kept_job_id"),  # null: the job was deleted
    )
    .join(models, models.c.id == model_audits.c.model_id)
    .outerjoin(jobs, jobs.c.id == model_audits.c.job_id)
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
    messages = result.get("messages", {})
    copied = ("audited", "target", "positive", "threshold", "least", "part", "group", "finding", "distinct")
    return {
        **{name: result.get(name) for name in copied},
        "finding_message": messages.get("/finding", []),
        "messages": {at: parts for at, parts in messages.items() if at.startswith(("/group", "/gaps/"))},
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
    written = section(summary, row.author)
    return ModelAuditRead(
        id=row.id,
        job_id=row.kept_job_id,
        author=row.author,
        created_at=row.created_at,
        model=AuditedModel(name=row.model_name, version=row.model_version),
        intended_use=summary["intended_use"],
        finding=summary["finding"],
        group=summary["group"],
        gaps=[GapRead(**gap, text=gap_sentence(gap)) for gap in summary["gaps"]],
        section=written,
        section_message=[MessagePart(**part) for part in parts_of(written)],
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
