"""One connection of the server: uvicorn's protocol with limits for clients that send too much, or too slowly.

uvicorn 0.54 with httptools 0.9 takes headers of any size, waits for the rest of a request as long as the
client likes, and limits no connections (`h11_max_incomplete_event_size` is h11's alone). Here every state of
a connection has a limit; `check` enforces those of time, and `server.Server` calls it twice a second for
each connection, since a timer for each request costs more than the rest of this file.
"""

import logging
import math
import uuid
from asyncio import BaseTransport
from enum import Enum
from http import HTTPStatus
from typing import Any, cast

import httptools
import orjson
from prometheus_client import Counter
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from backend.settings import settings

log = logging.getLogger("glassbox.requests")

MAX_HEADERS = 200
MAX_PIPELINED = 32  # requests that wait for the answer to an earlier one of their connection
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 16_000_000
_STALLED_PERIODS = 4  # of `silent_seconds`, for a client that does not read its answer: buffers hide progress
_YOUNG_SECONDS = 1.0  # for which a connection without a request is not closed in favor of others
_REFUSED_AT_ONCE = 100  # connections above the limit that still get an answer
_FRAMING_PER_BYTE = 8  # bytes of chunk sizes for each byte of content; one byte a chunk takes 5
_CHECKED = {b"host", b"expect", b"transfer-encoding"}

_refused = Counter(
    "glassbox_http_refused",
    "Connections of this process that were closed because of a malformed, too large or too slow request.",
    ["status"],
)


class Refused(Exception):
    """The request breaks a rule of HTTP or a limit: it is answered, and the connection is closed."""

    def __init__(self, status: int, detail: str):
        super().__init__(detail)
        self.status, self.detail = status, detail


class Phase(Enum):
    """What the connection waits for."""

    IDLE = "a request"
    HEAD = "the rest of a request's headers"
    BODY = "the rest of a request's body"
    ANSWER = "the application"
    CLOSING = "the client, which has its last answer and may still be sending"


