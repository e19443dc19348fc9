"""Descriptions of responses and raw bodies for the OpenAPI document."""

from typing import Any

from backend.errors import (
    AppError,
    BadRequest,
    Conflict,
    ContentTooLarge,
    Forbidden,
    Invalid,
    NotAcceptable,
    NotFound,
    RangeNotSatisfiable,
    TooManyJobs,
    Unauthorized,
    Unavailable,
    UnsupportedMedia,
)

Responses = dict[int | str, dict[str, Any]]
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_DESCRIPTIONS = {
    BadRequest: "The request is malformed.",
    Unauthorized: "An API key is required.",
    Forbidden: "Sent by a page of another site, or under a foreign host name.",
    NotFound: "Not found.",
    NotAcceptable: "The answer is not available in the accepted media types.",
    Conflict: "The current state does not allow this.",
    ContentTooLarge: "A limit is exceeded; the detail names it.",
    UnsupportedMedia: "The type of the file or body is not supported.",
    RangeNotSatisfiable: "The requested range is outside the file.",
    Invalid: "A parameter, a field or the file is invalid; `errors` lists the places.",
    TooManyJobs: "The queue is full; Retry-After gives the time to wait.",
    AppError: "An internal error, which has been logged.",
    Unavailable: "No worker is available.",
}
_ALWAYS = (BadRequest, Unauthorized, Forbidden, Invalid, AppError)
CREATES = (NotFound, Conflict, ContentTooLarge, UnsupportedMedia, TooManyJobs, Unavailable)


def problems(*errors: type[AppError]) -> Responses:
    """Responses for `errors` and for those that every route may return."""
    responses: Responses = {}
    for error in (*_ALWAYS, *errors):
        responses[error.status] = {"description": _DESCRIPTIONS[error], "content": _PROBLEM}
    return responses


def body(content: dict[str, Any], required: bool = True) -> dict[str, Any]:
    """A request body that the route parses without FastAPI."""
    return {"requestBody": {"required": required, "content": content}}


def json_body(schema: str) -> dict[str, Any]:
    return body({"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}})


BINARY = {"type": "string", "format": "binary"}
RAW_BODIES = {
    kind: {"schema": BINARY}
    for kind in ("image/*", "text/csv", "application/zip", "application/octet-stream")
}
NOT_MODIFIED: Responses = {304: {"description": "Not modified since the client's copy."}}
LOCATION = {"Location": {"description": "Address of the job.", "schema": {"type": "string"}}}
FILE: Responses = {
    200: {"description": "The file.", "content": {"*/*": {"schema": BINARY}}},
    206: {"description": "The requested range.", "content": {"*/*": {"schema": BINARY}}},
    **NOT_MODIFIED,
    **problems(NotFound, RangeNotSatisfiable),
}
