"""Uploaded files as streams: small ones in memory, large ones on disk, none beyond its limit."""

import hashlib
import tempfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from uuid import UUID

from anyio.to_thread import run_sync

from backend.errors import ContentTooLarge
from backend.schemas.base import displayable
from backend.settings import settings
from models.core.contract.messages import Text

MEMORY_BYTES = 1_000_000  # of one file; larger files go to disk
MAX_NAME = 120
_ZIP = b"PK\x03\x04"  # its first bytes


class UploadStream:
    """One file while it arrives.

    Args:
        limit: bytes of the file.
        archive_limit: bytes of a ZIP, where those may be larger.
        is_listed: false: it is for datasets only, with which it is deleted.
        dataset_id: the dataset that it is imported into, if it is.
    """

    def __init__(
        self,
        name: str,
        limit: int,
        *,
        archive_limit: int = 0,
        is_listed: bool = True,
        dataset_id: UUID | None = None,
    ):
        self.name, self.limit, self.archive_limit = clean_name(name), limit, archive_limit
        self.is_listed, self.dataset_id = is_listed, dataset_id
        self.bytes = 0
        self._start, self._is_archive = b"", None  # None: not known yet
        self.path: Path | None = None
        self._digest = hashlib.sha256()
        self._parts: list[bytes] = []
        self._held = 0
        self._file: BinaryIO | None = None

    def write(self, data: bytes) -> None:
        """Raises ContentTooLarge."""
        if self._is_archive is None and self.archive_limit:
            self._start += data[: len(_ZIP) - len(self._start)]
            if len(self._start) == len(_ZIP):
                self._is_archive = self._start == _ZIP
        self.bytes += len(data)
        limit = max(self.limit, self.archive_limit) if self._is_archive else self.limit
        if self.bytes > limit:
            raise too_large(limit)
        self._parts.append(data)
        self._held += len(data)

    async def flush(self) -> None:
        """Write buffered data to disk if it exceeds MEMORY_BYTES."""
        if self._held > MEMORY_BYTES:
            await run_sync(self._spill)

    def finish(self) -> tuple[str, bytes | None]:
        """SHA-256, and the content unless it is at `path`. Blocks: call it in a thread."""
        if self._file is None:
            data = b"".join(self._parts)
            return hashlib.sha256(data).hexdigest(), data
        self._spill()
        self._file.close()
        return self._digest.hexdigest(), None

    def discard(self) -> None:
        """Delete the file on disk, if any."""
        if self._file is not None:
            self._file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _spill(self) -> None:
        if self._file is None:
            folder = settings().work_folder() / "incoming"
            folder.mkdir(parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(dir=folder)
            self.path = Path(path)
            self._file = open(handle, "wb")  # noqa: PTH123, SIM115  a descriptor; closed by finish or discard
        for part in self._parts:
            self._digest.update(part)
            self._file.write(part)
        self._parts.clear()
        self._held = 0


def clean_name(name: str) -> str:
    """A displayable file name: no folders, no control or direction-changing characters."""
    name = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    name = displayable(name) or "upload"
    if len(name) > MAX_NAME:
        stem, dot, suffix = name.rpartition(".")
        keeps_suffix = dot and len(suffix) <= 8
        name = f"{stem[: MAX_NAME - len(suffix) - 1]}.{suffix}" if keeps_suffix else name[:MAX_NAME]
    return name


THE_FILE = Text("core.uploads.the_file", "The file")
_TOO_LARGE = Text("core.uploads.too_large", "{what} exceeds the limit of {limit:,} bytes.")


def too_large(limit: int, what: str | None = None) -> ContentTooLarge:
    return ContentTooLarge(_TOO_LARGE(what=what or THE_FILE(), limit=limit))
