"""Middleware of every request: its id, headers, log line and metrics, and the handler of last resort."""

import logging
import re
import time
import uuid
from functools import cache
from typing import Any

from prometheus_client import Counter, Histogram, disable_created_metrics
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import logs
from backend.errors import AppError, BadRequest
from backend.http.problem_details import render

log = logging.getLogger("backend.requests")

_SANE_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_POLICY_HEADER = (b"content-security-policy", CONTENT_POLICY.encode())

disable_created_metrics()
_seconds = Histogram(
    "glassbox_http_seconds",
    "From the first byte of a request to the last byte of its response.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_requests = Counter("glassbox_http_requests", "Requests answered.", ["method", "route", "status"])
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class Observe:
    """Outermost: no exception leaves it, and every response has the request's id."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["glassbox.request_id"] = request_id
        token = logs.request_id.set(request_id)
        started = time.perf_counter()
        sent = _Sent(send, request_id)
        try:
            await self._guarded(scope, receive, sent)
        finally:
            _record(scope, sent.status, time.perf_counter() - started)
            logs.request_id.reset(token)

    async def _guarded(self, scope: Scope, receive: Receive, sent: "_Sent") -> None:
        try:
            if _has_nul(scope):
                problem = BadRequest("The address contains a NUL character.")
                await render(problem)(scope, receive, sent)
                return
            await self.app(scope, receive, sent)
        except ClientDisconnect:
            log.info("%s %s: the client disconnected", scope["method"], scope["path"])
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            if not sent.status:
                problem = AppError("An internal error occurred; it has been logged.")
                await render(problem)(scope, receive, sent)


class _Sent:
    """The response as it is sent: adds headers and records the status."""

    def __init__(self, send: Send, request_id: str):
        self.send, self.request_id, self.status = send, request_id.encode(), 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            headers += [(b"x-request-id", self.request_id), *_HEADERS]
            if not any(name == b"content-security-policy" for name, _ in headers):
                headers.append(_POLICY_HEADER)
            message = {**message, "headers": headers}
        await self.send(message)


def _request_id(scope: Scope) -> str:
    """The client's own if it is safe to log, otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return value.decode()
    return uuid.uuid4().hex


def _has_nul(scope: Scope) -> bool:
    # PostgreSQL refuses NUL in text, so it must not reach a query
    return "\0" in scope["path"] or b"%00" in scope["query_string"] or b"\0" in scope["query_string"]


def _record(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "")
    # clients choose unknown paths and methods: they must not create new series
    route = route if isinstance(route, str) and route else "other"
    method = scope["method"] if scope["method"] in _METHODS else "other"
    _observer(method, route).observe(seconds)
    _counter(method, route, status).inc()
    log.debug("%s %s %d %.1f ms", scope["method"], scope["path"], status, seconds * 1000)


@cache
def _observer(method: str, route: str) -> Any:
    return _seconds.labels(method, route)


@cache
def _counter(method: str, route: str, status: int) -> Any:
    return _requests.labels(method, route, str(status))


class HeadAsGet:
    """Answers HEAD wherever GET is defined: the same headers, no body."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        done = False

        async def headers_only(message: Message) -> None:
            nonlocal done
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                done = True

        async def until_sent() -> Message:
            # an endless event stream ends here
            return {"type": "http.disconnect"} if done else await receive()

        # a copy: the server reads the original scope to know that it must send no body
        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, until_sent, headers_only)
        finally:
            scope["route"] = as_get.get("route")
