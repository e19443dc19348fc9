"""A file for readers of headers, which bounds what they do with it.

Pillow reads the header of a JPEG, GIF or TIFF file block by block, each for a microsecond or more and some
with an object that is kept; a file of 50 MB can have ten million blocks. Honest files have a few hundred.
"""

from typing import Any, BinaryIO

_MAX_READS = 20_000
_BYTES_PER_BYTE = 3  # read in all, for each byte of the file; readers that seek read some twice


class TooManyParts(Exception):
    """The header has more parts than any that makes sense."""


class HeaderReader:
    """`file` as a reader of its header gets it, until `release`: then it is read without limits."""

    def __init__(self, file: BinaryIO):
        self._file = file
        start = file.tell()
        size = file.seek(0, 2)
        file.seek(start)
        self._reads_left = _MAX_READS
        self._bytes_left = _BYTES_PER_BYTE * size + 1_000_000
        self._is_limited = True

    def read(self, size: int = -1, /) -> bytes:
        """Raises TooManyParts."""
        data = self._file.read(size)
        if self._is_limited:
            self._reads_left -= 1
            self._bytes_left -= len(data)
            if self._reads_left < 0 or self._bytes_left < 0:
                raise TooManyParts
        return data

    def release(self) -> None:
        self._is_limited = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
