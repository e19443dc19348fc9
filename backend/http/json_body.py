"""Request bodies: a raw file, or JSON that matches a schema."""

import json
from collections.abc import Mapping
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from backend.errors import BadRequest, Invalid, UnsupportedMedia, pointer
from backend.http.content_encoding import decoded
from backend.http.problem_details import invalid
from backend.http.upload_stream import UploadStream, too_large
from backend.settings import settings

B = TypeVar("B", bound=BaseModel)

JSON_BYTES = 1_000_000
_MAX_FIELDS = 100  # of the outermost object; each unknown one would be an error of its own
RAW_TYPES = (
    "image/",
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/octet-stream",
    "application/zip",
    "application/vnd.ms-excel",  # and .sheet.binary.macroEnabled.12
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)


def is_raw(kind: str) -> bool:
    """Whether a body of this media type is a file; without one, its content decides what it is."""
    return not kind or kind.startswith(RAW_TYPES)


SEND_A_FILE = (
    "Send the file as multipart/form-data in a field named `file`, or as the body itself with "
    "Content-Type image/*, text/csv, application/zip or application/octet-stream, or without one."
)


_OF_ARCHIVES = ("", "application/zip", "application/x-zip-compressed", "application/octet-stream")


def media_type(request: Request) -> str:
    """The body's declared media type, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_length(request: Request, limit: int, what: str = "The file") -> None:
    """Refuse a body whose declared length exceeds `limit`, before reading it. Raises ContentTooLarge."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > limit:
        raise too_large(limit, what)


async def read_raw(request: Request, name: str, *, archives: bool = False) -> UploadStream:
    """The body as one file; with `archives`, a ZIP may be as large as what it may hold."""
    limit, archive_limit = settings().max_upload_bytes, 0
    if archives and media_type(request) in _OF_ARCHIVES:
        archive_limit = settings().max_archive_bytes
    check_length(request, max(limit, archive_limit))
    upload = UploadStream(name, limit, archive_limit=archive_limit)
    try:
        async for chunk in decoded(request):
            upload.write(chunk)
            await upload.flush()
    except BaseException:
        upload.discard()
        raise
    return upload


async def read_json(
    request: Request, body: type[B], *, allow_empty: bool = False, limit: int = JSON_BYTES
) -> B:
    """The body as `body`.

    Raises:
        BadRequest: not JSON, which has no NaN, Infinity or lone surrogates.
        UnsupportedMedia: declared as another media type, or in an unknown Content-Encoding.
        Invalid: JSON that does not match `body`.
    """
    kind = media_type(request) or "application/json"
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMedia(f"The body must be application/json, not {kind[:80]}.")
    check_length(request, limit, "The body")
    data = bytearray()
    async for chunk in decoded(request):
        data += chunk
        if len(data) > limit:
            raise too_large(limit, "The body")
    return fit(parse_json(bytes(data)) if data or not allow_empty else {}, body)


def fit(value: object, body: type[B]) -> B:
    """Raises Invalid."""
    if not isinstance(value, dict):
        raise Invalid(
            "the body: must be a JSON object", errors=[{"pointer": "", "detail": "must be a JSON object"}]
        )
    if len(value) > _MAX_FIELDS:
        detail = f"has {len(value):,} fields; the limit is {_MAX_FIELDS}"
        raise Invalid(f"the body: {detail}", errors=[{"pointer": "", "detail": detail}])
    try:
        return body.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise invalid(found, body.model_fields) from error


def parse_json(data: bytes | str, what: str = "The body") -> object:
    """Raises BadRequest, or Invalid for text that no database accepts and for a key that is there twice."""
    if not data:
        raise BadRequest(f"{what} is empty; it must be JSON.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is not valid JSON: {error}.") from error
    _refuse_repeated_keys(data, what)
    escaped = b"\\u0000" if isinstance(data, bytes) else "\\u0000"
    # `\\u0000` in JSON is a backslash and letters: only the parsed text shows which it is
    if escaped in data and _has_nul(value):  # pyright: ignore[reportOperatorIssue]
        raise Invalid(
            f"{what} contains a NUL character.", errors=[{"pointer": "", "detail": "NUL character"}]
        )
    return value


def _has_nul(value: object) -> bool:
    parts = [value]
    while parts:  # no recursion: JSON of 1,000 levels is valid
        part = parts.pop()
        if isinstance(part, str) and "\0" in part:
            return True
        if isinstance(part, dict):
            parts += [*part, *part.values()]
        elif isinstance(part, list):
            parts += part
    return False


def _refuse_repeated_keys(data: bytes | str, what: str) -> None:
    if data.count(b'"' if isinstance(data, bytes) else '"') < 4:  # pyright: ignore[reportArgumentType]
        return  # not even two keys

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            twice = next(name for name, _ in pairs if name in seen or seen.add(name))
            where = [{"pointer": pointer([twice[:80]]), "detail": "is there twice"}]
            raise Invalid(f"{what} has the key {twice[:80]!r} twice in one object.", errors=where)
        return found

    try:
        json.loads(data, object_pairs_hook=once)
    except RecursionError as error:
        raise BadRequest(f"{what} is nested too deeply.") from error


def parse_params(text: str | None) -> dict[str, object]:
    """The params of a prediction, sent as JSON text beside a file."""
    if not text:
        return {}
    where = [{"pointer": "/params", "detail": "must be a JSON object"}]
    try:
        value = parse_json(text, "params")
    except BadRequest as error:
        raise Invalid(error.detail, errors=where) from error
    if not isinstance(value, dict):
        raise Invalid("params must be a JSON object.", errors=where)
    return value


def parse_flag(text: str | None, name: str) -> bool | None:
    """None: it was left out. Raises Invalid."""
    values: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
    if not text:
        return None
    if text.lower() not in values:
        raise Invalid(
            f"{name} must be true or false.", errors=[{"pointer": f"/{name}", "detail": "true or false"}]
        )
    return values[text.lower()]
