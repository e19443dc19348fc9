"""Responses: bodies as JSON, serialized directly, and files with ETag, Range and safe headers."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from typing import BinaryIO
from urllib.parse import quote

from anyio.to_thread import run_sync
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from backend.errors import NotFound, RangeNotSatisfiable
from backend.storage import storage

_CHUNK_BYTES = 262_144
_IN_ONE_PIECE = 1_000_000
# a user's file opened in its own tab must not run as a page of the application
_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox"
_INLINE_TYPES = {"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "application/json"}
_SAFE_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def reply(body: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as JSON; numbers that JSON cannot represent are null."""
    return Response(_json(body), status, dict(headers or {}), "application/json")


def reply_with_etag(request: Request, body: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as JSON with an ETag; 304 if the client has it already."""
    return reply_json(request, *to_json_with_etag(body), headers)


def to_json_with_etag(body: BaseModel) -> tuple[bytes, str]:
    data = _json(body)
    return data, f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'


def reply_json(
    request: Request, data: bytes, etag: str, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON with its ETag; 304 if the client has it already."""
    all_headers = {"ETag": etag, "Cache-Control": "no-cache", **(headers or {})}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=all_headers)
    return Response(data, 200, all_headers, "application/json")


def _json(body: BaseModel) -> bytes:
    return body.__pydantic_serializer__.to_json(body)


def matches(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header lists `etag`."""
    if header is None:
        return False
    return header.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in header.split(","))


def disposition(name: str, is_inline: bool) -> str:
    """Content-Disposition of a file with a user's name (RFC 6266)."""
    kind = "inline" if is_inline else "attachment"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)[:120]
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:120], safe='')}"


def file_headers(media_type: str, name: str, etag: str) -> dict[str, str]:
    """Headers of a user's file, which never changes."""
    return {
        "ETag": etag,
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": disposition(name, media_type in _INLINE_TYPES),
        "Content-Security-Policy": _CONTENT_POLICY,
    }


async def reply_file(
    request: Request, *, key: str, name: str, media_type: str, total: int, etag: str
) -> Response:
    """The stored file `key`, or the requested range of it."""
    if not _SAFE_MEDIA_TYPE.fullmatch(media_type):
        media_type = "application/octet-stream"
    headers = {**file_headers(media_type, name, etag), "Accept-Ranges": "bytes"}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    status, start, end = _range(request, etag, total)
    if status == 416:
        raise RangeNotSatisfiable(
            f"The file has {total:,} bytes.", headers={"Content-Range": f"bytes */{total}"}
        )
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{total}"
    headers["Content-Length"] = str(end - start)
    try:
        file = await run_sync(storage().open, key)
    except FileNotFoundError as error:
        raise NotFound(f"The file {name!r} is no longer stored.") from error
    if end - start <= _IN_ONE_PIECE:
        data = await run_sync(_read_all, file, start, end)
        return Response(data, status, headers, media_type)
    return StreamingResponse(_pieces(file, start, end), status, headers, media_type)


def _range(request: Request, etag: str, total: int) -> tuple[int, int, int]:
    """Status, first byte and the one after the last. A malformed Range is ignored."""
    header = request.headers.get("range")
    condition = request.headers.get("if-range")
    found = re.fullmatch(r"bytes=(\d{0,19})-(\d{0,19})", header.replace(" ", "")) if header else None
    if found is None or (condition is not None and condition.strip() != etag):
        return 200, 0, total
    first, last = found.groups()
    if not first and not last:
        return 200, 0, total
    if not first:
        start, end = max(0, total - int(last)), total
        return (206, start, end) if int(last) and total else (416, 0, 0)
    start, end = int(first), min(total, int(last) + 1 if last else total)
    if last and int(last) < start:
        return 200, 0, total
    return (206, start, end) if start < total else (416, 0, 0)


def _read_all(file: BinaryIO, start: int, end: int) -> bytes:
    with file:
        file.seek(start)
        return file.read(end - start)


async def _pieces(file: BinaryIO, start: int, end: int) -> AsyncIterator[bytes]:
    try:
        await run_sync(file.seek, start)
        left = end - start
        while left > 0:
            data = await run_sync(file.read, min(_CHUNK_BYTES, left))
            if not data:
                return
            left -= len(data)
            yield data
    finally:
        file.close()
