"""Pictures as models take them, for pages: rendered by a worker once per content, then stored.

Most uploads need none: a browser draws the file itself alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from backend.errors import NotFound, UnsupportedMedia
from backend.messaging import events
from backend.services.uploads import files
from backend.services.uploads.refusal import Refusal
from backend.storage import storage
from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.images.limits import NO_LIMIT
from models.core.images.picture_files import is_drawn_alike, open_picture


@dataclass(frozen=True)
class Shown:
    """What shows an upload: its own file, or a rendition."""

    row: Row[Any]
    is_own_file: bool

    @property
    def key(self) -> str:
        return self.row.key if self.is_own_file else f"{keys_of(self.row.sha256)}.image"


_NOT_A_PICTURE = Text("core.uploads.not_a_picture", "{name!r} is not a picture.")


def keys_of(sha256: str) -> str:
    """The common prefix of the keys of a content's rendition, or of the reason why it has none."""
    return f"renditions/{sha256[:2]}/{sha256}"


def find(upload_id: UUID) -> Shown:
    """Raises NotFound, or UnsupportedMedia: it is not a picture."""
    row = files.read_row(upload_id)
    if row.kind != MediaKind.IMAGE:
        raise UnsupportedMedia(_NOT_A_PICTURE(name=row.name))
    try:
        with storage().open(row.key) as file:
            return Shown(row, is_drawn_alike(open_picture(file, NO_LIMIT)))
    except FileNotFoundError as error:
        raise NotFound(f"The file {row.name!r} is no longer stored.") from error
    except InputError:
        return Shown(row, is_own_file=False)  # taken once, by another version


def read(shown: Shown) -> bytes | None:
    """The rendition; None: it is not computed yet. Raises Invalid: the picture cannot be read."""
    try:
        return storage().get(shown.key)
    except FileNotFoundError:
        pass
    try:
        refusal = Refusal.model_validate_json(storage().get(f"{keys_of(shown.row.sha256)}.json"))
    except FileNotFoundError:
        return None
    raise refusal.problem()


def write(upload_id: UUID, render: Callable[[bytes], bytes]) -> None:
    """Store the rendition of an upload, or why it has none, and wake the requests that wait for it."""
    try:
        row = files.read_row(upload_id)
        data = storage().get(row.key)
    except (NotFound, FileNotFoundError):
        return  # deleted in the meantime
    keys = keys_of(row.sha256)
    try:
        storage().put(f"{keys}.image", render(data))
    except InputError as error:
        storage().put(f"{keys}.json", Refusal.of(error).model_dump_json().encode())
    events.wake([upload_id])
