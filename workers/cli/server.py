"""A running Glassbox, as commands use it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from backend.settings import settings
from models.core.contract.errors import InputError

ANSWER_SECONDS = 120.0
POLL_SECONDS = 0.5


@contextmanager
def connect(server: str, key: str) -> Iterator[httpx2.Client]:
    """A client with the key, by default that of the settings. Raises InputError: it does not respond."""
    known = [settings().api_key.get_secret_value(), *settings().named_keys().values()]
    chosen = next(filter(None, [key, *known]), None)
    headers = {"authorization": f"Bearer {chosen}"} if chosen else {}
    try:
        with httpx2.Client(base_url=server.rstrip("/"), headers=headers, timeout=ANSWER_SECONDS) as client:
            yield client
    except httpx2.HTTPError as error:
        raise InputError(f"{server} does not respond as a Glassbox server: {error}") from error


def finished(
    client: httpx2.Client, address: str, observe: Callable[[dict[str, Any]], None] = lambda _: None
) -> dict[str, Any]:
    """The job at this address once it has succeeded; `observe` gets it before. Raises InputError."""
    while True:
        job = checked(client.get(address)).json()
        if job["status"] == "succeeded":
            return job
        if job["status"] not in ("queued", "running"):
            raise InputError(job["error"] or f"The job was {job['status']}.")
        observe(job)
        time.sleep(POLL_SECONDS)


def checked(answer: httpx2.Response) -> httpx2.Response:
    """The response. Raises InputError with the server's error."""
    if not answer.is_error:
        return answer
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = answer.reason_phrase
    raise InputError(f"{detail} (HTTP {answer.status_code})")
