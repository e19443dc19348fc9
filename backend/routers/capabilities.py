"""What this server can do."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from backend.errors import NotFound
from backend.http.openapi import NOT_MODIFIED, problems
from backend.http.responses import reply_unless_known
from backend.schemas.capabilities import CapabilityList, CapabilityRead, TranslationsRead
from backend.services import capabilities

router = APIRouter(prefix="/v1", tags=["capabilities"])


@router.get("/capabilities", response_model=CapabilityList, responses={**NOT_MODIFIED, **problems()})
async def list_capabilities(request: Request) -> Response:
    """Every capability: what goes in and comes out, its params as JSON Schema, its models and samples."""
    return reply_unless_known(request, await run_sync(capabilities.listed))


@router.get(
    "/capabilities/{name}", response_model=CapabilityRead, responses={**NOT_MODIFIED, **problems(NotFound)}
)
async def get_capability(request: Request, name: str) -> Response:
    """One capability."""
    return reply_unless_known(request, await run_sync(capabilities.read, name))


@router.get(
    "/translations/{language}",
    response_model=TranslationsRead,
    responses={**NOT_MODIFIED, **problems(NotFound)},
)
async def get_translations(
    request: Request, language: Annotated[str, Path(pattern="^[a-z]{2}$", examples=["de"])]
) -> Response:
    """What capabilities say of themselves, their params and stages, in another language than English."""
    return reply_unless_known(request, await run_sync(capabilities.translations, language))
