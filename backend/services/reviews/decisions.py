"""A person's decision about an uncertain answer: made once, and kept beside the answer, which stays."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, transaction
from backend.errors import Conflict, Invalid
from backend.messaging import events
from backend.schemas.datasets import PictureAdd
from backend.schemas.reviews import Correction, ReviewDecision, ReviewRead
from backend.services.datasets import pictures, rows
from backend.services.datasets.annotations import checked, kind_of
from backend.services.log.record import record
from backend.services.reviews import records
from backend.settings import settings
from backend.tables import ReviewStatus, job_inputs, jobs, reviews, uploads
from models.core.contract.card import MediaKind
from models.core.contract.dataset import Annotation, DatasetKind
from models.core.contract.messages import Text

_DECIDED = Text("core.reviews.decided", "{reviewer} has already decided: {status}.")
_NOBODY = Text("core.reviews.nobody", "needs the name of the reviewer")
_OTHER_FORM = Text("core.reviews.other_form", "A correction of this answer gives its {expected}.")
_NO_FORM = Text("core.reviews.no_form", "An answer of this kind cannot be corrected; confirm or reject it.")
_ROWS = Text(
    "core.reviews.rows", "The answer has {expected:,} {expected:row|rows}, the correction {found:,}."
)
_NO_PICTURE = Text("core.reviews.no_picture", "The answer is about no picture that could join a dataset.")
_PICTURE_GONE = Text(
    "core.reviews.picture_gone", "The picture was deleted, so the answer cannot be corrected any more."
)
_OTHER_KIND = Text(
    "core.reviews.other_kind", "The dataset {name!r} keeps {kind}; this correction needs one of {kinds}."
)


def decide(review_id: UUID, body: ReviewDecision, *, caller: str | None = None) -> ReviewRead:
    """Write the decision, unless another person was faster.

    Args:
        caller: name of the API key; the reviewer if the body names none.

    Raises:
        NotFound: no such review or dataset.
        Conflict: it was decided already; `current` is that decision. Or the picture was deleted.
        Invalid: nobody is named; or the correction does not fit the answer, or its dataset.
    """
    reviewer = body.reviewer or caller
    if reviewer is None:
        raise Invalid(_NOBODY(), errors=[{"pointer": "/reviewer", "detail": _NOBODY()}])
    try:
        with transaction() as connection:
            decided = _decide(connection, review_id, body, reviewer)
            _record(connection, decided, caller)
    except IntegrityError as error:
        raise Conflict(_PICTURE_GONE()) from error
    events.wake([decided.job_id])
    return decided


def _decide(connection: Connection, review_id: UUID, body: ReviewDecision, reviewer: str) -> ReviewRead:
    row = records.find(connection, review_id)
    # first, so that of two reviewers one waits for the other here
    written = connection.execute(
        update(reviews)
        .where(reviews.c.id == review_id, reviews.c.status == ReviewStatus.WAITING)
        .values(
            status=body.decision,
            reviewer=reviewer,
            reason=body.reason,
            decided_at=db_now(),
            notify_at=db_now() if settings().review_webhook else None,
        )
    )
    if not written.rowcount:
        current = records.show(records.find(connection, review_id))
        detail = _DECIDED(reviewer=current.reviewer or "?", status=current.status)
        raise Conflict(detail, current=current.model_dump(mode="json"))
    if body.correction is not None:
        _correct(connection, row, body.correction, body.dataset_id)
    return records.show(records.find(connection, review_id))


def _record(connection: Connection, decided: ReviewRead, caller: str | None) -> None:
    content = {
        "job_id": str(decided.job_id),
        "review_id": str(decided.id),
        "capability": decided.capability,
        "status": decided.status,
        "model": decided.model.model_dump(include={"name", "version", "digest"}),
    }
    details = {"reviewer": decided.reviewer, "reason": decided.reason}
    given = {field: value for field, value in details.items() if value}
    record(connection, "review", content, by=caller, details=given)


def _correct(connection: Connection, row: Row[Any], given: Correction, dataset_id: UUID | None) -> None:
    result = connection.scalar(select(jobs.c.result).where(jobs.c.id == row.job_id)) or {}
    form = _form_of(result)
    if getattr(given, form) is None:
        raise _wrong(_OTHER_FORM(expected=form))
    if given.predictions is not None:
        _check_rows(given.predictions, result)
        if dataset_id is not None:
            raise _wrong(_NO_PICTURE(), "/dataset_id")
        values: dict[str, Any] = {"correction": {"predictions": given.predictions}}
    else:
        values = _of_picture(connection, row, given, dataset_id)
    connection.execute(update(reviews).where(reviews.c.id == row.id).values(values))


def _form_of(result: Mapping[str, Any]) -> str:
    """The field of a correction that stands for what the answer has. Raises Invalid: none does."""
    if result.get("objects") is not None or result.get("instances") is not None:
        return "objects"
    if result.get("predictions") is not None:
        return "predictions"
    if any("score" in each for each in result.get("classes") or () if isinstance(each, Mapping)):
        return "label"
    raise _wrong(_NO_FORM())


def _check_rows(predictions: list[Any], result: Mapping[str, Any]) -> None:
    expected = len(result["predictions"])
    if len(predictions) != expected:
        raise _wrong(_ROWS(expected=expected, found=len(predictions)), "/correction/predictions")


def _of_picture(
    connection: Connection, row: Row[Any], given: Correction, dataset_id: UUID | None
) -> dict[str, Any]:
    """The columns of a correction of a picture, which has joined the dataset."""
    of_job = job_inputs.c.job_id == row.job_id, uploads.c.kind == MediaKind.IMAGE
    picture = connection.execute(
        select(uploads).join(job_inputs, job_inputs.c.upload_id == uploads.c.id).where(*of_job).limit(1)
    ).one_or_none()
    if picture is None:
        raise Conflict(_PICTURE_GONE())
    annotation = Annotation(label=given.label, objects=given.objects or [])
    needed = DatasetKind.CLASSES if given.label is not None else kind_of(annotation)
    annotation = checked(annotation, needed, (picture.width, picture.height), "/correction")
    stored = annotation.model_dump(mode="json", exclude_defaults=True)
    values: dict[str, Any] = {"correction": stored if given.label is not None else {"objects": [], **stored}}
    if dataset_id is not None:
        _check_kind(connection, dataset_id, needed)
        added = PictureAdd(upload_id=picture.id, name=None, annotation=annotation)
        values |= {"dataset_id": dataset_id, "picture_id": pictures.label(connection, dataset_id, added)}
    return values


# what a dataset of each kind of labels may be; one without labels gets its kind by the first
_FITTING = {
    DatasetKind.CLASSES: (DatasetKind.CLASSES, DatasetKind.PICTURES),
    DatasetKind.BOXES: (DatasetKind.BOXES, DatasetKind.PICTURES),
    DatasetKind.MASKS: (DatasetKind.MASKS, DatasetKind.BOXES, DatasetKind.PICTURES),
    DatasetKind.PICTURES: (DatasetKind.BOXES, DatasetKind.MASKS),  # no objects
}


def _check_kind(connection: Connection, dataset_id: UUID, needed: DatasetKind) -> None:
    """Raises NotFound, or Invalid: the dataset keeps labels of another kind."""
    dataset = rows.find_complete(connection, dataset_id)
    fitting = _FITTING[needed]
    if dataset.kind not in fitting:
        problem = _OTHER_KIND(name=dataset.name, kind=dataset.kind, kinds=", ".join(fitting))
        raise _wrong(problem, "/dataset_id")


def _wrong(problem: str, pointer: str = "/correction") -> Invalid:
    return Invalid(problem, errors=[{"pointer": pointer, "detail": problem}])
