"""Datasets, their pictures with labels, and their versions."""

from functools import partial
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from backend.errors import Conflict, ContentTooLarge, NotFound, TooManyJobs, UnsupportedMedia
from backend.http.authentication import caller
from backend.http.json_body import read_json
from backend.http.openapi import BINARY, LOCATION, RETRY_AFTER, json_body, problems
from backend.http.query import Cursor, Limit, Search
from backend.http.responses import disposition, reply
from backend.http.route import Route
from backend.routers.jobs import pending
from backend.schemas.base import LIMIT
from backend.schemas.datasets import (
    DatasetCreate,
    DatasetCreated,
    DatasetList,
    DatasetPicture,
    DatasetPictureList,
    DatasetPictures,
    DatasetRead,
    DatasetUpdate,
    PicturesAdd,
    PictureUpdate,
    VersionCreate,
    VersionList,
    VersionRead,
)
from backend.schemas.jobs import JobRead
from backend.services.datasets import checks, deletion, exports, pictures, records, versions
from models.core.contract.dataset import DatasetKind, Split
from models.core.datasets.writing import Form

router = APIRouter(prefix="/v1/datasets", tags=["datasets"], route_class=Route)

_LABELS_BYTES = 4_000_000  # of a body with labels: polygons of many corners
_WRITES = (NotFound, Conflict, ContentTooLarge, UnsupportedMedia)

Labeled = Annotated[bool | None, Query(description="true: only labeled pictures; false: only others.")]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post(
    "",
    status_code=201,
    response_model=DatasetCreated,
    responses={
        201: {"description": "Created.", "headers": LOCATION},
        202: {
            "description": "Created; `job` imports the upload. Unless it succeeds, the dataset is deleted.",
            "model": DatasetCreated,
            "headers": LOCATION | RETRY_AFTER,
        },
        **problems(*_WRITES, TooManyJobs),
    },
    openapi_extra=json_body("DatasetCreate"),
)
async def create_dataset(request: Request) -> Response:
    """Create an empty dataset, or import a ZIP archive of pictures with labels, or a table.

    The forms of an archive are recognized by its content: COCO, YOLO, Pascal VOC, folders of classes, masks,
    plain pictures, and datasets exported from Glassbox.
    """
    body = await read_json(request, DatasetCreate)
    request_id = request.scope["glassbox.request_id"]
    made = await run_sync(partial(records.create, body, request_id=request_id))
    headers = {"Location": f"/v1/datasets/{made.id}"}
    if made.job is None:
        return reply(made, 201, headers)
    return reply(made, 202, {**headers, "Retry-After": "1"})


@router.get("", response_model=DatasetList, responses=problems())
async def list_datasets(
    kind: DatasetKind | None = None, name: Search = None, limit: Limit = None, cursor: Cursor = None
) -> Response:
    """Datasets, newest first; every given filter must match."""
    chosen = records.Filter(kind, name)
    return reply(await run_sync(partial(records.page, chosen, limit=limit or LIMIT, cursor=cursor)))


@router.get("/{dataset_id}", response_model=DatasetRead, responses=problems(NotFound))
async def get_dataset(dataset_id: UUID) -> Response:
    """One dataset with its counts."""
    return reply(await run_sync(records.read, dataset_id))


@router.patch(
    "/{dataset_id}",
    response_model=DatasetRead,
    responses=problems(*_WRITES),
    openapi_extra=json_body("DatasetUpdate"),
)
async def update_dataset(request: Request, dataset_id: UUID) -> Response:
    """Rename a dataset, describe it, or change its classes; 409 if a class that labels use would go."""
    body = await read_json(request, DatasetUpdate)
    return reply(await run_sync(records.change, dataset_id, body))


@router.delete(
    "/{dataset_id}", status_code=204, response_class=Response, responses=problems(NotFound, Conflict)
)
async def delete_dataset(request: Request, dataset_id: UUID) -> Response:
    """Delete a dataset with its versions and the files that nothing else needs; trained models are kept.

    409 while a training or a check on it is queued or running.
    """
    await run_sync(partial(deletion.delete_dataset, dataset_id, by=caller(request)))
    return Response(status_code=204)


