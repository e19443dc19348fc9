"""Connections that break the rules of HTTP, against the real server on a socket."""

import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from backend.http.connection import Connection, Phase
from backend.http.server import Server, configure
from backend.main import create_app
from backend.settings import settings
from tests.capabilities.tiny.card import HERE
from tests.raw_http import connect, head, read_to_end, status_of
from workers.heartbeat import Heartbeat

PICTURE = (HERE / "sample.jpg").read_bytes()


LIMITS = {
    "MAX_UPLOAD_BYTES": "1000000",
    "HEADER_SECONDS": "0.6",
    "SILENT_SECONDS": "0.6",
    "KEEP_ALIVE_SECONDS": "1.2",
    "MAX_CONNECTIONS": "12",
    "MAX_EVENT_STREAMS": "3",
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def server(
    application: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    listener: socket.socket,
) -> Iterator[Server]:
    for name, value in LIMITS.items():
        monkeypatch.setenv(f"GLASSBOX_{name}", value)
    settings.cache_clear()
    config = configure(create_app())
    server = Server(config)
    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server
    server.should_exit = True
    thread.join(timeout=30)


@pytest.fixture
def port(server: Server, listener: socket.socket) -> int:  # noqa: ARG001
    return listener.getsockname()[1]


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return once the condition holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def phases(server: Server) -> list[Phase]:
    """Of all connections that the server holds."""
    return [each.phase for each in list(server.server_state.connections) if isinstance(each, Connection)]


def talk(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """The server's response to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has responded and closed the connection
        connection.settimeout(20)
        response = b""
        while b"\r\n\r\n" not in response or b"connection: close" in response.lower():
            try:
                got = connection.recv(65_536)
            except TimeoutError:
                break
            if not got:
                break
            response += got
        return response


def read_response(connection: socket.socket) -> bytes:
    """One whole response, whose headers and body may arrive in several pieces."""
    response, length = b"", None
    while length is None or length > 0:
        piece = connection.recv(1 if length is None else length)
        assert piece, response
        response += piece
        if length is not None:
            length -= len(piece)
        elif response.endswith(b"\r\n\r\n"):
            length = int(response.lower().partition(b"content-length: ")[2].split()[0])
    return response


def is_alive(port: int) -> bool:
    return talk(port, head("/healthz", method="GET")).startswith(b"HTTP/1.1 200")


def test_a_declared_length_over_the_limit_is_refused_before_the_body(port: int) -> None:
    response = talk(port, head("/v1/uploads", "content-type: image/png", "content-length: 9000000000"))

    assert response.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in response
    assert is_alive(port)


def test_an_endless_body_is_refused_while_it_streams(port: int) -> None:
    pieces = [b"10000\r\n" + b"a" * 65_536 + b"\r\n"] * 60
    response = talk(
        port, head("/v1/uploads", "content-type: image/png", "transfer-encoding: chunked"), *pieces
    )

    assert response.startswith(b"HTTP/1.1 413")
    assert b"1,000,000 bytes" in response
    assert is_alive(port)


def test_a_client_that_disconnects_early_does_no_harm(server: Server, port: int) -> None:
    for path in ("/v1/uploads", "/v1/predict/tiny", "/v1/jobs"):
        kind = "application/json" if path == "/v1/jobs" else "image/png"
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head(path, f"content-type: {kind}", "content-length: 5000") + b"abc")
    until(lambda: not phases(server))

    assert is_alive(port)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50),
        b"GET / HTTP/9.9\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        head("/v1/uploads", "content-length: -5"),
        head("/v1/uploads", "content-length: 5", "content-length: 6"),
        head("/v1/jobs", "content-type: application/json", "transfer-encoding: chunked") + b"zz\r\n",
        head("/" + "a" * 70_000, method="GET"),
        head("/v1/jobs?cursor=" + "%F0%9F" * 10, method="GET"),
    ],
)
def test_broken_http_is_refused(port: int, request_bytes: bytes) -> None:
    response = talk(port, request_bytes)

    assert response[:12] not in (b"HTTP/1.1 500", b"HTTP/1.1 200")
    assert is_alive(port)


def send_until_refused(connection: socket.socket, piece: bytes, most: int = 50_000) -> int:
    """The bytes sent until the server closed the connection."""
    sent = 0
    try:
        for _ in range(most):
            connection.sendall(piece)
            sent += len(piece)
            if select.select([connection], [], [], 0)[0]:
                break
    except (BrokenPipeError, ConnectionResetError):
        pass
    return sent


START = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n"
CHUNKED = head("/v1/uploads", "content-type: image/png", "transfer-encoding: chunked")


@pytest.mark.parametrize(
    ("start", "endless", "status"),
    [
        (START, b"x-a: " + b"a" * 1_000 + b"\r\n", 431),
        (START, b"a:\r\n" * 50, 431),
        (START + b"x-a: ", b"a" * 4_096, 431),
        (START, b"a" * 4_096, 431),
        (START + b"cookie: ", b" \t" * 2_048, 431),
        (b"GET /", b"a" * 4_096, 414),
        (CHUNKED + b"1;", b"a" * 4_096, 400),
        (CHUNKED + b"1;a=", b'b;c="d";' * 512, 400),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"x-a: " + b"a" * 1_000 + b"\r\n", 400),
        (CHUNKED + b"1\r\na\r\n0\r\nx-a: ", b"a" * 4_096, 400),
    ],
    ids=[
        "lines", "tiny lines", "one value", "one name", "white space", "address", "one chunk extension",
        "many chunk extensions", "trailers", "one trailer",
    ],
)  # fmt: skip
def test_headers_without_end_are_refused_and_the_connection_closed(
    port: int, start: bytes, endless: bytes, status: int
) -> None:
    with connect(port) as connection:
        connection.sendall(start)
        sent = send_until_refused(connection, endless)
        response = read_to_end(connection)

    assert status_of(response) == status
    assert b"application/problem+json" in response
    assert sent < 20_000_000  # what the buffers of both ends took in the meantime
    assert is_alive(port)


def test_headers_up_to_the_limit_are_accepted(port: int) -> None:
    large = [f"x-{number}: {'a' * 1_000}" for number in range(60)]

    assert talk(port, head("/healthz", *large, method="GET")).startswith(b"HTTP/1.1 200")
    assert status_of(talk(port, head("/healthz", *large, *large, method="GET"))) == 431


@pytest.mark.parametrize(
    "half",
    [
        b"GET /healthz HT",
        START,
        START + b"x-a",
        head("/v1/uploads", "content-type: image/png", "content-length: 5000") + b"abc",
        CHUNKED + b"5\r\nab",
        head("/v1/jobs", "content-type: application/json", "content-length: 50") + b'{"capability"',
        head("/v1/uploads", "content-type: multipart/form-data; boundary=b", "content-length: 50")
        + b"--b\r\n",
    ],
)
def test_half_a_request_is_held_for_a_limited_time(port: int, half: bytes) -> None:
    with connect(port) as connection:
        connection.sendall(half)
        started = time.monotonic()
        response = read_to_end(connection)

    assert status_of(response) == 408
    assert b"connection: close" in response
    assert 0.5 < time.monotonic() - started < 10


def test_a_trickle_does_not_prolong_the_time_for_headers(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(START + b"x-a: ")
        started = time.monotonic()
        while not select.select([connection], [], [], 0.05)[0]:
            connection.sendall(b"a")
        response = read_to_end(connection)

    assert status_of(response) == 408
    assert time.monotonic() - started < 10


def test_a_trickle_of_a_body_is_refused_and_a_slow_one_is_not(port: int) -> None:
    body = head("/v1/uploads", "content-type: text/csv", "content-length: 2000")
    with connect(port) as slow, connect(port) as trickle:
        trickle.sendall(body)
        slow.sendall(body)
        for _ in range(20):  # 100 bytes in a tenth of a second are twice the minimum
            slow.sendall(b"a," * 49 + b"a\n")
            with suppress(BrokenPipeError, ConnectionResetError):
                trickle.sendall(b"a")
            time.sleep(0.1)
        answer = slow.recv(65_536)
        refusal = read_to_end(trickle)

    assert answer.startswith(b"HTTP/1.1 201")
    assert status_of(refusal) == 408


def test_a_connection_without_a_request_is_closed_without_an_answer(port: int) -> None:
    with connect(port) as silent, connect(port) as blank:
        blank.sendall(b"\r\n\r\n")

        assert read_to_end(silent) == b""
        assert read_to_end(blank) == b""


def test_an_idle_connection_is_kept_for_the_next_request_and_then_closed(port: int) -> None:
    with connect(port) as connection:
        for _ in range(2):
            connection.sendall(START + b"\r\n")
            assert read_response(connection).startswith(b"HTTP/1.1 200")
            time.sleep(0.9)  # above the time for headers, below that of idle connections
        started = time.monotonic()
        connection.sendall(b"\r\n")  # no request, and no sign of life
        assert read_to_end(connection) == b""

    assert time.monotonic() - started < 5


def test_a_job_that_is_waited_for_is_no_silence(port: int, busy_worker: Heartbeat) -> None:
    assert busy_worker.queue == "predict"
    request = head(
        "/v1/predict/tiny", "prefer: wait=2", "content-type: image/jpeg", f"content-length: {len(PICTURE)}"
    )
    with connect(port) as connection:
        # nor is half of the next request refused while the answer to this one is awaited
        connection.sendall(request + PICTURE + START)
        response = read_response(connection)
        connection.sendall(b"\r\n")
        second = read_response(connection)

    assert status_of(response) == 202
    assert status_of(second) == 200


def test_half_requests_do_not_keep_others_out(port: int) -> None:
    held = []
    try:
        for _ in range(11):
            held.append(connect(port))
            held[-1].sendall(START)
        for connection in held:  # each ends with its time for headers
            assert status_of(read_to_end(connection)) == 408
        for _ in range(11):
            held.append(connect(port))
            held[-1].sendall(START)
        assert is_alive(port)
    finally:
        for connection in held:
            connection.close()


def test_connections_beyond_the_limit_are_refused(server: Server, port: int) -> None:
    held = [connect(port) for _ in range(12)]
    try:
        for connection in held:
            connection.sendall(head("/v1/uploads", "content-type: text/csv", "content-length: 5") + b"a")
        until(lambda: phases(server) == [Phase.BODY] * 12)  # all are at work
        with connect(port) as refused:
            response = read_to_end(refused)
    finally:
        for connection in held:
            connection.close()

    assert status_of(response) == 503
    assert b"retry-after: " in response
    assert is_alive(port)


def test_event_streams_beyond_the_limit_are_refused_and_starve_nobody(
    port: int, busy_worker: Heartbeat
) -> None:
    assert busy_worker.queue == "predict"
    request = head(
        "/v1/predict/tiny", "prefer: wait=0", "content-type: image/jpeg", f"content-length: {len(PICTURE)}"
    )
    created = talk(port, request + PICTURE)
    location = re.search(rb"\r\nlocation: (/v1/jobs/[^\r]+)", created)
    assert location, created
    events = head(f"{location[1].decode()}/events", method="GET")
    streams = [connect(port) for _ in range(3)]
    try:
        for stream in streams:
            stream.sendall(events)
            assert stream.recv(65_536).startswith(b"HTTP/1.1 200")
        refused = talk(port, events)
        assert is_alive(port)
    finally:
        for stream in streams:
            stream.close()

    assert status_of(refused) == 503
    assert b"retry-after: " in refused
    until(lambda: status_of(talk(port, events)) == 200)


UPLOAD = ("content-type: text/csv",)


@pytest.mark.slow  # a server for each of many forms
@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: 127.0.0.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nHOST: evil\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\nhost: 127.0.0.1\n\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\nx-a: b\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\rx-a: b\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: b\r c\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: b\0c\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost : 127.0.0.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n x-a: folded\r\n\r\n", 400),
        (head("/v1/uploads", *UPLOAD, "content-length: 4", "content-length: 4") + b"a\n1\n", 400),
        (head("/v1/uploads", *UPLOAD, "content-length: 4, 4") + b"a\n1\n", 400),
        (head("/v1/uploads", *UPLOAD, "content-length: +4") + b"a\n1\n", 400),
        (head("/v1/uploads", *UPLOAD, "content-length: 4", "transfer-encoding: chunked") + b"0\r\n\r\n", 400),
        (head("/v1/uploads", *UPLOAD, "transfer-encoding: chunked", "content-length: 4") + b"0\r\n\r\n", 400),
        (head("/v1/uploads", *UPLOAD, "transfer-encoding: gzip, chunked") + b"0\r\n\r\n", 501),
        (head("/v1/uploads", *UPLOAD, "transfer-encoding: xchunked") + b"0\r\n\r\n", 501),
        (
            head("/v1/uploads", *UPLOAD, "transfer-encoding: chunked", "transfer-encoding: chunked")
            + b"0\r\n\r\n",
            400,
        ),
        (b"POST /v1/uploads HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (CHUNKED + b"4\na\n1\n\r\n0\r\n\r\n", 400),
        (CHUNKED + b"+4\r\na\n1\n\r\n0\r\n\r\n", 400),
        (CHUNKED + b"0x4\r\na\n1\n\r\n0\r\n\r\n", 400),
        (CHUNKED + b"ffffffffffffffffff\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", 400),
    ],
)
def test_ambiguous_requests_are_refused_and_the_connection_closed(
    port: int, request_bytes: bytes, status: int
) -> None:
    with connect(port) as connection:
        connection.sendall(request_bytes)
        response = read_to_end(connection)

    assert status_of(response) == status, response
    assert response.count(b"HTTP/1.1") == 1
    assert b"connection: close" in response
    assert is_alive(port)


def test_trailers_are_no_headers(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "max_upload_bytes", 1_000_000)
    body = b"4\r\na\n1\n\r\n0\r\nx-request-id: from-a-trailer\r\ncontent-type: image/png\r\n\r\n"
    response = talk(port, head("/v1/uploads", *UPLOAD, "transfer-encoding: chunked") + body)

    assert response.startswith(b"HTTP/1.1 201")
    assert b"from-a-trailer" not in response


def test_an_upgrade_is_declined_by_an_answer_after_which_the_connection_is_closed(port: int) -> None:
    for kind in ("h2c", "websocket"):
        request = head("/healthz", "connection: upgrade", f"upgrade: {kind}", method="GET")
        with connect(port) as connection:
            connection.sendall(request + START + b"\r\n")
            response = read_to_end(connection)

        assert response.startswith(b"HTTP/1.1 200")
        assert response.count(b"HTTP/1.1") == 1


def test_requests_may_be_sent_before_the_answers_to_earlier_ones(port: int) -> None:
    with connect(port) as connection:
        connection.sendall((START + b"\r\n") * 19 + START + b"connection: close\r\n\r\n")
        response = read_to_end(connection)

    assert response.count(b"HTTP/1.1 200 OK") == 20
    with connect(port) as connection:
        connection.sendall((START + b"\r\n") * 1_000)
        assert read_to_end(connection).count(b"HTTP/1.1 200 OK") < 100
    assert is_alive(port)


def test_a_client_that_does_not_read_its_answer_is_disconnected(server: Server, port: int) -> None:
    held = [connect(port) for _ in range(12)]
    for connection in held:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        # more answers than the buffers of both ends hold
        for _ in range(30):
            with suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
                connection.settimeout(0.2)
                connection.sendall(head("/openapi.json", method="GET") * 20)
    try:
        until(lambda: not phases(server))
        for connection in held:
            connection.settimeout(20)
            read_to_end(connection)  # what was on its way, and then the end: otherwise TimeoutError
        assert is_alive(port)
        with connect(port) as another:
            another.sendall(START + b"\r\n")
            assert another.recv(65_536).startswith(b"HTTP/1.1 200")
    finally:
        for connection in held:
            connection.close()


def test_a_request_id_that_could_forge_a_log_line_is_replaced(port: int) -> None:
    response = talk(port, head("/healthz", "x-request-id: a b\tINFO forged", method="GET"))

    assert b"forged" not in response
    assert b"x-request-id: " in response
