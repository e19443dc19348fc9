"""HTTP/1.1 by hand, on a socket: for requests that no client library would send."""

import re
import socket
from contextlib import suppress

HOST = "127.0.0.1"


def connect(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=60)


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"host: {HOST}", *lines, "", ""]).encode()


def status_of(response: bytes) -> int:
    """0: the connection ended before an answer."""
    return int(response[9:12] or 0)


def read_answer(connection: socket.socket) -> bytes:
    """One whole answer with a Content-Length; what has arrived of it if the connection ends before."""
    response = b""
    while got := connection.recv(65_536):
        response += got
        start, separator, body = response.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", start)
        if separator and length and len(body) >= int(length[1]):
            break
    return response


def read_to_end(connection: socket.socket) -> bytes:
    """All that the server sends until it closes the connection; raises TimeoutError if it does not."""
    response = b""
    with suppress(ConnectionResetError):
        while got := connection.recv(65_536):
            response += got
    return response
