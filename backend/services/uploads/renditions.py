"""Pictures as models take them, for pages, whole or small: rendered by a worker once per content.

Most uploads need no whole one: a browser draws the file itself alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
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
from models.core.images.picture_files import Opened, is_drawn_alike, open_picture

_LIGHT_BYTES, _LIGHT_SIDE = 100_000, 768  # a file up to these is as good as its thumbnail


class Rendition(StrEnum):
    """What is rendered of a picture."""

    PICTURE = "picture"
    THUMBNAIL = "thumbnail"  # for lists of many


@dataclass(frozen=True)
class Shown:
    """What shows an upload: its own file, or a rendition."""

    row: Row[Any]
    rendition: Rendition
    is_own_file: bool

    @property
    def key(self) -> str:
        return self.row.key if self.is_own_file else _key(self.row.sha256, self.rendition)


_ENDINGS = {Rendition.PICTURE: "image", Rendition.THUMBNAIL: "thumbnail"}
_NOT_A_PICTURE = Text("core.uploads.not_a_picture", "{name!r} is not a picture.")


def keys_of(sha256: str) -> str:
    """The common prefix of the keys of a content's renditions, or of the reason why it has none."""
    return f"renditions/{sha256[:2]}/{sha256}"


def _key(sha256: str, rendition: Rendition) -> str:
    return f"{keys_of(sha256)}.{_ENDINGS[rendition]}"


def find(upload_id: UUID, rendition: Rendition) -> Shown:
    """Raises NotFound, or UnsupportedMedia: it is not a picture."""
    row = files.read_row(upload_id)
    if row.kind != MediaKind.IMAGE:
        raise UnsupportedMedia(_NOT_A_PICTURE(name=row.name))
    try:
        with storage().open(row.key) as file:
            return Shown(row, rendition, _is_enough(row.bytes, open_picture(file, NO_LIMIT), rendition))
    except FileNotFoundError as error:
        raise NotFound(f"The file {row.name!r} is no longer stored.") from error
    except InputError:
        return Shown(row, rendition, is_own_file=False)  # taken once, by another version


def _is_enough(size: int, opened: Opened, rendition: Rendition) -> bool:
    """Whether the file itself serves."""
    is_light = size <= _LIGHT_BYTES and max(opened.size) <= _LIGHT_SIDE
    return is_drawn_alike(opened) and (rendition == Rendition.PICTURE or is_light)


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


def write(upload_id: UUID, rendition: Rendition, render: Callable[[bytes], bytes]) -> None:
    """Store the rendition of an upload, or why it has none, and wake the requests that wait for it."""
    try:
        row = files.read_row(upload_id)
        data = storage().get(row.key)
    except (NotFound, FileNotFoundError):
        return  # deleted in the meantime
    try:
        storage().put(_key(row.sha256, rendition), render(data))
    except InputError as error:
        storage().put(f"{keys_of(row.sha256)}.json", Refusal.of(error).model_dump_json().encode())
    events.wake([upload_id])
