"""Names and versions of the models trained here: a name that is trained again has a next version.

The version is chosen by the transaction that finishes the training. Versions of deleted models count, so that
`name@2` never becomes another model.
"""

import logging
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, func, insert, select

from backend.database import db_now
from backend.errors import Conflict
from backend.services.models import cards
from backend.tables import FINAL, Task, jobs, models
from models.core.contract import registry
from models.core.contract.messages import Text

log = logging.getLogger(__name__)

OWN = ("trained", "imported")  # sources of models that belong to the users of this server

_OF_GLASSBOX = Text(
    "core.models.name_of_glassbox", "{name} is a model that is part of Glassbox; choose another name."
)
_OF_CAPABILITY = Text(
    "core.models.name_of_capability", "{name} is a model of {capability}; choose another name."
)


class Named(NamedTuple):
    """A model that is about to be registered."""

    name: str
    version: int


def check_name(connection: Connection, name: str, capability: str) -> None:
    """Raises Conflict: a training of this capability cannot make a model of this name."""
    owner = _owner(connection, name)
    if owner == "":
        raise _refused(_OF_GLASSBOX(name=name))
    unfinished = select(jobs.c.capability).where(
        jobs.c.model_name == name, jobs.c.task == Task.TRAIN, jobs.c.status.not_in(FINAL)
    )
    taken = [owner] if owner else connection.scalars(unfinished.distinct()).all()
    for other in taken:
        if other != capability:
            card = registry.cards().get(other)
            raise _refused(_OF_CAPABILITY(name=name, capability=card.title if card else other))


def _refused(detail: str) -> Conflict:
    return Conflict(detail, errors=[{"pointer": "/model_name", "detail": detail}])


def _owner(connection: Connection, name: str) -> str | None:
    """The capability that has models of this name; empty: they are part of Glassbox; None: there is none."""
    if any(model.name == name for card in registry.cards().values() for model in card.models):
        return ""
    row = connection.execute(
        select(models.c.source, models.c.capability).where(models.c.name == name).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return row.capability if row.source in OWN else ""


def next_version(connection: Connection, name: str) -> int:
    """The number after the newest version of this name, deleted ones included."""
    newest = connection.scalar(select(func.max(models.c.version)).where(models.c.name == name))
    return (newest or 0) + 1


def named(connection: Connection, job_id: UUID, capability: str, otherwise: str) -> Named:
    """The name that the training was given, with its next version; `otherwise`: it was given none.

    A name that another capability has taken in the meantime is no reason to lose a training.
    """
    name = connection.scalar(select(jobs.c.model_name).where(jobs.c.id == job_id))
    if name and _owner(connection, name) not in (None, capability):
        log.warning("the name %s of job %s is taken, its model is named %s", name, job_id, otherwise)
        name = None
    name = name or otherwise
    return Named(name, next_version(connection, name))


def register_trained(
    connection: Connection, model: Named, *, capability: str, job_id: UUID, card: str = "", **values: Any
) -> UUID:
    """Register trained weights, within the transaction that finishes their job.

    Args:
        card: without its heading, which is the model's title.
        values: architecture, location (storage key), digest, bytes and metrics.
    """
    job = connection.execute(
        select(jobs.c.name, jobs.c.model_name, jobs.c.description, jobs.c.tags).where(jobs.c.id == job_id)
    ).one_or_none()
    earlier = _earlier(connection, model.name)
    title = _title(model.name, job, capability, earlier)
    description = job.description if job else ""
    model_id = uuid4()
    connection.execute(
        insert(models).values(
            id=model_id,
            name=model.name,
            version=model.version,
            capability=capability,
            title=title,
            summary=f"Trained by job {job_id}.",
            source="trained",
            license="yours",
            description=description,
            tags=job.tags if job else [],
            card=cards.written(title, description, card),
            job_id=job_id,
            review_from=earlier and earlier.review_from,
            review_to=earlier and earlier.review_to,
            created_at=db_now(),
            **values,
        )
    )
    return model_id


def _earlier(connection: Connection, name: str) -> Row[Any, Any, Any] | None:
    """The newest version, from which the next one has its title and which answers wait for a person."""
    of_it = models.c.name == name, models.c.deleted_at.is_(None)
    query = select(models.c.title, models.c.review_from, models.c.review_to).where(*of_it)
    return connection.execute(query.order_by(models.c.version.desc()).limit(1)).one_or_none()


def _title(name: str, job: Any, capability: str, earlier: Row[Any, Any, Any] | None) -> str:
    """That of the earlier versions; else the chosen name, or the job's, which is by default its data's."""
    if earlier and earlier.title:
        return earlier.title
    if job and job.model_name == name:
        spaced = name.replace("-", " ").replace("_", " ").strip()
        return spaced[:1].upper() + spaced[1:]
    return (job and job.name) or f"{registry.cards()[capability].title}, trained here"
