"""Middleware of every request: its headers, log line and metrics, and the handler of last resort."""

import logging
import re
import time
from functools import cache
from http import HTTPStatus
from typing import Any

from prometheus_client import Counter, Histogram, disable_created_metrics
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import logs
from backend.errors import AppError, BadRequest
from backend.http.problem_details import render
from backend.outages import outage_log, outage_of

log = logging.getLogger("glassbox.requests")

_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
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
_PROBES = {"/healthz", "/readyz", "/metrics"}
_LINE = "%(method)s %(path)s %(status)d %(ms).1f ms client=%(client)s"
_MAX_PATH = 300  # of a log line
_DISCONNECTED = 499  # as nginx counts a client that left before its answer
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class Observe:
    """No exception leaves it; only the middleware that gives a request its id is further out."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["glassbox.request_id"] = logs.request_id.get()
        started = time.perf_counter()
        sent = _Sent(send)
        try:
            await self._guarded(scope, receive, sent)
        finally:
            _record(scope, sent.status or _DISCONNECTED, time.perf_counter() - started)

    async def _guarded(self, scope: Scope, receive: Receive, sent: "_Sent") -> None:
        try:
            if _has_nul(scope):
                problem = BadRequest("The address contains a NUL character.")
                await render(problem)(scope, receive, sent)
                return
            await self.app(scope, receive, sent)
        except ClientDisconnect:
            pass  # its line has the status 499
        except Exception as error:  # noqa: BLE001  a bug is logged in _problem, with its traceback
            problem = _problem(error, f"{scope['method']} {_path(scope)}")
            if not sent.status:
                await render(problem)(scope, receive, sent)


def _problem(error: Exception, request: str) -> AppError:
    """The error for the client: an outage by its name; of a bug, only that it has been logged."""
    outage = outage_of(error)
    if outage is None:
        log.exception("%s failed", request)
        return AppError("An internal error occurred; it has been logged.")
    outage_log.warn(outage, f"{request} was refused", error)
    return outage.problem()


class _Sent:
    """The response as it is sent: adds headers and records the status."""

    def __init__(self, send: Send):
        self.send, self.status = send, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            headers += _HEADERS
            if not any(name == b"content-security-policy" for name, _ in headers):
                headers.append(_POLICY_HEADER)
            message = {**message, "headers": headers}
        await self.send(message)


def is_safe_id(request_id: str) -> bool:
    """Whether a client's id of its request may stand in logs and rows."""
    return _SAFE_ID.fullmatch(request_id) is not None


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
    level = logging.DEBUG if _is_quiet(scope["path"], status) else logging.INFO
    if log.isEnabledFor(level):
        fields = {
            "method": method,
            "path": _path(scope),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "client": (scope.get("client") or "-")[0],
        }
        # made by hand: looking for the calling line costs a fifth of the whole
        record = logging.LogRecord(log.name, level, __file__, 0, _LINE, (fields,), None)
        record.__dict__.update(fields)
        log.handle(record)


def _is_quiet(path: str, status: int) -> bool:
    """Whether the request is one of a probe, or of a file of the pages that was found."""
    return path in _PROBES or (not path.startswith("/v1/") and status < HTTPStatus.BAD_REQUEST)


def _path(scope: Scope) -> str:
    """As it was sent: percent-encoded, and without the query, which may have keys."""
    return scope.get("raw_path", b"").partition(b"?")[0][:_MAX_PATH].decode("ascii", "replace")


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