class Connection(HttpToolsProtocol):
    """Limits of size raise `Refused` in the parser's callbacks; limits of time are those of `check`."""

    parser: Any  # None once the connection is lost

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.limits = settings()
        self._limits = {
            Phase.IDLE: self.limits.keep_alive_seconds,
            Phase.HEAD: self.limits.header_seconds,
            Phase.BODY: self.limits.silent_seconds,
            Phase.ANSWER: math.inf,
            Phase.CLOSING: _LINGER_SECONDS,
        }
        self.phase = Phase.IDLE
        self._since = self.loop.time()  # the beginning of the wait
        self._messages = 0
        self._head = 0  # bytes of complete lines
        self._partial_head = 0  # bytes received since the beginning of a head that is not complete
        self._body = self._body_before = self._framing = 0
        self._hosts = 0
        self._is_chunked = False
        self._discarded = 0
        self._unsent: tuple[int, float] = (0, 0.0)  # bytes that the client has not read, and since when

    def connection_made(self, transport: BaseTransport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(cast(Any, transport))
        excess = len(self.connections) - self.limits.max_connections
        if excess > 0 and not self._make_room():
            if excess > _REFUSED_AT_ONCE:
                self.transport.abort()
            else:
                self._refuse(Refused(503, "The server has as many connections as it can hold; try again."))

    def _make_room(self) -> bool:
        """Close the connection that has waited longest for a request; False: all are at work."""
        now = self.loop.time()
        waiting = [
            other
            for other in self.connections
            if isinstance(other, Connection) and other is not self and other._may_make_room(now)
        ]
        if not waiting:
            return False
        min(waiting, key=lambda other: other._since).transport.abort()
        return True

    def _may_make_room(self, now: float) -> bool:
        if self.phase is Phase.CLOSING or (self.phase is Phase.IDLE and self.cycle is not None):
            return True
        is_waiting = self.phase in (Phase.IDLE, Phase.HEAD) and not self._is_answering()
        return is_waiting and now - self._since > _YOUNG_SECONDS

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        if self.phase is Phase.CLOSING:
            self._discard(len(data))
            return
        message, phase, body = self._messages, self.phase, self._body
        try:
            self.parser.feed_data(data)
            if message == self._messages and phase is self.phase:
                self._count(len(data), self._body - body)
        except Refused as refused:
            self._refuse(refused)
        except httptools.HttpParserUpgrade:
            pass  # not supported: the request is answered as it is, and the connection closed after it
        except httptools.HttpParserError as error:
            reason = error.__context__
            self._refuse(reason if isinstance(reason, Refused) else Refused(400, _reason(error)))

    def _count(self, received: int, body: int) -> None:
        """Count bytes of which none began or ended a part of a message. Raises Refused."""
        if self.phase is Phase.HEAD:
            # also one line without an end, of which the parser calls nobody
            self._partial_head += received
            if self._partial_head > self.limits.max_header_bytes:
                raise self._head_too_large()
        elif self.phase is Phase.BODY:
            # sizes and extensions of chunks, and trailers
            self._framing += received - body
            if self._framing > self.limits.max_header_bytes + _FRAMING_PER_BYTE * self._body:
                raise Refused(400, "The chunks of the body carry more extensions than content.")

    def _head_too_large(self) -> Refused:
        limit = self.limits.max_header_bytes
        if not self.headers:
            return Refused(414, f"The address exceeds the limit of {limit:,} bytes for a request's headers.")
        return Refused(431, f"The headers exceed the limit of {limit:,} bytes.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._messages += 1
        self._head = self._partial_head = self._body = self._body_before = self._framing = self._hosts = 0
        self._is_chunked = False
        self._wait(Phase.HEAD)

    def on_url(self, url: bytes) -> None:
        self._head += len(url)
        if self._head > self.limits.max_header_bytes:
            raise self._head_too_large()
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.phase is not Phase.HEAD:
            return  # a trailer, which uvicorn would add to the headers of the running request
        name = name.lower()
        self._head += len(name) + len(value) + 4
        self.headers.append((name, value))
        if self._head > self.limits.max_header_bytes:
            raise self._head_too_large()
        if len(self.headers) > MAX_HEADERS:
            raise Refused(431, f"The request has more than {MAX_HEADERS} headers.")
        if name in _CHECKED:
            self._check_header(name, value)

    def _check_header(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._hosts += 1
        elif name == b"expect":
            self.expect_100_continue = value.lower() == b"100-continue"
        elif self._is_chunked or value.strip().lower() != b"chunked":
            raise Refused(501, "The only Transfer-Encoding that the server reads is chunked, once.")
        else:
            self._is_chunked = True

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        if self._hosts > 1 or (self._hosts == 0 and version == "1.1"):
            raise Refused(400, "The request must have one Host header.")
        if self._is_chunked and version != "1.1":
            raise Refused(400, f"HTTP/{version} has no Transfer-Encoding.")
        if len(self.pipeline) >= MAX_PIPELINED:
            raise Refused(400, f"More than {MAX_PIPELINED} requests wait for the answer to an earlier one.")
        super().on_headers_complete()
        self._wait(Phase.BODY)
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # the parser reads nothing further

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._wait(Phase.ANSWER if self._is_answering() else Phase.IDLE)

    def on_response_complete(self) -> None:
        # as uvicorn does, without its timer: `check` closes idle connections
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._wait(Phase.IDLE if self.phase is Phase.ANSWER and not self.pipeline else self.phase)
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)

    def _wait(self, phase: Phase) -> None:
        self.phase, self._since = phase, self.loop.time()

    def check(self, now: float) -> None:
        """Close the connection if it has waited too long for its client."""
        if self.transport.is_closing() or self._is_stalled(now):
            return
        if self._waits_for_the_server():
            self._since = now
        waited = now - self._since
        if waited <= self._limit():
            return
        if self.phase is Phase.IDLE:
            self.transport.close()  # browsers connect in advance: no answer without a question
        elif self.phase is Phase.CLOSING:
            self.transport.abort()
        elif self.phase is Phase.HEAD:
            self._refuse(Refused(408, f"The headers were not complete after {self._limit():g} seconds."))
        else:
            self._check_body(waited)

    def _limit(self) -> float:
        """The longest wait in the present phase, in seconds."""
        is_new = self.phase is Phase.IDLE and self.cycle is None
        return self.limits.header_seconds if is_new else self._limits[self.phase]

    def _waits_for_the_server(self) -> bool:
        if self.phase in (Phase.IDLE, Phase.CLOSING):
            return False
        if self.phase is Phase.HEAD:
            return self.flow.read_paused or self._is_answering()
        is_expecting = self.cycle is not None and self.cycle.waiting_for_100_continue
        return self.flow.read_paused or is_expecting or bool(self.pipeline)

    def _check_body(self, waited: float) -> None:
        if not self._is_answering():
            self.transport.abort()  # it has had its answer, and time to read it
            return
        rate = (self._body - self._body_before) / waited
        if rate < self.limits.min_bytes_per_second:
            self._refuse(
                Refused(
                    408,
                    f"The body arrived at {rate:,.0f} bytes per second during the last {waited:.0f} seconds; "
                    f"the minimum is {self.limits.min_bytes_per_second:,}.",
                )
            )
            return
        self._body_before = self._body
        self._wait(Phase.BODY)

    def _is_stalled(self, now: float) -> bool:
        """Close the connection of a client that does not read its answer."""
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent[0]:
            self._unsent = unsent, now
            return False
        if now - self._unsent[1] < _STALLED_PERIODS * self.limits.silent_seconds:
            return False
        self.transport.abort()
        return True

    def _refuse(self, refused: Refused) -> None:
        """Answer with an error, and close the connection once the client has read it."""
        client = self.client[0] if self.client else "-"
        log.info("refused with %d: %s client=%s", refused.status, refused.detail, client)
        _refused.labels(str(refused.status)).inc()
        is_own = self.phase is Phase.BODY  # the last cycle belongs to the request that is refused
        cycle = self.cycle
        if self._is_answering() and (not is_own or self.pipeline or cycle.response_started):
            self.transport.abort()  # the answer would be taken for that to an earlier request
            return
        if is_own:
            cycle.disconnected = True
            cycle.message_event.set()
        self._wait(Phase.CLOSING)
        self.flow.resume_reading()
        self.transport.write(self._problem(refused))
        # closing at once would reset the connection, and a client that still sends would never see the answer
        self.transport.write_eof()

    def _problem(self, refused: Refused) -> bytes:
        phrase = HTTPStatus(refused.status).phrase
        body = orjson.dumps(
            {
                "type": f"urn:glassbox:{phrase.lower().replace(' ', '-')}",
                "title": phrase.capitalize(),
                "status": refused.status,
                "detail": refused.detail,
                "request_id": uuid.uuid4().hex,
                "errors": [],
            }
        )
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            *([(b"retry-after", b"1")] if refused.status == HTTPStatus.SERVICE_UNAVAILABLE else []),
            (b"connection", b"close"),
        ]
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        return b"".join([STATUS_LINE[refused.status], *lines, b"\r\n", body])

    def _discard(self, received: int) -> None:
        self._discarded += received
        if self._discarded > _LINGER_BYTES:
            self.transport.abort()

    def shutdown(self) -> None:
        if self.phase is Phase.CLOSING:
            self.transport.abort()
        else:
            super().shutdown()


def _reason(error: httptools.HttpParserError) -> str:
    return f"The request is not valid HTTP: {error}."[:200]
