"""Jobs: create, list, read, cancel, repeat, delete."""

from collections.abc import Mapping
from functools import partial
from math import ceil
from typing import Annotated, Any
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.errors import (
    Conflict,
    ContentTooLarge,
    Invalid,
    NotFound,
    TooManyJobs,
    Unavailable,
    UnsupportedMedia,
)
from backend.http.authentication import caller
from backend.http.json_body import read_json
from backend.http.openapi import (
    CREATES,
    ETAG,
    IDEMPOTENCY_KEY,
    IF_NONE_MATCH,
    LOCATION,
    NOT_MODIFIED,
    PENDING_HEADERS,
    PREFER,
    PREFERENCE_APPLIED,
    RETRY_AFTER,
    json_body,
    problems,
)
from backend.http.preferences import idempotency_key, preferences
from backend.http.query import CreatedAfter, CreatedBefore, Cursor, Limit, Search, TagFilter
from backend.http.responses import reply, reply_with_etag
from backend.http.route import Route
from backend.http.upload_stream import UploadStream
from backend.messaging.waiters import Hub
from backend.schemas.base import LIMIT
from backend.schemas.jobs import Cell, JobCreate, JobList, JobRead, JobUpdate
from backend.services import capabilities
from backend.services.jobs import commands, queries, rows
from backend.services.jobs.validation import ONLY, check_request
from backend.services.pages import Period
from backend.tables import FINAL, Status, Task

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=Route)


_MAX_SECONDS = 60  # between two looks at a job


def is_final(job: JobRead) -> bool:
    return job.status in FINAL


def pending(job: JobRead, headers: Mapping[str, str] | None = None) -> Response:
    """202: where the job is, and when it is worth asking for."""
    eta = job.queue.eta_seconds if job.queue else None
    seconds = min(max(1, ceil(eta or 0)), _MAX_SECONDS)
    return reply(job, 202, {"Location": f"/v1/jobs/{job.id}", "Retry-After": str(seconds), **(headers or {})})


@router.post(
    "",
    status_code=202,
    response_model=JobRead,
    responses={
        200: {
            "description": "It has finished, and `Prefer: wait=N` or `reuse` was sent.",
            "model": JobRead,
            "headers": LOCATION | PREFERENCE_APPLIED,
        },
        202: {"description": "Queued.", "headers": PENDING_HEADERS},
        **problems(*CREATES),
    },
    openapi_extra={**json_body("JobCreate"), "parameters": [PREFER, IDEMPOTENCY_KEY]},
)
async def create_job(request: Request) -> Response:
    """Queue a job. `Prefer: wait=N` waits for its end, `Idempotency-Key` makes a retry safe."""
    body = await read_json(request, JobCreate)
    key = idempotency_key(request)

    given: dict[str, UploadStream | UUID] = {
        **body.inputs,
        **({ONLY: body.upload_id} if body.upload_id else {}),
    }
    params = body.params
    if body.row is not None:
        given, params = await _with_row(body, body.row)
    checked = check_request(
        body.capability,
        body.task,
        params,
        given,
        model=body.model,
        inspect=body.inspect,
        reuse=body.reuse and key is None,
        dataset_id=body.dataset_id,
        dataset_version=body.dataset_version,
        idempotency_key=key,
        request_id=request.scope["glassbox.request_id"],
        requested_by=caller(request),
        name=body.name,
        description=body.description,
        tags=tuple(body.tags),
        model_name=body.model_name,
    )
    job: JobRead = await request.app.state.submit(checked)
    wish = preferences(request)
    if checked.reuse and is_final(job):
        return reply(job, 200, {"Location": f"/v1/jobs/{job.id}"})
    if wish.respond_async or wish.wait_seconds is None:
        return pending(job, wish.applied(was_queued=True))
    hub: Hub[JobRead] = request.app.state.hub
    ended = await hub.until(job.id, is_final, wish.wait_seconds) or job
    if not is_final(ended):
        return pending(ended, wish.applied())
    return reply(ended, 200, {"Location": f"/v1/jobs/{job.id}", **wish.applied()})


