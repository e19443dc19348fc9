"""Uploaded pictures as models take them, for pages."""

from functools import partial
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.errors import Invalid, NotFound, Unavailable, UnsupportedMedia
from backend.http.openapi import BINARY, NOT_MODIFIED, problems
from backend.http.responses import file_headers, matches, reply_file
from backend.http.route import Route
from backend.messaging import tickets
from backend.routers.computed import computed
from backend.services.uploads import renditions
from backend.services.uploads.renditions import Rendition
from models.core.contract.messages import Text

_RENDERING = Text("core.uploads.rendering", "The picture is still being rendered.")

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=Route)

_RESPONSES = {
    200: {"description": "The picture.", "content": {"image/*": {"schema": BINARY}}},
    **NOT_MODIFIED,
    **problems(NotFound, Invalid, UnsupportedMedia, Unavailable),
}


@router.get(
    "/{upload_id}/picture",
    response_class=Response,
    responses=_RESPONSES,
)
async def get_upload_picture(request: Request, upload_id: UUID) -> Response:
    """An uploaded picture as models take it: upright, its first frame, in sRGB, in a common format.

    That is the uploaded file itself where browsers draw it so. Otherwise a worker renders it on the first
    request, as PNG, or as JPEG above 2 million pixels, of at most 16 million pixels; after 30 s the response
    is 503 with Retry-After.
    """
    return await _get(request, upload_id, Rendition.PICTURE)


@router.get(
    "/{upload_id}/thumbnail",
    response_class=Response,
    responses=_RESPONSES,
)
async def get_upload_thumbnail(request: Request, upload_id: UUID) -> Response:
    """The same picture, small, for lists: a JPEG file with sides of at most 384 pixels.

    That is the uploaded file itself where it is small and browsers draw it so. Otherwise a worker renders it
    on the first request; after 30 s the response is 503 with Retry-After.
    """
    return await _get(request, upload_id, Rendition.THUMBNAIL)


async def _get(request: Request, upload_id: UUID, rendition: Rendition) -> Response:
    shown = await run_sync(renditions.find, upload_id, rendition)
    row = shown.row
    if shown.is_own_file:
        etag = f'"{row.sha256[:32]}"'
        return await reply_file(
            request, key=row.key, name=row.name, media_type=row.media_type, total=row.bytes, etag=etag
        )
    etag = f'"{row.sha256[:32]}-{rendition}"'
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=file_headers("image/png", row.name, etag))
    data = await computed(
        request.app.state.hub,
        upload_id,
        partial(renditions.read, shown),
        partial(tickets.request_rendition, upload_id, rendition),
        _RENDERING(),
    )
    media_type = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    return Response(data, 200, file_headers(media_type, row.name, etag), media_type)
