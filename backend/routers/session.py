"""Sign-in for browsers: EventSource and pictures cannot send a header, but a cookie."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.errors import ContentTooLarge, Unauthorized, UnsupportedMedia
from backend.http.authentication import COOKIE, Guard
from backend.http.json_body import read_json
from backend.http.openapi import json_body, problems
from backend.http.responses import reply
from backend.http.route import Route
from backend.schemas.session import SessionCreate, SessionRead
from backend.settings import settings
from models.core.contract.messages import Text

_NO_KEY = Text("core.session.no_key", "The key is not one of this server's keys.")

router = APIRouter(prefix="/v1/session", tags=["session"], route_class=Route)


def _guard(request: Request) -> Guard:
    return Guard(request.app, settings())


def _is_https(request: Request) -> bool:
    """Whether the browser reached the page by https, even if X-Forwarded-Proto is not trusted."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")


@router.get("", response_model=SessionRead, responses=problems())
async def get_session(request: Request) -> Response:
    """Whether a key is required, and whether this browser has sent one."""
    guard = _guard(request)
    needed = bool(guard.keys)
    signed_in = not needed or guard.owner(dict(request.headers.raw)) is not None
    found = SessionRead(
        key_needed=needed,
        signed_in=signed_in,
        max_upload_bytes=settings().max_upload_bytes,
        max_archive_bytes=settings().max_archive_bytes,
    )
    return reply(found, headers={"Cache-Control": "no-store"})


@router.post(
    "",
    status_code=204,
    response_class=Response,
    responses=problems(ContentTooLarge, UnsupportedMedia),
    openapi_extra=json_body("SessionCreate"),
)
async def create_session(request: Request) -> Response:
    """Send a key once; the browser keeps a cookie instead."""
    key = (await read_json(request, SessionCreate)).key.encode()
    keys = _guard(request).keys
    if keys and keys.owner(key) is None:
        raise Unauthorized(_NO_KEY())
    response = Response(status_code=204)
    if keys:
        response.set_cookie(
            COOKIE,
            keys.session(key),
            httponly=True,
            samesite="strict",
            secure=_is_https(request),
            max_age=30 * 86_400,
        )
    return response


@router.delete("", status_code=204, response_class=Response, responses=problems())
async def delete_session() -> Response:
    """Forget the key."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