async def _with_row(body: JobCreate, row: Mapping[str, Cell]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs and params of a prediction for one row. Raises Invalid."""
    if body.inputs or body.upload_id or body.task != Task.PREDICT:
        detail = "row stands for the input of a prediction; send it without upload_id and inputs."
        raise Invalid(detail, errors=[{"pointer": "/row", "detail": detail}])
    card = capabilities.card(body.capability)
    rows.check_rows(card)
    await run_sync(rows.check_model, card, body.model)
    return {ONLY: rows.table_of(row)}, rows.read_as_written(body.params)


@router.get("", response_model=JobList, responses=problems())
async def list_jobs(
    capability: Annotated[str | None, Query(max_length=64)] = None,
    task: Task | None = None,
    status: Status | None = None,
    model: Annotated[str | None, Query(max_length=160, description="name or name@version.")] = None,
    name: Search = None,
    tag: TagFilter = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    samples: Annotated[
        bool | None, Query(description="true: also the answers of samples shipped with Glassbox.")
    ] = None,
    parent: Annotated[UUID | None, Query(description="A sweep, for its fits.")] = None,
    dataset: Annotated[UUID | None, Query(description="A dataset that the jobs use.")] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Response:
    """Jobs, newest first; every given filter must match."""
    chosen = queries.Filter(
        capability=capability,
        task=task,
        status=status,
        model=model,
        name=name,
        tag=tag,
        period=Period(created_after, created_before),
        samples=bool(samples),
        parent=parent,
        dataset=dataset,
    )
    return reply(await run_sync(partial(queries.page, chosen, limit=limit or LIMIT, cursor=cursor)))


@router.get(
    "/{job_id}",
    response_model=JobRead,
    responses={200: {"description": "The job.", "headers": ETAG}, **NOT_MODIFIED, **problems(NotFound)},
    openapi_extra=IF_NONE_MATCH,
)
async def get_job(request: Request, job_id: UUID) -> Response:
    """One job. A finished one has an ETag."""
    job = await run_sync(commands.read, job_id)
    return reply_with_etag(request, job) if is_final(job) else reply(job)


@router.patch(
    "/{job_id}",
    response_model=JobRead,
    responses=problems(NotFound, ContentTooLarge, UnsupportedMedia),
    openapi_extra=json_body("JobUpdate"),
)
async def update_job(request: Request, job_id: UUID) -> Response:
    """Change a job's name, description or tags."""
    return reply(await run_sync(commands.edit, job_id, await read_json(request, JobUpdate)))


@router.post("/{job_id}/cancel", response_model=JobRead, responses=problems(NotFound, Conflict))
async def cancel_job(job_id: UUID) -> Response:
    """Cancel a job: at once if it is queued, otherwise as soon as its worker is notified."""
    return reply(await run_sync(commands.cancel, job_id))


@router.post(
    "/{job_id}/retry",
    status_code=202,
    response_model=JobRead,
    responses={
        202: {"description": "A new job.", "headers": LOCATION | RETRY_AFTER},
        **problems(NotFound, Conflict, TooManyJobs, Unavailable),
    },
)
async def retry_job(request: Request, job_id: UUID) -> Response:
    """Repeat a job as a new one."""

    def retry() -> JobRead:
        request_id = request.scope["glassbox.request_id"]
        return commands.retry(job_id, request_id=request_id, requested_by=caller(request))

    return pending(await run_sync(retry))


@router.post(
    "/{job_id}/resume",
    status_code=202,
    response_model=JobRead,
    responses={
        202: {"description": "Queued again.", "headers": LOCATION | RETRY_AFTER},
        **problems(NotFound, Conflict, Unavailable),
    },
)
async def resume_job(job_id: UUID) -> Response:
    """Go on with a sweep that was canceled, failed or reached its budget, with the fits that are missing."""
    return pending(await run_sync(commands.resume, job_id))


@router.delete("/{job_id}", status_code=204, response_class=Response, responses=problems(NotFound, Conflict))
async def delete_job(job_id: UUID) -> Response:
    """Delete a finished job with its answer and files."""
    await run_sync(commands.delete, job_id)
    return Response(status_code=204)
