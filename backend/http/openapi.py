"""How responses and raw bodies are described in the OpenAPI document."""

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
_WORDS = {
    BadRequest: "The request cannot be read.",
    Unauthorized: "An API key is needed.",
    Forbidden: "Asked for by another site's page, or under a foreign name.",
    NotFound: "There is no such thing.",
    NotAcceptable: "The answer is not to be had in that form.",
    Conflict: "It is in the wrong state for that.",
    ContentTooLarge: "More than a limit; the detail says which.",
    UnsupportedMedia: "Not a kind of file or body that is taken here.",
    RangeNotSatisfiable: "The file has no such part.",
    Invalid: "A parameter, a field or the file is not valid; `errors` says where.",
    TooManyJobs: "The queue is full; Retry-After says when to come back.",
    AppError: "A bug of ours, which has been logged.",
    Unavailable: "No worker is alive.",
}
_ALWAYS = (BadRequest, Unauthorized, Forbidden, Invalid, AppError)
CREATES = (NotFound, Conflict, ContentTooLarge, UnsupportedMedia, TooManyJobs, Unavailable)


def problems(*errors: type[AppError]) -> Responses:
    """Those `errors` and the ones that every route may answer with."""
    made: Responses = {}
    for error in (*_ALWAYS, *errors):
        made[error.status] = {"description": _WORDS[error], "content": _PROBLEM}
    return made


def body(content: dict[str, Any], required: bool = True) -> dict[str, Any]:
    """A request body that a route reads by itself."""
    return {"requestBody": {"required": required, "content": content}}


def json_body(schema: str) -> dict[str, Any]:
    return body({"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}})


BINARY = {"type": "string", "format": "binary"}
RAW_BODIES = {
    kind: {"schema": BINARY}
    for kind in ("image/*", "text/csv", "application/zip", "application/octet-stream")
}
NOT_MODIFIED: Responses = {304: {"description": "The client has it already."}}
LOCATION = {"Location": {"description": "Address of the job.", "schema": {"type": "string"}}}
FILE: Responses = {
    200: {"description": "The file.", "content": {"*/*": {"schema": BINARY}}},
    206: {"description": "The part that Range asked for.", "content": {"*/*": {"schema": BINARY}}},
    **NOT_MODIFIED,
    **problems(NotFound, RangeNotSatisfiable),
}
