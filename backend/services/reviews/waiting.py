"""Which answers wait for a person: those whose confidence is within the band that their model has.

A row is written in the transaction that ends the prediction: no such answer is seen without its review.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, insert, select

from backend.database import db_now
from backend.tables import ReviewStatus, jobs, models, reviews
from models.core.contract import registry

log = logging.getLogger(__name__)

# Built once: every batch runs the first one, and building a statement costs more than running it.
_BANDS = select(models.c.id, models.c.review_from, models.c.review_to).where(
    models.c.id.in_(bindparam("model_ids", expanding=True)), models.c.review_from.is_not(None)
)
_REQUESTED = select(jobs.c.id).where(
    jobs.c.id.in_(bindparam("job_ids", expanding=True)), jobs.c.parent_id.is_(None)
)
_NEW = insert(reviews).values(status=ReviewStatus.WAITING, created_at=db_now())


@dataclass(frozen=True)
class Answer:
    """A prediction that succeeds."""

    job_id: UUID
    model_id: UUID
    capability: str
    result: Mapping[str, Any]


def has_confidence(capability: str) -> bool:
    """Whether the answers of a capability have one."""
    card = registry.cards().get(capability)
    return card is not None and card.confidence is not None


def confidence_of(capability: str, result: Mapping[str, Any]) -> float | None:
    """How certain an answer is, 0 to 1; None: it has no confidence, such as a picture without objects."""
    card = registry.cards().get(capability)
    if card is None or card.confidence is None:
        return None
    try:
        return card.confidence(result)
    except (LookupError, TypeError, ValueError):
        # an answer is never lost because of it
        log.exception("the confidence of an answer of %s cannot be read", capability)
        return None


def enqueue(connection: Connection, answers: Sequence[Answer]) -> None:
    """Let the uncertain ones of these answers wait; one statement where no model has a band.

    The fits of a sweep never wait.
    """
    model_ids = {answer.model_id for answer in answers if has_confidence(answer.capability)}
    if not model_ids:
        return
    rows = connection.execute(_BANDS, {"model_ids": list(model_ids)})
    bands = {row.id: (row.review_from, row.review_to) for row in rows}
    found: dict[UUID, dict[str, Any]] = {}
    for answer in answers:
        if answer.model_id in bands:
            confidence = confidence_of(answer.capability, answer.result)
            if confidence is not None and is_within(confidence, bands[answer.model_id]):
                values = {"id": uuid4(), "job_id": answer.job_id, "model_id": answer.model_id}
                found[answer.job_id] = {**values, "confidence": confidence}
    if found:
        requested = connection.scalars(_REQUESTED, {"job_ids": list(found)}).all()
        if requested:
            connection.execute(_NEW, [found[job_id] for job_id in requested])


def is_within(confidence: float, band: tuple[float, float]) -> bool:
    """Whether it is in the band, ends included."""
    low, high = band
    return low <= confidence <= high
