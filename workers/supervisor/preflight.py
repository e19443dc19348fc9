"""Preconditions of a start: an exclusive data folder and a free address. Also the check for readiness."""

import contextlib
import fcntl
import http.client
import json
import os
import socket
import time
from pathlib import Path
from typing import IO

import psutil

LOCK_SECONDS = 10.0  # a killed supervisor's children take up to 5 s to end


class CannotStart(RuntimeError):
    """The message has instructions for the person at the console."""


def open_data_folder(folder: Path) -> Path:
    """The folder as an absolute path, created if necessary. Raises CannotStart: it is not writable."""
    folder = folder.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} is not writable: {error.strerror}. "
            "Make it writable, or set GLASSBOX_DATA_FOLDER to another one."
        ) from error
    return folder


def lock_data_folder(folder: Path, address: str) -> IO[str]:
    """The acquired lock. Raises CannotStart: another Glassbox uses this folder."""
    lock = (folder / "glassbox.lock").open("a+")
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            lock.seek(0)
            holder = _holder(lock.read())
            if holder or time.monotonic() > deadline:
                raise CannotStart(
                    f"The data folder {folder} is in use by a running Glassbox{holder}. "
                    "Stop it, or set GLASSBOX_DATA_FOLDER to another folder."
                ) from None
            time.sleep(0.1)  # its supervisor was killed, and its children are about to end
        except OSError as error:
            raise CannotStart(f"The data folder {folder} cannot be locked: {error.strerror}.") from error
    lock.truncate(0)
    lock.write(json.dumps({"pid": os.getpid(), "address": address}))
    lock.flush()
    return lock


def _holder(content: str) -> str:
    """The process that wrote the lock file, if it is still running."""
    try:
        holder = json.loads(content)
        return f" (process {holder['pid']}, {holder['address']})" if psutil.pid_exists(holder["pid"]) else ""
    except (ValueError, KeyError, TypeError):
        return ""


def listen(host: str, port: int) -> socket.socket:
    """The socket for the API. Raises CannotStart: in use, not permitted, or not this machine's address."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except PermissionError as error:
        raise CannotStart(f"Port {port} needs root privileges; choose one above 1023.") from error
    except OSError as error:
        holder = _listening_on(port)
        raise CannotStart(
            f"Cannot serve on {host}:{port}: {os.strerror(error.errno) if error.errno else error}{holder}. "
            "Choose another port: GLASSBOX_PORT=8001 make run"
        ) from error


def _listening_on(port: int) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            # laddr is a named tuple, or an empty one before the socket is bound
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                command = " ".join(psutil.Process(connection.pid).cmdline())
                return f" (process {connection.pid} uses it: {command[:120]})"
    return ""


def url(listener: socket.socket) -> str:
    """The socket's address for a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  compared with, not bound to
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def missing(listener: socket.socket) -> dict[str, str]:
    """The parts that are not ready yet, and why; empty: all are ready."""
    connection = http.client.HTTPConnection(url(listener).removeprefix("http://"), timeout=0.5)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return {"api": "not reachable yet"}
    finally:
        connection.close()
    if response.status == 200:
        return {}
    with contextlib.suppress(ValueError, KeyError, TypeError):
        parts = {part["name"]: part["detail"] for part in json.loads(body)["parts"] if not part["ready"]}
        if parts:
            return parts
    return {"api": body[:500] or f"status {response.status}"}
