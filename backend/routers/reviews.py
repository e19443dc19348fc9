"""Uncertain answers that wait for a person, and the decisions about them."""

from functools import partial
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.errors import Conflict, ContentTooLarge, NotFound, UnsupportedMedia
from backend.http.authentication import caller
from backend.http.json_body import read_json
from backend.http.openapi import json_body, problems
from backend.http.query import Cursor, Limit
from backend.http.responses import reply
from backend.http.route import Route
from backend.schemas.base import LIMIT
from backend.schemas.reviews import Confidences, ReviewDecision, ReviewList, ReviewRead
from backend.services.reviews import decisions, records
from backend.services.reviews.records import Order
from backend.tables import ReviewStatus

router = APIRouter(prefix="/v1", tags=["reviews"], route_class=Route)

_BYTES = 4_000_000  # of a decision: objects with areas have many corners


@router.get("/reviews", response_model=ReviewList, responses=problems())
async def list_reviews(
    status: ReviewStatus | None = None,
    decided: Annotated[
        bool | None, Query(description="true: those that a person has decided about; false: the others.")
    ] = None,
    capability: Annotated[str | None, Query(max_length=64)] = None,
    model: Annotated[str | None, Query(max_length=160, description="name or name@version.")] = None,
    order: Annotated[
        Order | None, Query(description="By the time of the answers; by default `oldest` first.")
    ] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Response:
    """Answers that wait for a person, and those that one has decided about."""
    chosen = records.Filter(status, decided, capability, model)
    read = partial(records.page, chosen, order=order or "oldest", limit=limit or LIMIT, cursor=cursor)
    return reply(await run_sync(read))


@router.get("/reviews/{review_id}", response_model=ReviewRead, responses=problems(NotFound))
async def get_review(review_id: UUID) -> Response:
    """One review; its answer is that of the job."""
    return reply(await run_sync(records.read, review_id))


@router.post(
    "/reviews/{review_id}/decision",
    response_model=ReviewRead,
    responses=problems(NotFound, Conflict, ContentTooLarge, UnsupportedMedia),
    openapi_extra=json_body("ReviewDecision"),
)
async def decide_review(request: Request, review_id: UUID) -> Response:
    """Confirm, correct or reject an answer, once: 409 with `current` if another person has decided."""
    body = await read_json(request, ReviewDecision, limit=_BYTES)
    decide = partial(decisions.decide, review_id, body, caller=caller(request))
    return reply(await run_sync(decide))


@router.get("/models/{name}/confidences", response_model=Confidences, responses=problems(NotFound))
async def get_confidences(
    name: str,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="By default the newest.")] = None,
    limit: Limit = None,
) -> Response:
    """How certain the last answers of a model were: what to choose the band of reviews by."""
    return reply(await run_sync(records.confidences, name, version, limit or LIMIT))
