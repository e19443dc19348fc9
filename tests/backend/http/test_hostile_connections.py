"""Connections that break the rules of HTTP, against the real server on a socket."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from backend.main import create_app
from backend.settings import settings


@pytest.fixture
def port(application: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:  # noqa: ARG001
    monkeypatch.setenv("GLASSBOX_MAX_UPLOAD_BYTES", "1000000")
    settings.cache_clear()
    config = uvicorn.Config(create_app(), port=0, http="httptools", loop="asyncio", log_config=None)
    listener = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=30)
    listener.close()


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


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *lines, "", ""]).encode()


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


def test_a_client_that_disconnects_early_does_no_harm(port: int) -> None:
    for path in ("/v1/uploads", "/v1/predict/tiny", "/v1/jobs"):
        kind = "application/json" if path == "/v1/jobs" else "image/png"
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head(path, f"content-type: {kind}", "content-length: 5000") + b"abc")
    time.sleep(0.2)

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


def test_a_request_id_that_could_forge_a_log_line_is_replaced(port: int) -> None:
    response = talk(port, head("/healthz", "x-request-id: a b\tINFO forged", method="GET"))

    assert b"forged" not in response
    assert b"x-request-id: " in response
