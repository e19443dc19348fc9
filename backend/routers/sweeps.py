"""Sweeps: one training or prediction with many params, as one job with its fits."""

from functools import partial
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.errors import NotFound
from backend.http.authentication import caller
from backend.http.json_body import read_json
from backend.http.openapi import CREATES, LOCATION, RETRY_AFTER, json_body, problems
from backend.http.responses import reply
from backend.http.route import Route
from backend.routers.jobs import pending
from backend.schemas.jobs import JobRead
from backend.schemas.sweeps import SweepCreate, SweepRead
from backend.services.sweeps import examples, results, submission

router = APIRouter(prefix="/v1", tags=["sweeps"], route_class=Route)
Figure = Annotated[str | None, Query(max_length=64, description="Another metric to compare by.")]


@router.post(
    "/sweeps",
    status_code=202,
    response_model=JobRead,
    responses={202: {"description": "Queued.", "headers": LOCATION | RETRY_AFTER}, **problems(*CREATES)},
    openapi_extra=json_body("SweepCreate"),
)
async def create_sweep(request: Request) -> Response:
    """Queue a sweep: every combination of the axes' values, once with each seed. At most 500 fits."""
    body = await read_json(request, SweepCreate)
    by = {"request_id": request.scope["glassbox.request_id"], "requested_by": caller(request)}
    return pending(await run_sync(partial(submission.create, body, **by)))


@router.get("/sweeps/{job_id}", response_model=SweepRead, responses=problems(NotFound))
async def get_sweep(job_id: UUID, figure: Figure = None) -> Response:
    """A sweep so far: its cells, the best of them, and the spread over the seeds."""
    return reply(await run_sync(results.read, job_id, figure))


@router.get("/capabilities/{name}/sweeps/{sweep}", response_model=SweepRead, responses=problems(NotFound))
async def get_sample_sweep(name: str, sweep: str, figure: Figure = None) -> Response:
    """A finished sweep that ships with Glassbox."""
    return reply(await run_sync(examples.read, name, sweep, figure))
