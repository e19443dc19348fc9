"""Descriptions of responses and raw bodies for the OpenAPI document."""

from typing import Any

from backend.errors import (
    AppError,
    BadRequest,
    Conflict,
    ContentTooLarge,
    Forbidden,
    InsufficientStorage,
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
    Unavailable: "A part is unavailable: the database, the storage, Redis or a worker.",
    InsufficientStorage: "A disk of the server is full.",
}
_ALWAYS = (BadRequest, Unauthorized, Forbidden, Invalid, AppError, Unavailable)
CREATES = (NotFound, Conflict, ContentTooLarge, UnsupportedMedia, TooManyJobs, InsufficientStorage)


def _header(description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": description, "schema": schema or {"type": "string"}}


# of responses
LOCATION = {"Location": _header("Address of the job or the upload.")}
RETRY_AFTER = {"Retry-After": _header("Seconds after which to ask again.", {"type": "integer"})}
PREFERENCE_APPLIED = {"Preference-Applied": _header("The honored preference: respond-async or wait=N.")}
ETAG = {"ETag": _header("Changes with the content; send it as If-None-Match.")}
PENDING_HEADERS = LOCATION | RETRY_AFTER | PREFERENCE_APPLIED
ANSWER_HEADERS = {
    **LOCATION,
    **PREFERENCE_APPLIED,
    "Server-Timing": _header("queue, decode, forward, encode, store."),
    "X-Glassbox-Answer": _header("`stored`: the answer of an equal earlier job."),
}
_HEADERS: dict[type[AppError], dict[str, Any]] = {
    Unauthorized: {"WWW-Authenticate": _header("Bearer.")},
    TooManyJobs: RETRY_AFTER,
    Unavailable: RETRY_AFTER,
    RangeNotSatisfiable: {"Content-Range": _header("The size of the file.")},
    UnsupportedMedia: {"Accept-Encoding": _header("The supported encodings of a body.")},
}


def _sent(name: str, description: str, example: str, **schema: Any) -> dict[str, Any]:
    """A header of the request."""
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
        "example": example,
    }


PREFER = _sent(
    "Prefer", "wait=N: wait at most N seconds for the end; respond-async: do not wait (RFC 7240).", "wait=10"
)
IDEMPOTENCY_KEY = _sent(
    "Idempotency-Key",
    "Any text of your own. A repeated request with this key returns the first one's job; 422 if it differs.",
    "order-4711",
    minLength=1,
    maxLength=200,
    pattern=r"^[\x21-\x7e]+$",
)
CACHE_CONTROL = _sent("Cache-Control", "no-cache: compute the answer, even if it is stored.", "no-cache")
IF_NONE_MATCH = {
    "parameters": [_sent("If-None-Match", "The ETag of the client's copy: 304 if it is current.", '"5f1c"')]
}
FILE_REQUEST = {
    "parameters": [*IF_NONE_MATCH["parameters"], _sent("Range", "A part of the file.", "bytes=0-99")]
}


def problems(*errors: type[AppError]) -> Responses:
    """Responses for `errors` and for those that every route may return."""
    responses: Responses = {}
    for error in (*_ALWAYS, *errors):
        responses[error.status] = {
            "description": _DESCRIPTIONS[error],
            "content": _PROBLEM,
            **({"headers": _HEADERS[error]} if error in _HEADERS else {}),
        }
    return responses


def body(content: dict[str, Any], required: bool = True) -> dict[str, Any]:
    """A request body that the route parses without FastAPI."""
    return {"requestBody": {"required": required, "content": content}}


def json_body(schema: str) -> dict[str, Any]:
    return body({"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}})


BINARY = {"type": "string", "format": "binary"}
# of any media type; generated clients know this one
RAW_BODIES = {"application/octet-stream": {"schema": BINARY}}
NOT_MODIFIED: Responses = {304: {"description": "Not modified since the client's copy."}}
# clients that know only this type of bytes ask for it, and get it where they do
_BYTES = {"application/octet-stream": {"schema": BINARY}, "*/*": {"schema": BINARY}}
PICTURE = {"image/png": {"schema": BINARY}, "application/octet-stream": {"schema": BINARY}}
FILE: Responses = {
    200: {"description": "The file.", "headers": ETAG, "content": _BYTES},
    206: {"description": "The requested range.", "headers": ETAG, "content": _BYTES},
    **NOT_MODIFIED,
    **problems(NotFound, RangeNotSatisfiable),
}

FILE_WHOLE: Responses = {200: FILE[200], **NOT_MODIFIED}


def prediction_options(params: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form that has the inputs of a prediction beside."""
    return {
        "params": params,
        "model": {"type": "string", "maxLength": 160, "description": "name or name@version."},
        "inspect": {"type": "boolean", "description": "Store the stages with the answer."},
    }
