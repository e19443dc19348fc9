"""Reviews as the API shows them, and how certain the last answers of a model were."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, func, not_, select, tuple_

from backend.database import reading
from backend.errors import NotFound
from backend.schemas.base import LIMIT
from backend.schemas.jobs import JobModel, JobReview
from backend.schemas.reviews import Confidences, ReviewList, ReviewRead
from backend.services import pages
from backend.services.jobs.queries import REQUESTED
from backend.services.models import catalog
from backend.services.reviews.waiting import confidence_of
from backend.tables import ReviewStatus, Status, Task, jobs, models, reviews

Order = Literal["oldest", "newest"]

_ORDER = reviews.c.created_at, reviews.c.id
_REVIEW: Select[Any] = (
    select(
        reviews,
        jobs.c.name.label("job_name"),
        jobs.c.capability,
        models.c.name.label("model_name"),
        models.c.version.label("model_version"),
        models.c.digest.label("model_digest"),
    )
    .join(jobs, jobs.c.id == reviews.c.job_id)
    .join(models, models.c.id == reviews.c.model_id)
)
_WAITING = (
    select(func.count())
    .select_from(reviews)
    .join(jobs, jobs.c.id == reviews.c.job_id)
    .join(models, models.c.id == reviews.c.model_id)
    .where(reviews.c.status == ReviewStatus.WAITING)
)


@dataclass(frozen=True)
class Filter:
    """Which reviews a list has. `model` is name or name@version; `is_decided` False: only those that wait."""

    status: ReviewStatus | None = None
    is_decided: bool | None = None
    capability: str | None = None
    model: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Those besides the status. Raises Invalid: the model's version is no number."""
        name, version = catalog.parse(self.model) if self.model else (None, None)
        equal = {jobs.c.capability: self.capability, models.c.name: name, models.c.version: version}
        return [column == value for column, value in equal.items() if value is not None]


def page(
    chosen: Filter | None = None, *, order: Order = "oldest", limit: int = LIMIT, cursor: str | None = None
) -> ReviewList:
    """Reviews by the time of their answers; `next_cursor` continues there, whatever is decided meanwhile.

    Raises Invalid: the cursor is not one of this order, or the model's version is no number.
    """
    chosen = chosen or Filter()
    conditions = chosen.conditions()
    query = _REVIEW.where(*conditions)
    if chosen.status is not None:
        query = query.where(reviews.c.status == chosen.status)
    if chosen.is_decided is not None:
        waits = reviews.c.status == ReviewStatus.WAITING
        query = query.where(not_(waits) if chosen.is_decided else waits)
    if cursor:
        query = query.where(_after(order, cursor))
    query = query.order_by(*(column.desc() if order == "newest" else column.asc() for column in _ORDER))
    with reading() as connection:
        rows = connection.execute(query.limit(limit + 1)).all()
        waiting = connection.scalar(_WAITING.where(*conditions)) or 0
    last = rows[limit - 1] if len(rows) > limit else None
    following = None if last is None else pages.encode(_listed(order), [last.created_at, str(last.id)])
    items = [show(row) for row in rows[:limit]]
    return ReviewList(items=items, next_cursor=following, limit=limit, waiting=waiting)


def _listed(order: Order) -> str:
    return f"reviews-{order}"


def _after(order: Order, cursor: str) -> ColumnElement[bool]:
    if order == "newest":
        return pages.after(_listed(order), cursor, *_ORDER)
    created_at, which = pages.decode(_listed(order), cursor, (float, str))
    try:
        return tuple_(*_ORDER) > tuple_(created_at, UUID(which))
    except ValueError as error:
        raise pages.unknown() from error


def read(review_id: UUID) -> ReviewRead:
    """Raises NotFound."""
    with reading() as connection:
        return show(find(connection, review_id))


def find(connection: Connection, review_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    row = connection.execute(_REVIEW.where(reviews.c.id == review_id)).one_or_none()
    if row is None:
        raise NotFound(f"Review {review_id} does not exist.")
    return row


def show(row: Row[Any]) -> ReviewRead:
    found = row._mapping
    model = JobModel(id=row.model_id, name=row.model_name, version=row.model_version, digest=row.model_digest)
    values = {name: found[name] for name in (*JobReview.model_fields, "job_id", "job_name", "capability")}
    return ReviewRead(**values, model=model)


def confidences(name: str, version: int | None, limit: int) -> Confidences:
    """Of the last answers of a model, those that wait or were decided included. Raises NotFound."""
    with reading() as connection:
        model = catalog.of_version(connection, name, version)
        ended = jobs.c.task == Task.PREDICT, jobs.c.status == Status.SUCCEEDED, REQUESTED
        of_it = select(jobs.c.result).where(jobs.c.model_id == model.id, *ended)
        results = connection.scalars(of_it.order_by(jobs.c.created_at.desc()).limit(limit)).all()
    found = [confidence_of(model.capability, result) for result in results if result is not None]
    items = [confidence for confidence in found if confidence is not None]
    return Confidences(items=items, without=len(results) - len(items))
