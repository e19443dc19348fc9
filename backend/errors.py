"""Errors that a client is told about; `backend.http.problem_details` renders each (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence


class AppError(Exception):
    """An expected failure with its HTTP status. `detail` is for people and names what and where."""

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
    status, title = 401, "An API key is needed"


class Forbidden(AppError):
    status, title = 403, "Not allowed from there"


class NotFound(AppError):
    status, title = 404, "Not found"


class NotAcceptable(AppError):
    status, title = 406, "Not available in that form"


class Conflict(AppError):
    status, title = 409, "Wrong state"


class ContentTooLarge(AppError):
    status, title = 413, "Too large"


class UnsupportedMedia(AppError):
    status, title = 415, "Not a kind of file taken"


class RangeNotSatisfiable(AppError):
    status, title = 416, "Not a part of the file"


class Invalid(AppError):
    status, title = 422, "Invalid"


class TooManyJobs(AppError):
    status, title = 429, "The queue is full"


class Unavailable(AppError):
    status, title = 503, "Not available now"


def pointer(location: Iterable[object]) -> str:
    """JSON pointer (RFC 6901) to what pydantic calls a location."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
