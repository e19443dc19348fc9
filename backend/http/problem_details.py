"""Errors as application/problem+json (RFC 9457). Every error response of the application is made here."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from backend import logs
from backend.errors import AppError, BadRequest, ContentTooLarge, Invalid, NotFound, pointer

MEDIA_TYPE = "application/problem+json"
_PARTS = ("body", "query", "path", "header", "cookie")
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_DRAIN_SECONDS = 2.0
_DRAIN_BYTES = 16_000_000


class ProblemResponse(Response):
    media_type = MEDIA_TYPE


class LingeringResponse(ProblemResponse):
    """Answers before the body has come, then reads on for a moment.

    Closing at once would reset the connection while the client still sends, and it would never see why.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                await _drain(receive)
        await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Receive) -> None:
    drained = 0
    while drained < _DRAIN_BYTES:
        message = await receive()
        drained += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


def render(error: AppError, *, body_follows: bool = False) -> Response:
    """The response that tells a client of `error`, even while its body still comes."""
    body = {
        **error.extra,
        "type": problem_type(type(error)),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "request_id": logs.request_id.get(),
        "errors": error.errors,
    }
    headers = dict(error.headers)
    made: type[ProblemResponse] = ProblemResponse
    if body_follows and isinstance(error, ContentTooLarge):
        headers["Connection"] = "close"
        made = LingeringResponse
    return made(orjson.dumps(body, default=str), status_code=error.status, headers=headers)


def problem_type(error: type[AppError]) -> str:
    """A stable name for programs: NotFound -> urn:glassbox:not-found."""
    name = "internal-error" if error is AppError else re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()
    return f"urn:glassbox:{name}"


def invalid(found: Sequence[Mapping[str, Any]]) -> Invalid:
    """The errors of pydantic, as ours."""
    errors = [{"pointer": pointer(_inside(each["loc"])), "detail": str(each["msg"])} for each in found]
    first = errors[0] if errors else {"pointer": "", "detail": "not valid"}
    where = first["pointer"].lstrip("/") or "the body"
    return Invalid(f"{where}: {first['detail']}", errors=errors)


def _inside(location: Sequence[Any]) -> Sequence[Any]:
    """The location without FastAPI's word for the part of the request."""
    return location[1:] if location and location[0] in _PARTS else location


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101  Starlette calls it for this type only
    return render(error, body_follows=not request._stream_consumed)


async def _validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return render(invalid(error.errors()))


async def _http_error(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such route, a method that the route does not have."""
    assert isinstance(error, HTTPException)  # noqa: S101
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return render(NotFound(f"There is nothing at {path}."))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        taken = ", ".join(_methods(request))
        detail = f"{path} takes no {request.method}, only {taken}."
        return render(MethodNotAllowed(detail, headers={"Allow": taken}))
    return render(BadRequest(str(error.detail)))


def _methods(request: Request) -> list[str]:
    """What the address takes. Each route knows its own method only, and HEAD is GET's (observe.HeadAsGet)."""
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    taken = {
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    }
    return sorted(taken | {"HEAD"} if "GET" in taken else taken)


class MethodNotAllowed(AppError):
    status, title = 405, "No such method here"


def install(app: FastAPI) -> None:
    """Render every error of the application's as a problem."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
