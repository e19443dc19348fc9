"""Verifies the log: every hash, the order, the deletions that it records, and the newest entry.

The entries are read as one stream, which is one snapshot of the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, cast, select
from sqlalchemy import Text as SqlText

from backend.database import reading
from backend.services.log.chain import BEGINNING, commitment, entry_hash
from backend.services.log.deletions import Deletions
from backend.tables import log_entries, log_head
from models.core.contract.messages import Message, Text

_MANY = 1_000  # rows in memory
_MAX_PROBLEMS = 100  # that are listed

_NO_NUMBER = Text("core.log.no_number", "The position of an entry is not a number.")
_MISSING = Text("core.log.missing", "Missing entries: {count}. Entry {position} follows {earlier}.")
_UNCHAINED = Text("core.log.unchained", "The entry does not continue the one before it.")
_CHANGED = Text("core.log.changed", "The entry was changed.")
_OTHER_DETAILS = Text("core.log.other_details", "The entry has other details than were recorded.")
_DETAIL = Text("core.log.detail", "The entry's detail {name!r} was changed.")
_DETAIL_DELETED = Text(
    "core.log.detail_deleted", "The entry's detail {name!r} was deleted, and no entry records that."
)
_NO_ANCHOR = Text(
    "core.log.no_anchor", "The entries before {position} are missing, and no entry records their deletion."
)
_NO_HEAD = Text("core.log.no_head", "The record of the newest entry is missing.")
_NOT_HEAD = Text("core.log.not_head", "The entry that was sealed last is missing, or is another one.")
_NOT_NOTED = Text("core.log.not_noted", "The entry is missing, or is not the one that was noted.")

# as texts: what was changed by hand may not be JSON any more
_JSON = [cast(log_entries.c[name], SqlText).label(name) for name in ("content", "commitments", "details")]
_PLAIN = log_entries.c.position, log_entries.c.at, log_entries.c.previous_hash, log_entries.c.hash
_ENTRIES = select(*_PLAIN, *_JSON)
_SEALED = _ENTRIES.where(log_entries.c.position.is_not(None)).order_by(log_entries.c.position)
_WAITING = _ENTRIES.where(log_entries.c.position.is_(None))


class Problem(NamedTuple):
    """What was changed, and the position of the entry."""

    position: int
    text: Message


class Place(NamedTuple):
    """An entry, by its position and its hash."""

    position: int
    hash: str


@dataclass
class Verification:
    """The outcome. `first` and `last` are the positions of the oldest and the newest entry; 0: none."""

    entries: int = 0
    first: int = 0
    last: int = 0
    head: str = BEGINNING  # hash of the newest entry
    waiting: int = 0  # entries that are not in the chain yet
    deleted_details: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        return not self.problems

    def report(self, position: int, text: Message) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(position, text))


def verify(noted: Place | None = None) -> Verification:
    """Verify the whole chain.

    Args:
        noted: an entry as it was noted earlier, outside of the database.
    """
    walk = _Walk()
    with reading() as connection:
        newest = connection.execute(select(log_head.c.position, log_head.c.hash)).one_or_none()
        head = Place(*newest) if newest else None
        walk.watched = {place.position for place in (head, noted) if place}
        walk.follow(connection.execution_options(yield_per=_MANY).execute(_SEALED))
    with reading() as connection:
        for row in connection.execute(_WAITING):
            walk.found.waiting += 1
            walk.deletions.note(_loaded(row.content))
    walk.compare(head, noted)
    walk.found.problems.sort()
    return walk.found


class _Walk:
    """One pass over the entries, from the oldest to the newest."""

    def __init__(self) -> None:
        self.found, self.deletions = Verification(), Deletions()
        self.watched: set[int] = set()
        self._hashes: dict[int, str] = {}  # of watched entries
        self._anchor: str | None = None  # the hash that the oldest entry follows

    def follow(self, rows: Iterable[Row[Any]]) -> None:
        found = self.found
        for row in rows:
            if not isinstance(row.position, int):
                found.report(found.last + 1, _NO_NUMBER())
                continue
            self._check_place(row)
            self._check_entry(row)
            found.entries += 1
            found.last, found.head = row.position, row.hash
            if row.position in self.watched:
                self._hashes[row.position] = row.hash

    def _check_place(self, row: Row[Any]) -> None:
        found, position = self.found, row.position
        if not found.entries:
            found.first, self._anchor = position, row.previous_hash
        elif position != found.last + 1:
            missing = position - found.last - 1
            found.report(found.last + 1, _MISSING(count=missing, position=position, earlier=found.last))
        elif row.previous_hash != found.head:
            found.report(position, _UNCHAINED())

    def _check_entry(self, row: Row[Any]) -> None:
        content, commitments, details = map(_loaded, (row.content, row.commitments, row.details))
        self.deletions.note(content)
        if _hash_of(row, content, commitments) != row.hash:
            self.found.report(row.position, _CHANGED())
        elif not isinstance(details, dict) or details.keys() - commitments.keys():
            self.found.report(row.position, _OTHER_DETAILS())
        else:
            for name, known in commitments.items():
                if name not in details:
                    self.deletions.miss(row.position, name)
                elif commitment(details[name]) != known:
                    self.found.report(row.position, _DETAIL(name=name))

    def compare(self, head: Place | None, noted: Place | None) -> None:
        """Compare what was read with what else is known."""
        found, anchors = self.found, self.deletions.anchors
        if found.first > 1 and anchors.get(found.first - 1) != self._anchor:
            found.report(1, _NO_ANCHOR(position=found.first))
        if found.entries and head is None:
            found.report(found.last, _NO_HEAD())
        for place in filter(None, (head, noted)):
            known = {0: BEGINNING, **anchors, **self._hashes}.get(place.position)
            is_pruned = place is noted and place.position < found.first
            if place.hash != known and not is_pruned:
                found.report(place.position, _NOT_NOTED() if place is noted else _NOT_HEAD())
        for position, name in self.deletions.unrecorded():
            found.report(position, _DETAIL_DELETED(name=name))
        found.deleted_details = self.deletions.missing()


def _loaded(text: Any) -> Any:
    """The JSON data; None: it is no JSON."""
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, TypeError):
        return None


def _hash_of(row: Row[Any], content: Any, commitments: Any) -> str | None:
    """The hash of the entry as it is now; None: it cannot be hashed."""
    if not isinstance(commitments, dict):
        return None
    try:
        return entry_hash(row.position, row.at, content, commitments, row.previous_hash)
    except (TypeError, ValueError):
        return None
