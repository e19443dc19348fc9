"""Errors as application/problem+json (RFC 9457). Every error response of the application is rendered here."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
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
from backend.errors import (
    AppError,
    BadRequest,
    ContentTooLarge,
    Invalid,
    MethodNotAllowed,
    NotFound,
)
from backend.http.field_errors import field_error
from models.core.contract.messages import Text, parts_of

IN_FIELD = Text("core.fields.in_field", "{field}: {problem}")
THE_BODY = Text("core.fields.the_body", "the body")

MEDIA_TYPE = "application/problem+json"
_PARTS = ("body", "query", "path", "header", "cookie")
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_MAX_ERRORS = 50
_DRAIN_SECONDS = 2.0
_DRAIN_BYTES = 16_000_000


class ProblemResponse(Response):
    media_type = MEDIA_TYPE


class LingeringResponse(ProblemResponse):
    """Answers before the body has arrived, then keeps reading for a moment.

    Closing at once would reset the connection while the client still sends, and it would never see the error.
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
    """The response for `error`; with `body_follows` the request's body may still be arriving."""
    body = {
        **error.extra,
        "type": error.type,
        "title": str(error.title),
        "title_message": parts_of(error.title),
        "status": error.status,
        "detail": str(error.detail),
        "detail_message": parts_of(error.detail),
        "request_id": logs.request_id.get() or logs.NO_REQUEST,
        "errors": [{**each, "detail_message": parts_of(each["detail"])} for each in error.errors],
    }
    headers = dict(error.headers)
    response: type[ProblemResponse] = ProblemResponse
    if body_follows and isinstance(error, ContentTooLarge):
        headers["Connection"] = "close"
        response = LingeringResponse
    return response(orjson.dumps(body, default=str), status_code=error.status, headers=headers)


def invalid(found: Sequence[Mapping[str, Any]], known: Collection[str] = ()) -> Invalid:
    """Validation errors of pydantic as one `Invalid`, which lists the first ones; `known` are the fields."""
    listed = found[:_MAX_ERRORS]
    errors = [field_error(each, _inside(each["loc"]), known) for each in listed]
    first = errors[0] if errors else {"pointer": "", "detail": "not valid"}
    where = first["pointer"].lstrip("/") or THE_BODY()
    return Invalid(IN_FIELD(field=where, problem=first["detail"]), errors=errors)


def _inside(location: Sequence[Any]) -> Sequence[Any]:
    """The location without FastAPI's prefix for the part of the request."""
    return location[1:] if location and location[0] in _PARTS else location


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101  Starlette calls it for this type only
    return render(error, body_follows=not request._stream_consumed)


async def _validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return render(invalid(error.errors()))


async def _http_error(request: Request, error: Exception) -> Response:
    """Errors of the framework: an unknown route, or a method that the route does not have."""
    assert isinstance(error, HTTPException)  # noqa: S101
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return render(NotFound(f"Nothing was found at {path}."))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_methods(request))
        detail = f"{path} does not support {request.method}; it supports {allowed}."
        return render(MethodNotAllowed(detail, headers={"Allow": allowed}))
    return render(BadRequest(str(error.detail)))


def _methods(request: Request) -> list[str]:
    """The methods of an address. A route knows only its own; HEAD follows from GET (middleware.HeadAsGet)."""
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    allowed = {
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    }
    return sorted(allowed | {"HEAD"} if "GET" in allowed else allowed)


def install(app: FastAPI) -> None:
    """Render every error of the application as a problem."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
