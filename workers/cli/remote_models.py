"""Models of a running Glassbox, as files."""

import time
from pathlib import Path
from typing import Any

import httpx2

from workers.cli.server import checked, connect

_UNAVAILABLE = 503  # with Retry-After: it is still being written or checked


def export(server: str, key: str, name: str, version: int | None, form: str, file: Path) -> None:
    """Write a model of the server to `file`. Raises InputError."""
    params = {"format": form, **({"version": str(version)} if version else {})}
    with connect(server, key) as client:
        while not _wrote(client, f"/v1/models/{name}/export", params, file):
            pass


def _wrote(client: httpx2.Client, address: str, params: dict[str, str], file: Path) -> bool:
    with client.stream("GET", address, params=params) as answer:
        if _waits(answer):
            return False
        if answer.is_error:
            answer.read()
        checked(answer)
        with file.open("wb") as target:
            for piece in answer.iter_bytes():
                target.write(piece)
    return True


def send(server: str, key: str, file: Path) -> tuple[dict[str, Any], bool]:
    """Send a ZIP to the server; its model there, and whether it is new. Raises InputError."""
    with connect(server, key) as client:
        while True:
            with file.open("rb") as opened:
                answer = client.post("/v1/models/import", files={"file": (file.name, opened)})
            if not _waits(answer):
                return checked(answer).json(), answer.status_code == httpx2.codes.CREATED


def _waits(answer: httpx2.Response) -> bool:
    """Whether to send the same request again; waits as long as the server requests."""
    seconds = answer.headers.get("retry-after", "")
    if answer.status_code != _UNAVAILABLE or not seconds.isdigit():
        return False
    time.sleep(int(seconds))
    return True
