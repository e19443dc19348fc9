"""Bodies that a client compressed, decompressed piece by piece: their limits hold for what comes out."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

from starlette.requests import Request

from backend.errors import BadRequest, UnsupportedMedia

_PIECE_BYTES = 262_144
_MAX_MEMBERS = 100  # of one gzip file; each costs time, however little comes out
_GZIP = 16 + zlib.MAX_WBITS


async def decoded(request: Request) -> AsyncIterator[bytes]:
    """The pieces of the body without its Content-Encoding (gzip or none).

    Raises:
        BadRequest: damaged, or cut off.
        UnsupportedMedia: another encoding.
    """
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        async for chunk in request.stream():
            yield chunk
        return
    if encoding not in ("gzip", "x-gzip"):
        raise UnsupportedMedia(
            f"The body has the Content-Encoding {encoding[:80]}; gzip is supported, and none.",
            headers={"Accept-Encoding": "gzip"},
        )
    gzip = _Gzip()
    async for chunk in request.stream():
        for piece in gzip.feed(chunk):
            yield piece
            await asyncio.sleep(0)  # other requests go on between the pieces of a large one
    gzip.finish()


class _Gzip:
    """A gzip file as it arrives; it may have several members (RFC 1952)."""

    def __init__(self) -> None:
        self._members = 1
        self._current = zlib.decompressobj(_GZIP)
        self._is_empty = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What comes out, in pieces of bounded size. Raises BadRequest."""
        piece = b""
        while data or len(piece) == _PIECE_BYTES:
            self._is_empty = False
            if self._current.eof and data:
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise BadRequest(f"The gzip body has more than {_MAX_MEMBERS} members.")
                self._current = zlib.decompressobj(_GZIP)
            try:
                piece = self._current.decompress(data, _PIECE_BYTES)
            except zlib.error as error:
                raise BadRequest(f"The gzip body is damaged: {error}.") from error
            data = self._current.unused_data if self._current.eof else self._current.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Raises BadRequest: the end is missing."""
        if not self._is_empty and not self._current.eof:
            raise BadRequest("The gzip body is incomplete.")
