"""Models: versions, model cards, defaults."""

from functools import partial
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.errors import Conflict, ContentTooLarge, NotFound, TooManyJobs, Unavailable, UnsupportedMedia
from backend.http.authentication import caller
from backend.http.json_body import read_json
from backend.http.openapi import LOCATION, RETRY_AFTER, json_body, problems
from backend.http.query import CreatedAfter, CreatedBefore, Cursor, Limit, Search, TagFilter
from backend.http.responses import reply
from backend.http.route import Route
from backend.routers.jobs import pending
from backend.schemas.base import LIMIT
from backend.schemas.jobs import JobRead
from backend.schemas.models import DefaultModel, ModelColumns, ModelList, ModelRead, ModelUpdate, Source
from backend.services import retention
from backend.services.jobs import installation
from backend.services.models import audits, catalog, editing, model_columns
from backend.services.pages import Period

router = APIRouter(prefix="/v1/models", tags=["models"], route_class=Route)

Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="By default the newest.")]


@router.get("", response_model=ModelList, responses=problems())
async def list_models(
    capability: Annotated[str | None, Query(max_length=64)] = None,
    source: Source | None = None,
    name: Search = None,
    q: Annotated[
        str | None,
        Query(max_length=200, description="Part of the name, title, summary, description or tags."),
    ] = None,
    tag: TagFilter = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Response:
    """The newest version of every model, by capability; `name` also searches the titles."""
    chosen = catalog.Filter(capability, source, name, q, tag, Period(created_after, created_before))
    return reply(await run_sync(partial(catalog.page, chosen, limit=limit or LIMIT, cursor=cursor)))


@router.get("/{name}", response_model=ModelList, responses=problems(NotFound))
async def list_versions(name: str) -> Response:
    """All versions of one model, newest first."""
    return reply(await run_sync(catalog.versions, name))


@router.patch(
    "/{name}",
    response_model=ModelRead,
    responses=problems(NotFound, Conflict, ContentTooLarge, UnsupportedMedia),
    openapi_extra=json_body("ModelUpdate"),
)
async def update_model(request: Request, name: str, version: Version = None) -> Response:
    """Change a model's title, name, description, tags or card; the last three of one version."""
    changes = await read_json(request, ModelUpdate)
    return reply(await run_sync(partial(editing.edit, name, changes, version, by=caller(request))))


@router.delete("/{name}", status_code=204, response_class=Response, responses=problems(NotFound, Conflict))
async def delete_model(
    request: Request,
    name: str,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="By default all versions.")] = None,
) -> Response:
    """Delete a model trained here, with its weights. Its answers are kept; 409 while a job needs it."""
    await run_sync(partial(retention.delete_model, name, version, by=caller(request)))
    return Response(status_code=204)


@router.get(
    "/{name}/card",
    response_class=Response,
    responses={
        200: {"description": "Markdown.", "content": {"text/markdown": {"schema": {"type": "string"}}}},
        **problems(NotFound),
    },
)
async def get_card(
    name: str,
    version: Version = None,
    with_audits: Annotated[
        bool, Query(alias="audits", description="False: without what audits found, as it can be edited.")
    ] = True,
) -> Response:
    """The model card: training data, metrics, limits, license, and what audits found."""
    text = await run_sync(partial(audits.card, name, version, with_audits=with_audits))
    return Response(text, media_type="text/markdown")


@router.get("/{name}/columns", response_model=ModelColumns, responses=problems(NotFound))
async def get_columns(name: str) -> Response:
    """The columns that a model trained on a table needs, with the values of its training rows."""
    return reply(await run_sync(model_columns.columns, name))


@router.post(
    "/{name}/install",
    status_code=202,
    response_model=JobRead,
    responses={
        202: {"description": "The job that fetches the weights.", "headers": LOCATION | RETRY_AFTER},
        **problems(NotFound, Conflict, TooManyJobs, Unavailable),
    },
)
async def install_model(request: Request, name: str) -> Response:
    """Fetch, check and convert the weights of a pretrained model. Where keys are set, it needs one."""

    def install() -> JobRead:
        return installation.install(name, request_id=request.scope["glassbox.request_id"])

    return pending(await run_sync(install))


@router.put(
    "/{name}/default",
    response_model=ModelRead,
    responses=problems(NotFound, Conflict, ContentTooLarge, UnsupportedMedia),
    openapi_extra=json_body("DefaultModel"),
)
async def set_default(request: Request, name: str) -> Response:
    """Make this model the default of its capability."""
    chosen = await read_json(request, DefaultModel)
    return reply(await run_sync(partial(catalog.set_default, name, chosen.version, by=caller(request))))
