"""Models as files: exported for other programs, and imported from another Glassbox."""

from contextlib import suppress
from functools import partial
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.errors import (
    AppError,
    Conflict,
    ContentTooLarge,
    Invalid,
    NotFound,
    Unavailable,
    UnsupportedMedia,
)
from backend.http.json_body import media_type, read_json
from backend.http.openapi import BINARY, FILE, FILE_REQUEST, LOCATION, RAW_BODIES, body, problems
from backend.http.responses import reply, reply_file
from backend.http.route import Route
from backend.messaging import tickets
from backend.routers.computed import computed
from backend.routers.uploads import read_file
from backend.schemas.models import Form, ModelImport, ModelRead
from backend.schemas.uploads import UploadRead
from backend.services import retention
from backend.services.models import exports, formats, imports
from backend.services.uploads import files
from models.core.contract.card import MediaKind
from models.core.contract.messages import Text

router = APIRouter(prefix="/v1/models", tags=["models"], route_class=Route)

WRITING = Text("core.exporting.writing", "The file is still being written; a large model takes a minute.")
CHECKING = Text("core.importing.checking", "The model is still being checked; send the same file again.")
NOT_A_ZIP = Text("core.importing.not_a_zip", "{name!r} is not a ZIP; a model is imported as it was exported.")

_BODY = body(
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": BINARY},
                "additionalProperties": False,
            },
            "example": {"file": "@garden-birds-2.zip"},
        },
        "application/json": {"schema": {"$ref": "#/components/schemas/ModelImport"}},
        **RAW_BODIES,
    }
)


@router.get(
    "/{name}/export",
    response_class=Response,
    responses={**FILE, **problems(NotFound, Conflict, Unavailable)},
    openapi_extra=FILE_REQUEST,
)
async def export_model(
    request: Request,
    name: str,
    form: Annotated[
        Form,
        Query(
            alias="format",
            description="zip: weights, config, model card, ONNX and a script that answers without Glassbox; "
            "onnx: the network alone; safetensors: the weights.",
        ),
    ] = "zip",
    version: Annotated[int | None, Query(ge=1, le=999_999_999, description="By default the newest.")] = None,
) -> Response:
    """The model as a file for other programs.

    A worker writes it on the first request, and compares the network as ONNX with PyTorch; after 30 s the
    response is 503 with Retry-After.
    """
    requested = await run_sync(exports.find, name, version, form)
    size = await computed(
        request.app.state.hub,
        requested.row.id,
        partial(exports.read, requested),
        partial(tickets.request_model_file, requested.row.id, form),
        WRITING(),
    )
    return await reply_file(
        request,
        key=requested.key,
        name=requested.file_name,
        media_type=formats.MEDIA_TYPES[form],
        total=size,
        etag=f'"{requested.etag}"',
    )


@router.post(
    "/import",
    status_code=201,
    response_model=ModelRead,
    responses={
        201: {"description": "The imported model.", "headers": LOCATION},
        200: {"description": "A model with the same weights is here already.", "model": ModelRead},
        **problems(NotFound, Invalid, ContentTooLarge, UnsupportedMedia, Unavailable),
    },
    openapi_extra=_BODY,
)
async def import_model(request: Request) -> Response:
    """Add a model that was exported as ZIP, here or by another Glassbox.

    A worker checks every file against its SHA-256, and builds the network. The model keeps its card; if its
    name belongs to another model, it is the next version of that one where it was trained or imported, else
    it gets another name.
    """
    upload, is_new = await _received(request)
    try:
        if upload.kind != MediaKind.ARCHIVE:
            raise UnsupportedMedia(NOT_A_ZIP(name=upload.name))
        model, is_new_model = await computed(
            request.app.state.hub,
            upload.id,
            partial(imports.read, upload.id),
            partial(tickets.request_import, upload.id),
            CHECKING(),
        )
    except Unavailable:
        raise  # the file stays: sent again, it is the same upload, and its check goes on
    except AppError:
        await run_sync(_delete, upload.id, is_new)
        raise
    await run_sync(_delete, upload.id, is_new)
    return reply(model, 201 if is_new_model else 200, {"Location": f"/v1/models/{model.name}"})


async def _received(request: Request) -> tuple[UploadRead, bool]:
    """The upload that the request names or contains, and whether it is new."""
    if media_type(request) == "application/json":
        named = await read_json(request, ModelImport)
        return await run_sync(files.read, named.upload_id), False
    file = await read_file(request, "model.zip")
    try:
        return await run_sync(files.create, file)
    finally:
        file.discard()


def _delete(upload_id: UUID, was_new: bool) -> None:
    """Delete an upload that was sent for the import only."""
    if was_new:
        with suppress(AppError):
            retention.delete_upload(upload_id)