@router.get("/{dataset_id}/pictures", response_model=DatasetPictureList, responses=problems(NotFound))
async def list_pictures(
    dataset_id: UUID,
    label: Annotated[str | None, Query(max_length=400, description="Of the picture or an object.")] = None,
    labeled: Labeled = None,
    split: Split | None = None,
    name: Search = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Response:
    """Pictures with their labels, in the order of their arrival; every given filter must match."""
    chosen = pictures.Filter(label, labeled, split, name)
    page = partial(pictures.page, dataset_id, chosen, limit=limit or LIMIT, cursor=cursor)
    return reply(await run_sync(page))


@router.post(
    "/{dataset_id}/pictures",
    status_code=201,
    response_model=DatasetPictures,
    responses=problems(*_WRITES),
    openapi_extra=json_body("PicturesAdd"),
)
async def add_pictures(request: Request, dataset_id: UUID) -> Response:
    """Add uploaded pictures, with or without labels. Adding an upload again changes nothing.

    Labels that are not classes of the dataset become ones.
    """
    body = await read_json(request, PicturesAdd, limit=_LABELS_BYTES)
    return reply(await run_sync(pictures.add, dataset_id, body.pictures), 201)


@router.get("/{dataset_id}/pictures/next", response_model=DatasetPicture, responses=problems(NotFound))
async def get_next_picture(
    dataset_id: UUID,
    after: Annotated[
        int | None, Query(ge=-1, le=2**31 - 1, description="A position; by default before the first picture.")
    ] = None,
    labeled: Labeled = None,
) -> Response:
    """The first picture behind a position, such as the next one without labels; 404 if there is none."""
    position = -1 if after is None else after
    chosen = pictures.Filter(is_labeled=labeled)
    return reply(await run_sync(pictures.following, dataset_id, position, chosen))


@router.get(
    "/{dataset_id}/pictures/{picture_id}", response_model=DatasetPicture, responses=problems(NotFound)
)
async def get_picture(dataset_id: UUID, picture_id: UUID) -> Response:
    """One picture with its labels."""
    return reply(await run_sync(pictures.read, dataset_id, picture_id))


@router.patch(
    "/{dataset_id}/pictures/{picture_id}",
    response_model=DatasetPicture,
    responses=problems(*_WRITES),
    openapi_extra=json_body("PictureUpdate"),
)
async def update_picture(request: Request, dataset_id: UUID, picture_id: UUID) -> Response:
    """Change a picture's labels, split, group or name; what is left out stays.

    `revision` is that of the picture which was changed. If it has another one by now, the answer is 409 with
    the picture as it is in `current`.
    """
    body = await read_json(request, PictureUpdate, limit=_LABELS_BYTES)
    return reply(await run_sync(pictures.change, dataset_id, picture_id, body))


@router.delete(
    "/{dataset_id}/pictures/{picture_id}",
    status_code=204,
    response_class=Response,
    responses=problems(NotFound, Conflict),
)
async def remove_picture(dataset_id: UUID, picture_id: UUID) -> Response:
    """Remove a picture from the dataset; its versions keep it."""
    await run_sync(deletion.delete_picture, dataset_id, picture_id)
    return Response(status_code=204)


@router.post(
    "/{dataset_id}/versions",
    status_code=202,
    response_model=JobRead,
    responses={
        200: {"description": "Nothing has changed since this version.", "model": VersionRead},
        202: {"description": "The job that makes the version.", "headers": LOCATION | RETRY_AFTER},
        **problems(*_WRITES, TooManyJobs),
    },
    openapi_extra=json_body("VersionCreate"),
)
async def create_version(request: Request, dataset_id: UUID) -> Response:
    """Check the dataset, divide its pictures into splits, and freeze both as a version.

    The job's result has the number of the version and the report.
    """
    body = await read_json(request, VersionCreate, allow_empty=True)
    request_id = request.scope["glassbox.request_id"]
    made = await run_sync(partial(checks.request_version, dataset_id, body, request_id=request_id))
    return pending(made) if isinstance(made, JobRead) else reply(made)


@router.get("/{dataset_id}/versions", response_model=VersionList, responses=problems(NotFound))
async def list_dataset_versions(dataset_id: UUID) -> Response:
    """All versions of a dataset, newest first."""
    return reply(await run_sync(versions.list_versions, dataset_id))


@router.get(
    "/{dataset_id}/versions/{version}/export",
    response_class=Response,
    responses={
        200: {"description": "A ZIP archive.", "content": {"application/zip": {"schema": BINARY}}},
        **problems(NotFound),
    },
)
async def export_dataset_version(dataset_id: UUID, version: Version, form: Form | None = None) -> Response:
    """A version as a ZIP archive: in the form of Glassbox (the default), of COCO, or of YOLO."""
    name, pieces = await run_sync(exports.stream, dataset_id, version, form or "glassbox")
    headers = {"Content-Disposition": disposition(name, is_inline=False)}
    return StreamingResponse(pieces, headers=headers, media_type="application/zip")


@router.get("/{dataset_id}/versions/{version}", response_model=VersionRead, responses=problems(NotFound))
async def get_dataset_version(dataset_id: UUID, version: Version) -> Response:
    """One version with its report."""
    return reply(await run_sync(versions.read, dataset_id, version))
