"""Uploads and the reports of tables."""

from functools import partial
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.errors import Conflict, ContentTooLarge, Invalid, NotFound, Unavailable, UnsupportedMedia
from backend.http.json_body import SEND_A_FILE, is_raw, media_type, parse_params, read_raw
from backend.http.multipart import read_form
from backend.http.openapi import (
    BINARY,
    ETAG,
    FILE,
    FILE_REQUEST,
    IF_NONE_MATCH,
    NOT_MODIFIED,
    RAW_BODIES,
    body,
    problems,
)
from backend.http.query import CreatedAfter, CreatedBefore, Cursor, Limit, Search
from backend.http.responses import reply, reply_file, reply_with_etag
from backend.http.route import Route
from backend.http.upload_stream import UploadStream
from backend.messaging import tickets
from backend.routers.computed import computed
from backend.schemas.base import LIMIT
from backend.schemas.uploads import TableRead, UploadList, UploadRead
from backend.services import retention
from backend.services import samples as sample_service
from backend.services.jobs import validation
from backend.services.pages import Period
from backend.services.uploads import files, table_reports
from models.core.contract.card import MediaKind
from models.core.contract.messages import Text
from models.core.tables.read_options import ReadOptions

_READING = Text("core.uploads.reading", "The table is still being read.")

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=Route)

FILE_FORM = body(
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": BINARY},
                "additionalProperties": False,
            },
            "example": {"file": "@valley.jpg"},
        },
        **RAW_BODIES,
    }
)


@router.post(
    "",
    status_code=201,
    response_model=UploadRead,
    responses={
        200: {
            "description": "The same content was uploaded before under the same name.",
            "model": UploadRead,
        },
        **problems(ContentTooLarge, UnsupportedMedia),
    },
    openapi_extra=FILE_FORM,
)
async def create_upload(
    request: Request,
    name: Annotated[
        str | None, Query(max_length=1000, description="The file's name, with a raw body.")
    ] = None,
    listed: Annotated[
        bool | None,
        Query(description="false: a picture for a dataset, left out of lists and deleted with the dataset."),
    ] = None,
) -> Response:
    """Send an image, a CSV table, a workbook or a ZIP archive, in a form or as the body.

    The same content under the same name is the same upload; under another name it is another upload that
    shares the file.
    """
    file = await read_file(request, name or "")
    file.is_listed = listed is not False
    try:
        upload, is_new = await run_sync(files.create, file)
    finally:
        file.discard()
    return reply(upload, 201 if is_new else 200, {"Location": f"/v1/uploads/{upload.id}"})


async def read_file(request: Request, name: str) -> UploadStream:
    """The file of a form's field `file`, or of the whole body.

    Raises:
        Invalid: the form has no such field.
        UnsupportedMedia, ContentTooLarge.
    """
    kind = media_type(request)
    if kind == "multipart/form-data":
        form = await read_form(request, archives=True)
        if "file" not in form.files:
            where = [{"pointer": "/file", "detail": "is missing"}]
            raise Invalid("The form has no field `file`.", errors=where)
        return form.files["file"]
    if is_raw(kind):
        return await read_raw(request, name, archives=True)
    raise UnsupportedMedia(SEND_A_FILE)


@router.get("", response_model=UploadList, responses=problems())
async def list_uploads(
    kind: MediaKind | None = None,
    name: Search = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    samples: Annotated[
        bool | None, Query(description="true: also the samples shipped with Glassbox.")
    ] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Response:
    """Uploads, newest first; every given filter must match."""
    chosen = files.Filter(kind, name, Period(created_after, created_before))
    without = () if samples else sample_service.contents()
    return reply(
        await run_sync(partial(files.page, chosen, without=without, limit=limit or LIMIT, cursor=cursor))
    )


@router.get("/{upload_id}", response_model=UploadRead, responses=problems(NotFound))
async def get_upload(upload_id: UUID) -> Response:
    """The properties of one upload."""
    return reply(await run_sync(files.read, upload_id))


@router.get(
    "/{upload_id}/table",
    response_model=TableRead,
    responses={
        200: {"description": "The columns.", "headers": ETAG},
        **NOT_MODIFIED,
        **problems(NotFound, Invalid, UnsupportedMedia, Unavailable),
    },
    openapi_extra=IF_NONE_MATCH,
)
async def get_upload_table(
    request: Request,
    upload_id: UUID,
    options: Annotated[
        str | None,
        Query(
            max_length=16_000,
            description="Read options as JSON text, instead of detection: delimiter, decimal, thousands, "
            "dates, header, missing_values, comment, encoding, sheet and types, as in the params of a job.",
            examples=['{"delimiter": "semicolon"}'],
        ),
    ] = None,
    params: Annotated[str | None, Query(max_length=16_000, include_in_schema=False)] = None,  # its old name
) -> Response:
    """A table's columns with type, missing values, range and histogram, and its problems by row and column.

    A worker reads the table on the first request, which may take seconds for a large one; after 30 s the
    response is 503 with Retry-After.
    """
    reading = validation.fitting(ReadOptions, parse_params(options or params))
    key = await run_sync(table_reports.check, upload_id, reading)
    found = await computed(
        request.app.state.hub,
        upload_id,
        partial(table_reports.read, key),
        partial(tickets.request_table_report, upload_id, reading.model_dump_json()),
        _READING(),
    )
    return reply_with_etag(request, found)


@router.delete(
    "/{upload_id}", status_code=204, response_class=Response, responses=problems(NotFound, Conflict)
)
async def delete_upload(upload_id: UUID) -> Response:
    """Delete an upload. Finished jobs keep their answers; 409 while a job needs it."""
    await run_sync(retention.delete_upload, upload_id)
    return Response(status_code=204)


@router.get("/{upload_id}/content", response_class=Response, responses=FILE, openapi_extra=FILE_REQUEST)
async def get_upload_content(request: Request, upload_id: UUID) -> Response:
    """The uploaded file."""
    row = await run_sync(files.read_row, upload_id)
    return await reply_file(
        request,
        key=row.key,
        name=row.name,
        media_type=row.media_type,
        total=row.bytes,
        etag=f'"{row.sha256[:32]}"',
    )
