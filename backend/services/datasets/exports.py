"""Versions of datasets as ZIP archives, written while they are sent."""

import io
from collections.abc import Iterator
from itertools import chain
from typing import IO, Any, cast
from uuid import UUID

from backend.errors import Conflict, Invalid
from backend.http.upload_stream import clean_name
from backend.services.datasets import versions
from models.core.contract.dataset import DatasetKind
from models.core.contract.errors import InputError
from models.core.contract.messages import Text, message_of
from models.core.datasets.writing import Form, written

_OF_TABLE = Text(
    "core.datasets.requests.table_export", "{name!r} is a table: download its file instead of an archive."
)
_GONE = Text("core.datasets.requests.files_gone", "A file of this version is no longer stored.")

_PIECE_BYTES = 262_144


def stream(dataset_id: UUID, version: int, form: Form) -> tuple[str, Iterator[bytes]]:
    """The name of the archive, and its bytes.

    Raises:
        NotFound: no such dataset or version.
        Conflict: it is a table, or its files are gone.
        Invalid: a dataset of this kind cannot be written in this form.
    """
    try:
        frozen = versions.open_version(dataset_id, version)
    except FileNotFoundError as error:
        raise Conflict(_GONE()) from error
    if frozen.manifest.kind == DatasetKind.TABLE:
        raise Conflict(_OF_TABLE(name=frozen.name))
    sink = _Sink()
    pieces = _pieces(sink, written(cast(IO[bytes], sink), frozen.manifest, frozen.read, form))
    try:
        first = next(pieces)  # a form that does not fit is refused before the answer begins
    except InputError as error:
        where = [{"pointer": "/form", "detail": message_of(error)}]
        raise Invalid(message_of(error), errors=where) from error
    except FileNotFoundError as error:
        raise Conflict(_GONE()) from error
    return clean_name(f"{frozen.name} {version} {form}.zip"), chain([first], pieces)


class _Sink(io.RawIOBase):
    """Keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._held)
        self._held, self.size = [], 0
        return data


def _pieces(sink: _Sink, files: Iterator[str]) -> Iterator[bytes]:
    for _ in files:
        if sink.size >= _PIECE_BYTES:
            yield sink.take()
    yield sink.take()
