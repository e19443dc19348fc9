"""What a table upload holds, column by column: read by a worker once for each way to read it, then kept."""

import hashlib
from uuid import UUID

from kombu.exceptions import OperationalError
from pydantic import BaseModel
from redis.exceptions import RedisError

from backend.errors import Invalid, Unavailable, UnsupportedMedia
from backend.messaging import events, tickets
from backend.schemas.uploads import TableRead
from backend.services.uploads import files
from backend.storage import storage
from models.core.contract.card import MediaKind
from models.core.tables.read_options import GUESSED, Reading


class Kept(BaseModel):
    """The file beside an upload: its report, or why there is none."""

    report: TableRead | None = None
    refusal: str = ""


def key_of(sha256: str, reading: Reading) -> str:
    other = "" if reading == GUESSED else f"-{_digest(reading)}"
    return f"{keys_of(sha256)}{other}.json"


def keys_of(sha256: str) -> str:
    """What the keys of all reports on a content begin with."""
    return f"reports/{sha256[:2]}/{sha256}"


def _digest(reading: Reading) -> str:
    return hashlib.sha256(reading.model_dump_json().encode()).hexdigest()[:16]


def check(upload_id: UUID, reading: Reading) -> str:
    """Where the table's report is kept. Raises NotFound, or UnsupportedMedia: it is no table."""
    upload = files.read_row(upload_id)
    if upload.kind != MediaKind.TABLE:
        raise UnsupportedMedia(f"{upload.name!r} is of kind {upload.kind}; only a table has columns.")
    return key_of(upload.sha256, reading)


def read(key: str) -> TableRead | None:
    """The kept report; None: no worker has written it yet. Raises Invalid: the table cannot be read."""
    try:
        kept = Kept.model_validate_json(storage().get(key))
    except FileNotFoundError:
        return None
    if kept.report is None:
        raise Invalid(kept.refusal, errors=[{"pointer": "/file", "detail": kept.refusal}])
    return kept.report


def ask(upload_id: UUID, reading: Reading) -> None:
    """Let a worker read the table. Raises Unavailable: there is no way to tell one."""
    try:
        tickets.publish_look(upload_id, reading.model_dump_json())
    except (OperationalError, RedisError, OSError) as error:
        raise Unavailable(f"The broker is away: {error}", headers={"Retry-After": "5"}) from error


def keep(upload_id: UUID, key: str, kept: Kept) -> None:
    """Write a worker's report, and wake who waits for it."""
    storage().put(key, kept.model_dump_json().encode())
    events.wake([upload_id])
