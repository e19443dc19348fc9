"""Errors reported to clients; `backend.http.problem_details` renders them (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence


class AppError(Exception):
    """An expected failure with its HTTP status. `detail` names the problem and its place, for people."""

    status = 500
    title = "Internal error"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ):
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)  # [{"pointer": "/params/score", "detail": "..."}]
        self.headers = dict(headers or {})
        self.extra = extra


class BadRequest(AppError):
    status, title = 400, "Bad request"


class Unauthorized(AppError):
    status, title = 401, "Authentication required"


class Forbidden(AppError):
    status, title = 403, "Forbidden"


class NotFound(AppError):
    status, title = 404, "Not found"


class NotAcceptable(AppError):
    status, title = 406, "Not acceptable"


class Conflict(AppError):
    status, title = 409, "Conflict"


class ContentTooLarge(AppError):
    status, title = 413, "Content too large"


class UnsupportedMedia(AppError):
    status, title = 415, "Unsupported media type"


class RangeNotSatisfiable(AppError):
    status, title = 416, "Range not satisfiable"


class Invalid(AppError):
    status, title = 422, "Invalid request"


class TooManyJobs(AppError):
    status, title = 429, "Queue full"


class Unavailable(AppError):
    status, title = 503, "Service unavailable"


def pointer(location: Iterable[object]) -> str:
    """JSON pointer (RFC 6901) of a location as pydantic reports it."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
