"""A client's preferences in headers: Prefer, Accept, Idempotency-Key, Cache-Control."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from backend.errors import Invalid, NotAcceptable
from backend.settings import settings

_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,9})\"?", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class Preferences:
    respond_async: bool
    wait_seconds: float | None  # None: not specified

    def applied(self, *, was_queued: bool = False) -> dict[str, str]:
        """The header that names the honored one (RFC 7240, section 3)."""
        if self.respond_async:
            return {"Preference-Applied": "respond-async"} if was_queued else {}
        return {} if self.wait_seconds is None else {"Preference-Applied": f"wait={self.wait_seconds:g}"}


def preferences(request: Request) -> Preferences:
    """Prefer (RFC 7240): respond-async, wait=N."""
    header = ",".join(request.headers.getlist("prefer"))
    if not header:
        return Preferences(False, None)
    wait = _WAIT.search(header)
    seconds = min(float(wait[1]), settings().wait_seconds) if wait else None
    return Preferences("respond-async" in header.lower(), seconds)


def accepted(request: Request, offered: Sequence[str]) -> str:
    """The media type of `offered` that Accept ranks highest; of equal ones that which it names, or the first.

    Raises:
        NotAcceptable: it accepts none of them.
    """
    accept = request.headers.get("accept", "").lower()
    if accept in ("", "*/*"):
        return offered[0]
    weights = dict(_weigh(part) for part in accept.split(","))
    best = max(offered, key=lambda kind: _weight(weights, kind))
    if not _weight(weights, best)[0]:
        raise NotAcceptable(f"The answer comes as {' or '.join(offered)}, none of which Accept admits.")
    return best


def _weight(weights: Mapping[str, float], kind: str) -> tuple[float, int]:
    """Its weight by the most specific range (RFC 9110, section 12.5.1), and how specific that is."""
    for specific, each in ((2, kind), (1, f"{kind.partition('/')[0]}/*"), (0, "*/*")):
        if each in weights:
            return weights[each], specific
    return 0.0, 0


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
