"""Files that users send."""

import asyncio
import time
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.errors import Conflict, ContentTooLarge, Invalid, NotFound, Unavailable, UnsupportedMedia
from backend.http.json_body import RAW_TYPES, SEND_A_FILE, media_type, parse_params, read_raw
from backend.http.multipart import read_form
from backend.http.openapi import BINARY, FILE, NOT_MODIFIED, RAW_BODIES, body, problems
from backend.http.responses import reply, reply_file, reply_unless_known
from backend.http.upload_stream import Incoming
from backend.messaging.waiters import POLL_SECONDS, Hub
from backend.routers.require_worker import check_workers
from backend.schemas.jobs import JobRead
from backend.schemas.uploads import TableRead, UploadRead
from backend.services import retention
from backend.services.jobs import validation
from backend.services.uploads import files, table_reports
from backend.settings import settings
from models.core.tables.read_options import Reading

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

_FORM = body(
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": BINARY},
                "additionalProperties": False,
            }
        },
        **RAW_BODIES,
    }
)


@router.post(
    "",
    status_code=201,
    response_model=UploadRead,
    responses={
        200: {"description": "The same content is here already.", "model": UploadRead},
        **problems(ContentTooLarge, UnsupportedMedia),
    },
    openapi_extra=_FORM,
)
async def create_upload(
    request: Request,
    name: Annotated[str, Query(max_length=1000, description="The file's name, with a raw body.")] = "",
) -> Response:
    """Send an image, a CSV table or a ZIP archive, in a form or as the body. Content is kept once."""
    file = await _read(request, name)
    try:
        upload, is_new = await run_sync(files.create, file)
    finally:
        file.discard()
    return reply(upload, 201 if is_new else 200, {"Location": f"/v1/uploads/{upload.id}"})


async def _read(request: Request, name: str) -> Incoming:
    kind = media_type(request)
    if kind == "multipart/form-data":
        return (await read_form(request)).file
    if kind.startswith(RAW_TYPES):
        return await read_raw(request, name)
    raise UnsupportedMedia(SEND_A_FILE)


@router.get("/{upload_id}", response_model=UploadRead, responses=problems(NotFound))
async def get_upload(upload_id: UUID) -> Response:
    """What is known of one upload."""
    return reply(await run_sync(files.read, upload_id))


@router.get(
    "/{upload_id}/table",
    response_model=TableRead,
    responses={**NOT_MODIFIED, **problems(NotFound, Invalid, UnsupportedMedia, Unavailable)},
)
async def get_upload_table(
    request: Request,
    upload_id: UUID,
    params: Annotated[
        str,
        Query(
            max_length=16_000,
            description="How to read it, where that is not to be guessed, as JSON text: delimiter, decimal, "
            "header, encoding and types, as in the params of a job.",
        ),
    ] = "",
) -> Response:
    """What a table holds: its columns with type, gaps, range and histogram, and its problems by place.

    A worker reads it the first time, which may take seconds for a large table; after 30 s the answer is 503
    with Retry-After.
    """
    reading = validation.fitting(Reading, parse_params(params))
    key = await run_sync(table_reports.check, upload_id, reading)
    found = await run_sync(table_reports.read, key)
    if found is None:
        found = await _ask_for_table(request.app.state.hub, upload_id, key, reading)
    return reply_unless_known(request, found)


async def _ask_for_table(hub: Hub[JobRead], upload_id: UUID, key: str, reading: Reading) -> TableRead:
    await check_workers(hub)
    ends = time.monotonic() + settings().wait_seconds
    with hub.waiting(upload_id) as event:
        while not hub.is_closing and time.monotonic() < ends:
            event.clear()
            found = await run_sync(table_reports.read, key)
            if found is not None:
                return found
            await run_sync(table_reports.ask, upload_id, reading)  # again, should the message have been lost
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await event.wait()
    raise Unavailable("The table is still being read.", headers={"Retry-After": "2"})


@router.delete(
    "/{upload_id}", status_code=204, response_class=Response, responses=problems(NotFound, Conflict)
)
async def delete_upload(upload_id: UUID) -> Response:
    """Delete the file. Jobs that are done with it keep their answers; 409 while one still needs it."""
    await run_sync(retention.delete_upload, upload_id)
    return Response(status_code=204)


@router.get("/{upload_id}/content", response_class=Response, responses=FILE)
async def get_upload_content(request: Request, upload_id: UUID) -> Response:
    """The file as it was sent."""
    row = await run_sync(files.read_row, upload_id)
    return await reply_file(
        request,
        key=row.key,
        name=row.name,
        media_type=row.media_type,
        total=row.bytes,
        etag=f'"{row.sha256[:32]}"',
    )
