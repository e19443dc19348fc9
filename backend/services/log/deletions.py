"""The deletions that entries of the log record, compared with what is missing."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from backend.services.log.forgetting import FORGET
from backend.services.log.pruning import PRUNE


class Deletions:
    """Gathered while the entries are read."""

    def __init__(self) -> None:
        self.anchors: dict[int, str] = {}  # position of the last entry of a deletion by age -> its hash
        self._recorded: dict[str, list[tuple[int, int]]] = {}  # field -> first and last positions
        self._missing: dict[str, list[tuple[int, int]]] = {}

    def note(self, content: Any) -> None:
        """Remember what an entry records, if it is about deletions."""
        with suppress(KeyError, TypeError, ValueError, AttributeError):  # of an entry changed by hand
            if content["action"] == PRUNE:
                self.anchors[int(content["until"])] = content["hash"]
            elif content["action"] == FORGET:
                for name, ranges in content["fields"].items():
                    recorded = [(int(first), int(last)) for first, last in ranges]
                    self._recorded.setdefault(name, []).extend(recorded)

    def miss(self, position: int, name: str) -> None:
        """Note that an entry lacks a field; called in the order of the positions."""
        ranges = self._missing.setdefault(name, [])
        first = ranges.pop()[0] if ranges and ranges[-1][1] == position - 1 else position
        ranges.append((first, position))

    def missing(self) -> int:
        """The number of missing fields."""
        return sum(last - first + 1 for ranges in self._missing.values() for first, last in ranges)

    def unrecorded(self) -> Iterator[tuple[int, str]]:
        """Position and field of each missing field whose deletion no entry records."""
        for name, missing in self._missing.items():
            recorded = deque(sorted(self._recorded.get(name, [])))
            for first, last in missing:
                position = first
                while position <= last:
                    while recorded and recorded[0][1] < position:
                        recorded.popleft()
                    if recorded and recorded[0][0] <= position:
                        position = recorded[0][1] + 1
                    else:
                        yield position, name
                        position += 1
