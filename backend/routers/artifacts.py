"""Files of jobs, and the stages of answers."""

from functools import partial
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.errors import Conflict, Invalid, NotFound, TooManyJobs, Unavailable
from backend.http.openapi import (
    ETAG,
    FILE,
    FILE_REQUEST,
    FILE_WHOLE,
    IF_NONE_MATCH,
    NOT_MODIFIED,
    PENDING_HEADERS,
    PREFER,
    PREFERENCE_APPLIED,
    problems,
)
from backend.http.preferences import Preferences, preferences
from backend.http.responses import file_headers, matches, reply_file, reply_with_etag
from backend.http.route import Route
from backend.messaging import tickets
from backend.messaging.waiters import Hub
from backend.routers.computed import computed
from backend.routers.jobs import is_final, pending
from backend.routers.predict import failure
from backend.routers.require_worker import check_workers
from backend.schemas.inspections import InspectionRead
from backend.schemas.jobs import JobRead
from backend.services import artifacts, exports
from backend.services.jobs import inspection
from backend.settings import settings
from backend.tables import Status

router = APIRouter(prefix="/v1", tags=["answers"], route_class=Route)


@router.get(
    "/artifacts/{artifact_id}/content", response_class=Response, responses=FILE, openapi_extra=FILE_REQUEST
)
async def get_artifact_content(request: Request, artifact_id: UUID) -> Response:
    """One file of an answer."""
    row = await run_sync(artifacts.read_row, artifact_id)
    return await reply_file(
        request,
        key=row.key,
        name=row.name,
        media_type=row.media_type,
        total=row.bytes,
        etag=f'"{row.id.hex}"',
    )


@router.get(
    "/jobs/{job_id}/inspection",
    response_model=InspectionRead,
    responses={
        200: {"description": "The stages.", "headers": ETAG | PREFERENCE_APPLIED},
        202: {"description": "Being computed; see `Location`.", "model": JobRead, "headers": PENDING_HEADERS},
        **NOT_MODIFIED,
        **problems(NotFound, Conflict, TooManyJobs, Unavailable),
    },
    openapi_extra={"parameters": [PREFER, *IF_NONE_MATCH["parameters"]]},
)
async def get_inspection(request: Request, job_id: UUID) -> Response:
    """The ordered stages of an answer, each with its text, data, pictures and code.

    Stages that were not stored with the answer are computed when they are first requested, by a job of task
    `inspect`, and then stored. The request waits up to 30 s (`Prefer: wait=N`, or `respond-async`), then
    returns 202 with that job.
    """
    found = await run_sync(inspection.read, job_id)
    headers: dict[str, str] = {}
    if found is None:
        wish = preferences(request)
        job = await _compute(request, job_id, wish)
        headers = wish.applied(was_queued=not is_final(job))
        if not is_final(job):
            return pending(job, headers)
        if job.status != Status.SUCCEEDED:
            raise await run_sync(failure, job)
        found = await run_sync(inspection.read, job_id) or InspectionRead(job_id=job_id, stages=[])
    return reply_with_etag(request, found, headers)


@router.get(
    "/jobs/{job_id}/exports/{name}",
    response_class=Response,
    responses={**FILE_WHOLE, **problems(NotFound, Conflict, Invalid, Unavailable)},
)
async def get_export(request: Request, job_id: UUID, name: str) -> Response:
    """A finished answer in another format, such as COCO; the formats are the capability's `exports`.

    One that needs the inputs too, such as crops, is written by a worker on the first request; after 30 s the
    response is 503 with Retry-After.
    """
    requested = await run_sync(exports.find, job_id, name)
    etag = f'"{job_id.hex}-{name}"'
    headers = file_headers(requested.export.media_type, requested.file_name, etag)
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    data = await computed(
        request.app.state.hub,
        job_id,
        partial(exports.read, requested),
        partial(tickets.request_export, job_id, name),
        "The file is still being written.",
    )
    return Response(data, 200, headers, requested.export.media_type)


async def _compute(request: Request, job_id: UUID, wish: Preferences) -> JobRead:
    """The job that computes the stages, once it has finished or the wait is over."""
    hub: Hub[JobRead] = request.app.state.hub
    if not wish.respond_async:
        await check_workers(hub, otherwise=partial(inspection.check, job_id))
    queue = partial(inspection.compute, job_id, request_id=request.scope["glassbox.request_id"])
    job = await run_sync(queue)
    if wish.respond_async or is_final(job):
        return job
    seconds = settings().wait_seconds if wish.wait_seconds is None else wish.wait_seconds
    ended = await hub.until(job.id, is_final, seconds)
    if ended is None:
        raise NotFound(f"Job {job_id} has been deleted meanwhile.")
    return ended
