"""Access control: API keys, the browser's session cookie, and protection from other sites' pages."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.errors import AppError, Forbidden, Unauthorized
from backend.http.problem_details import render
from backend.settings import Settings

COOKIE = "glassbox_session"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:.]+\](:\d{1,5})?")
_OPEN_PATHS = {"/v1/session"}
_CALLER = "glassbox.caller"  # in the scope of a request


def is_loopback(host: str) -> bool:
    """Whether a server on this address or name is reachable from this machine only."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Exposed(RuntimeError):
    """The server would serve other machines without a key."""


def check_exposure(settings: Settings) -> None:
    """Raises Exposed, with instructions."""
    if is_loopback(settings.host) or settings.allow_keyless or settings.named_keys():
        return
    raise Exposed(
        f"GLASSBOX_HOST={settings.host} serves other machines, but no API keys are set. Set them, as in "
        """GLASSBOX_API_KEYS='["a-long-random-text"]', or set GLASSBOX_ALLOW_KEYLESS=true to let everyone """
        "do everything."
    )


def origins(settings: Settings) -> list[str]:
    """The origins of other sites whose pages may use the API. Raises ValueError: one is not scheme://host[:port]."""
    found = [origin.rstrip("/").lower() for origin in settings.cors_origins]
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"GLASSBOX_CORS_ORIGINS: {origin!r} is not an origin such as https://lab.example."
            )
    return found


def caller(request: Request) -> str | None:
    """The name of the API key that the request was sent with; None: the server needs none."""
    return request.scope.get(_CALLER)


class Keys:
    """The API keys by name, compared in constant time."""

    def __init__(self, keys: Mapping[str, str]):
        self.keys = {name: key.encode() for name, key in keys.items()}

    def __bool__(self) -> bool:
        return bool(self.keys)

    def owner(self, key: bytes) -> str | None:
        """The name of this key; None: it is not one of them."""
        # all are compared, so that the time does not depend on which one matches
        matching = [name for name, known in self.keys.items() if hmac.compare_digest(key, known)]
        return matching[0] if matching else None

    def session(self, key: bytes) -> str:
        """The value of the browser's cookie; invalid once the key is withdrawn."""
        return hmac.new(key, b"glassbox session", hashlib.sha256).hexdigest()

    def session_owner(self, value: str) -> str | None:
        """The name of the key whose cookie has this value; None: of none."""
        sent, known = value.encode(), self.keys.items()
        matching = [name for name, key in known if hmac.compare_digest(sent, self.session(key).encode())]
        return matching[0] if matching else None


class Guard:
    """Refuses requests that `settings` do not admit.

    Without keys the server listens on loopback only, where the danger is another site's page in the user's
    browser: it may post a form to this server, or reach it under a host name of its own (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, settings: Settings):
        self.app = app
        self.keys = Keys(settings.named_keys())
        self.checks_host = not self.keys and not settings.allow_keyless
        self.own_host = settings.host
        self.origins = {origin.encode("latin-1") for origin in origins(settings)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self.refusal(scope)
            if refusal is not None:
                await render(refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def refusal(self, scope: Scope) -> AppError | None:
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        host = headers.get(b"host", b"").decode("latin-1")
        if self.checks_host and not self._is_own(host):
            return Forbidden(
                f"Without API keys this server answers under loopback names only, not as {host!r}. Set "
                "GLASSBOX_API_KEYS to serve other machines, or GLASSBOX_ALLOW_KEYLESS=true to serve everyone."
            )
        is_foreign = headers.get(b"origin") not in self.origins and _is_foreign(headers, host)
        if scope["method"] not in _SAFE_METHODS and is_foreign:
            page = headers.get(b"origin", b"unnamed").decode("latin-1")
            return Forbidden(
                f"This request came from a page of another site ({page}); only pages of this server, reached "
                f"as {host!r}, are allowed. A reverse proxy must forward the browser's Host header."
            )
        path = scope["path"]
        if self.keys and (path.startswith("/v1/") or path == "/metrics") and path not in _OPEN_PATHS:
            return self._without_key(scope, headers)
        return None

    def _is_own(self, host: str) -> bool:
        name = _host_name(host)
        return is_loopback(name) or name == self.own_host

    def _without_key(self, scope: Scope, headers: Mapping[bytes, bytes]) -> AppError | None:
        scope[_CALLER] = self.owner(headers)
        if scope[_CALLER] is not None:
            return None
        return Unauthorized(
            "Send an API key as `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
            headers={"WWW-Authenticate": 'Bearer realm="glassbox"'},
        )

    def owner(self, headers: Mapping[bytes, bytes]) -> str | None:
        """The name of the key or session that a request with these headers has; None: no valid one."""
        scheme, _, bearer = headers.get(b"authorization", b"").partition(b" ")
        sent = [bearer] if scheme.lower() == b"bearer" else []
        sent += [headers[b"x-api-key"]] if b"x-api-key" in headers else []
        for key in sent:
            owner = self.keys.owner(key.strip())
            if owner is not None:
                return owner
        return self.keys.session_owner(_session_of(headers[b"cookie"])) if b"cookie" in headers else None


_READ = {b"host", b"origin", b"sec-fetch-site", b"authorization", b"x-api-key", b"cookie"}


def _session_of(cookie: bytes) -> str:
    try:
        found = SimpleCookie(cookie.decode("latin-1")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_foreign(headers: Mapping[bytes, bytes], host: str) -> bool:
    """Whether a browser declares that another site's page sent this. Other programs send no such headers."""
    if headers.get(b"sec-fetch-site") == b"cross-site":
        return True
    origin = headers.get(b"origin")
    if origin is None:
        return False
    return origin.decode("latin-1").lower().partition("://")[2] != host.lower()
