"""A client's preferences in headers: Prefer, Accept, Idempotency-Key, Cache-Control."""

import re
from dataclasses import dataclass

from starlette.requests import Request

from backend.errors import Invalid
from backend.settings import settings

_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,9})\"?", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class Preferences:
    respond_async: bool
    wait_seconds: float | None  # None: not specified


def preferences(request: Request) -> Preferences:
    """Prefer (RFC 7240): respond-async, wait=N."""
    header = ",".join(request.headers.getlist("prefer"))
    if not header:
        return Preferences(False, None)
    wait = _WAIT.search(header)
    seconds = min(float(wait[1]), settings().wait_seconds) if wait else None
    return Preferences("respond-async" in header.lower(), seconds)


def prefers_picture(request: Request) -> bool:
    """Whether Accept ranks a picture above JSON; JSON is the default."""
    accept = request.headers.get("accept", "")
    if "image/" not in accept:
        return False
    weights = dict(_weigh(part) for part in accept.lower().split(","))
    picture = max(weights.get("image/png", 0.0), weights.get("image/*", 0.0))
    return picture > weights.get("application/json", 0.0)


def _weigh(part: str) -> tuple[str, float]:
    kind, *options = (piece.strip() for piece in part.split(";"))
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() == "q" and re.fullmatch(r"[01](\.\d{0,3})?", value.strip()):
            return kind, float(value)
    return kind, 1.0


def idempotency_key(request: Request) -> str | None:
    """Raises Invalid."""
    key = request.headers.get("idempotency-key")
    if key is None or _KEY.fullmatch(key):
        return key
    detail = "Idempotency-Key must be 1 to 200 visible ASCII characters."
    raise Invalid(detail, errors=[{"pointer": "/Idempotency-Key", "detail": detail}])


def allows_stored_answer(request: Request) -> bool:
    """Whether Cache-Control allows a stored answer."""
    header = request.headers.get("cache-control", "").lower()
    return "no-cache" not in header and "no-store" not in header
