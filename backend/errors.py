"""Errors reported to clients; `backend.http.problem_details` renders them (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence

from models.core.contract.messages import Text


class AppError(Exception):
    """An expected failure with its HTTP status. `detail` names the problem and its place, for people.

    `type` is a stable name for programs (RFC 9457).
    """

    type = "urn:glassbox:internal-error"
    status = 500
    title = Text("core.problems.internal_error", "Internal error")()

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
        # [{"pointer": "/params/score", "detail": "..."}]; a detail may be a Message
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = extra


class BadRequest(AppError):
    type = "urn:glassbox:bad-request"
    status = 400
    title = Text("core.problems.bad_request", "Bad request")()


class Unauthorized(AppError):
    type = "urn:glassbox:unauthorized"
    status = 401
    title = Text("core.problems.unauthorized", "Authentication required")()


class Forbidden(AppError):
    type = "urn:glassbox:forbidden"
    status = 403
    title = Text("core.problems.forbidden", "Forbidden")()


class NotFound(AppError):
    type = "urn:glassbox:not-found"
    status = 404
    title = Text("core.problems.not_found", "Not found")()


class NotAcceptable(AppError):
    type = "urn:glassbox:not-acceptable"
    status = 406
    title = Text("core.problems.not_acceptable", "Not acceptable")()


class MethodNotAllowed(AppError):
    type = "urn:glassbox:method-not-allowed"
    status = 405
    title = Text("core.problems.method_not_allowed", "Method not allowed")()


class Conflict(AppError):
    type = "urn:glassbox:conflict"
    status = 409
    title = Text("core.problems.conflict", "Conflict")()


class ContentTooLarge(AppError):
    type = "urn:glassbox:content-too-large"
    status = 413
    title = Text("core.problems.content_too_large", "Content too large")()


class UnsupportedMedia(AppError):
    type = "urn:glassbox:unsupported-media"
    status = 415
    title = Text("core.problems.unsupported_media", "Unsupported media type")()


class RangeNotSatisfiable(AppError):
    type = "urn:glassbox:range-not-satisfiable"
    status = 416
    title = Text("core.problems.range_not_satisfiable", "Range not satisfiable")()


class Invalid(AppError):
    type = "urn:glassbox:invalid"
    status = 422
    title = Text("core.problems.invalid", "Invalid request")()


class KeyReused(AppError):
    type = "urn:glassbox:idempotency-key-reused"
    status = 422
    title = Text("core.problems.idempotency_key_reused", "Idempotency-Key is already used")()


class TooManyJobs(AppError):
    type = "urn:glassbox:too-many-jobs"
    status = 429
    title = Text("core.problems.too_many_jobs", "Queue full")()


class Unavailable(AppError):
    type = "urn:glassbox:unavailable"
    status = 503
    title = Text("core.problems.unavailable", "Service unavailable")()


class InsufficientStorage(AppError):
    type = "urn:glassbox:insufficient-storage"
    status = 507
    title = Text("core.problems.insufficient_storage", "Insufficient storage")()


class StorageAway(OSError):
    """The storage does not answer, or refuses: worth another try. A missing file is a FileNotFoundError."""


def pointer(location: Iterable[object]) -> str:
    """JSON pointer (RFC 6901) of a location as pydantic reports it."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
