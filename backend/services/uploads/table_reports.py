"""Reports of uploaded tables, column by column: computed by a worker once per read options, then stored."""

import hashlib
from uuid import UUID

from pydantic import BaseModel

from backend.errors import UnsupportedMedia
from backend.messaging import events
from backend.schemas.uploads import TableRead
from backend.services.uploads import files
from backend.services.uploads.refusal import Refusal
from backend.storage import storage
from models.core.contract.card import MediaKind
from models.core.contract.messages import Text
from models.core.tables.read_options import DEFAULT_OPTIONS, ReadOptions

_FORM = 3  # of a report: those of an older form are computed again


class Kept(BaseModel):
    """The file beside an upload: its report, or the reason why it cannot be read."""

    report: TableRead | None = None
    refusal: Refusal | None = None


def key_of(sha256: str, reading: ReadOptions) -> str:
    other = "" if reading == DEFAULT_OPTIONS else f"-{_digest(reading)}"
    return f"{keys_of(sha256)}{other}.{_FORM}.json"


def keys_of(sha256: str) -> str:
    """The common prefix of the keys of all reports on a content."""
    return f"reports/{sha256[:2]}/{sha256}"


_NOT_A_TABLE = Text("core.uploads.not_a_table", "{name!r} is not a table; only tables have columns.")


def _digest(reading: ReadOptions) -> str:
    return hashlib.sha256(reading.model_dump_json().encode()).hexdigest()[:16]


def check(upload_id: UUID, reading: ReadOptions) -> str:
    """The storage key of the table's report. Raises NotFound, or UnsupportedMedia: it is not a table."""
    upload = files.read_row(upload_id)
    if upload.kind != MediaKind.TABLE:
        raise UnsupportedMedia(_NOT_A_TABLE(name=upload.name))
    return key_of(upload.sha256, reading)


def read(key: str) -> TableRead | None:
    """The stored report; None: it is not computed yet. Raises Invalid: the table cannot be read."""
    try:
        kept = Kept.model_validate_json(storage().get(key))
    except FileNotFoundError:
        return None
    if kept.refusal is not None:
        raise kept.refusal.problem()
    return kept.report


def keep(upload_id: UUID, key: str, kept: Kept) -> None:
    """Store a worker's report, and wake the requests that wait for it."""
    storage().put(key, kept.model_dump_json().encode())
    events.wake([upload_id])
