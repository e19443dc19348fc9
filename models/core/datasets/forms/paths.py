"""Which file of an archive a label means, whose path was written on another computer."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from models.core.datasets.forms.contents import split_of, split_of_folder


class Paths:
    """The pictures of an archive by their path, its ends, and their base name."""

    def __init__(self, names: Iterable[str]):
        self._names = set(names)
        self._by_base: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._names):
            path = PurePosixPath(name)
            self._by_base[path.name].append(name)
            self._by_stem[path.stem].append(name)

    def find(self, stated: str, beside: str) -> list[str]:
        """The pictures that `stated`, in the file `beside`, can mean; the best match alone, if any."""
        path = PurePosixPath(unicodedata.normalize("NFC", stated.replace("\\", "/")).lstrip("/"))
        folder = PurePosixPath(beside).parent
        for exact in (folder / path, path):
            if (name := _resolved(exact)) in self._names:
                return [name]
        same_base = self._by_base.get(path.name, [])
        for parts in range(len(path.parts), 0, -1):
            end = path.parts[-parts:]
            found = [name for name in same_base if PurePosixPath(name).parts[-parts:] == end]
            if found:
                return self._of_the_same_split(found, beside)
        return []

    def of_label(self, label: str) -> list[str]:
        """The pictures that have the name of the file `label` but for its ending; the best match alone.

        A picture beside it comes first, then one in `images/` where the label is in `labels/`.
        """
        path = PurePosixPath(label)
        found = self._by_stem.get(path.stem, [])
        if len(found) < 2:
            return found
        for folder in (path.parent, _mirrored(path.parent)):
            beside = [name for name in found if PurePosixPath(name).parent == folder]
            if beside:
                return beside
        return self._of_the_same_split(found, label)

    def _of_the_same_split(self, names: list[str], beside: str) -> list[str]:
        split = split_of(beside)
        same = [name for name in names if split and split_of_folder(name) == split]
        return same if len(same) == 1 else names


def _resolved(path: PurePosixPath) -> str:
    """The path without `.` and `..`."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _mirrored(folder: PurePosixPath) -> PurePosixPath:
    """The folder with its last `labels` replaced by `images`."""
    parts = list(folder.parts)
    for index in reversed(range(len(parts))):
        if parts[index].lower() == "labels":
            parts[index] = "images"
            break
    return PurePosixPath(*parts)
