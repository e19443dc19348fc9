"""Errors reported to clients; `backend.http.problem_details` renders them (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence


class AppError(Exception):
    """An expected failure with its HTTP status. `detail` names the problem and its place, for people.

    `type` is a stable name for programs (RFC 9457).
    """

    type = "urn:glassbox:internal-error"
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
    type = "urn:glassbox:bad-request"
    status, title = 400, "Bad request"


class Unauthorized(AppError):
    type = "urn:glassbox:unauthorized"
    status, title = 401, "Authentication required"


class Forbidden(AppError):
    type = "urn:glassbox:forbidden"
    status, title = 403, "Forbidden"


class NotFound(AppError):
    type = "urn:glassbox:not-found"
    status, title = 404, "Not found"


class NotAcceptable(AppError):
    type = "urn:glassbox:not-acceptable"
    status, title = 406, "Not acceptable"


class MethodNotAllowed(AppError):
    type = "urn:glassbox:method-not-allowed"
    status, title = 405, "Method not allowed"


class Conflict(AppError):
    type = "urn:glassbox:conflict"
    status, title = 409, "Conflict"


class ContentTooLarge(AppError):
    type = "urn:glassbox:content-too-large"
    status, title = 413, "Content too large"


class UnsupportedMedia(AppError):
    type = "urn:glassbox:unsupported-media"
    status, title = 415, "Unsupported media type"


class RangeNotSatisfiable(AppError):
    type = "urn:glassbox:range-not-satisfiable"
    status, title = 416, "Range not satisfiable"


class Invalid(AppError):
    type = "urn:glassbox:invalid"
    status, title = 422, "Invalid request"


class KeyReused(AppError):
    type = "urn:glassbox:idempotency-key-reused"
    status, title = 422, "Idempotency-Key is already used"


class TooManyJobs(AppError):
    type = "urn:glassbox:too-many-jobs"
    status, title = 429, "Queue full"


class Unavailable(AppError):
    type = "urn:glassbox:unavailable"
    status, title = 503, "Service unavailable"


class InsufficientStorage(AppError):
    type = "urn:glassbox:insufficient-storage"
    status, title = 507, "Insufficient storage"


class StorageAway(OSError):
    """The storage does not answer, or refuses: worth another try. A missing file is a FileNotFoundError."""


def pointer(location: Iterable[object]) -> str:
    """JSON pointer (RFC 6901) of a location as pydantic reports it."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
