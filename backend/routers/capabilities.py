"""Capabilities, their documents and their translations."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from backend.errors import NotFound
from backend.http.openapi import IF_NONE_MATCH, NOT_MODIFIED, problems
from backend.http.responses import reply_json, reply_with_etag
from backend.http.route import Route
from backend.schemas.capabilities import CapabilityList, CapabilityRead, TranslationsRead
from backend.services import capabilities

router = APIRouter(prefix="/v1", tags=["capabilities"], route_class=Route)


@router.get(
    "/capabilities",
    response_model=CapabilityList,
    responses={**NOT_MODIFIED, **problems()},
    openapi_extra=IF_NONE_MATCH,
)
async def list_capabilities(request: Request) -> Response:
    """Every capability: its inputs and outputs, its params as JSON Schema, its models and samples."""
    listing = await run_sync(capabilities.listed)
    return reply_json(request, listing.json, listing.etag)


@router.get(
    "/capabilities/{name}",
    response_model=CapabilityRead,
    responses={**NOT_MODIFIED, **problems(NotFound)},
    openapi_extra=IF_NONE_MATCH,
)
async def get_capability(request: Request, name: str) -> Response:
    """One capability."""
    return reply_with_etag(request, await run_sync(capabilities.read, name))


@router.get(
    "/capabilities/{name}/document",
    response_class=Response,
    responses={
        200: {"description": "Markdown.", "content": {"text/markdown": {"schema": {"type": "string"}}}},
        **problems(NotFound),
    },
)
async def get_document(name: str) -> Response:
    """The capability's course page: idea, diagram, formulas, and the way from the data to the answer."""
    return Response(await run_sync(capabilities.document, name), media_type="text/markdown")


@router.get(
    "/capabilities/{name}/diagrams/{file}",
    response_class=Response,
    responses={
        200: {"description": "A picture.", "content": {"image/svg+xml": {"schema": {"type": "string"}}}},
        **problems(NotFound),
    },
)
async def get_diagram(
    name: str, file: Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}\.svg$", examples=["detection.svg"])]
) -> Response:
    """A diagram of the capability's document."""
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    return Response(await run_sync(capabilities.diagram, name, file), 200, headers, "image/svg+xml")


@router.get(
    "/translations/{language}",
    response_model=TranslationsRead,
    responses={**NOT_MODIFIED, **problems(NotFound)},
    openapi_extra=IF_NONE_MATCH,
)
async def get_translations(
    request: Request, language: Annotated[str, Path(pattern="^[a-z]{2}$", examples=["de"])]
) -> Response:
    """Texts of capabilities, params, stages and errors in another language than English, by id."""
    return reply_with_etag(request, await run_sync(capabilities.translations, language))
