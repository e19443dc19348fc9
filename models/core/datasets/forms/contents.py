"""The pictures of an archive and its other files, before it is known which form of dataset they make."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from models.core.contract.dataset import DatasetKind, Picture, Split
from models.core.contract.dataset_report import Finding, Problems
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.datasets.forms.files import Files
from models.core.images.limits import UnsupportedFile
from models.core.images.picture_files import NotAPicture, Opened, open_picture

Progress = Callable[[int, int], None]  # files done, of how many


def silent(done: int, total: int) -> None:
    """Ignore the report."""


# recognized by content; an ending matters only for files whose content is no picture
PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".avif"}
LEVEL_MODES = ("1", "L", "P", "I;16", "I;16B", "I")  # of Pillow: a number for each pixel
_TEXT_ENDINGS = {".json", ".xml", ".txt", ".csv", ".tsv", ".yaml", ".yml", ".names", ".data", ".md"}
_TEXT_ENDINGS |= {".html", ".cache", ".pdf"}
_SPLIT_NAMES: dict[str, Split] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}

UNREADABLE_PICTURE = Finding(
    "unreadable_picture",
    "error",
    Text(
        "core.datasets.unreadable_picture",
        "Pictures that cannot be read: {n:,}. They were left out. {reason}",
    ),
)
EMPTY_PICTURE = Finding(
    "empty_picture",
    "error",
    Text("core.datasets.empty_picture", "Pictures of 0 bytes: {n:,}. They were left out."),
)
ANIMATED = Finding(
    "animated", "note", Text("core.datasets.animated", "Animated pictures: {n:,}. Their first frame is used.")
)
SAME_BUT_CASE = Finding(
    "same_but_case",
    "warning",
    Text(
        "core.datasets.same_but_case",
        "Files whose names differ by upper and lower case only: {n:,}. Some systems cannot keep both.",
    ),
)

MISSING_PICTURE = Finding(
    "missing_picture",
    "error",
    Text(
        "core.datasets.missing_picture",
        "Labels of pictures that the archive does not have: {n:,}. They were left out.",
    ),
)
AMBIGUOUS_PICTURE = Finding(
    "ambiguous_picture",
    "error",
    Text(
        "core.datasets.ambiguous_picture",
        "Labels whose picture is one of several files with the same name: {n:,}. They were left out.",
    ),
)
LISTED_TWICE = Finding(
    "listed_twice",
    "warning",
    Text("core.datasets.listed_twice", "Pictures that are listed twice: {n:,}. The first entry was used."),
)
OTHER_SIZE = Finding(
    "other_size",
    "warning",
    Text(
        "core.datasets.other_size",
        "Pictures whose size is not the one in the labels: {n:,}. Check that their objects are in place.",
    ),
)


@dataclass
class Labeled:
    """A dataset as one form has it."""

    kind: DatasetKind
    classes: list[str]
    pictures: list[Picture]


@dataclass
class Contents:
    """What an archive contains: its pictures without labels, and the names of its other files."""

    files: Files
    pictures: dict[str, Picture] = field(default_factory=dict)
    colored: set[str] = field(default_factory=set)  # pictures that are neither gray nor have a palette
    others: list[str] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    first_reason: tuple[str, InputError] | None = None  # a picture that cannot be read, and why

    def ending_with(self, *endings: str) -> list[str]:
        """The other files with one of these endings, in lower case."""
        return [name for name in self.others if PurePosixPath(name).suffix.lower() in endings]


def survey(files: Files, progress: Progress) -> Contents:
    """Reads every picture once, for its size and its hash."""
    contents = Contents(files)
    lowered: dict[str, str] = {}
    for done, name in enumerate(files.names):
        progress(done, len(files.names))
        if lowered.setdefault(name.casefold(), name) != name:
            contents.problems.add(SAME_BUT_CASE, name)
        if PurePosixPath(name).suffix.lower() in _TEXT_ENDINGS:
            contents.others.append(name)
        else:
            _survey_one(contents, name)
    progress(len(files.names), len(files.names))
    return contents


def _survey_one(contents: Contents, name: str) -> None:
    is_named_picture = PurePosixPath(name).suffix.lower() in PICTURE_ENDINGS
    if is_named_picture and not contents.files.bytes_of(name):
        contents.problems.add(EMPTY_PICTURE, name)
        return
    try:
        contents.pictures[name] = _picture(contents, name)
    except NotAPicture as error:
        if is_named_picture:
            _leave_out(contents, name, error)
        else:
            contents.others.append(name)
    except InputError as error:
        if isinstance(error, UnsupportedFile) and not is_named_picture:
            contents.others.append(name)
        else:
            _leave_out(contents, name, error)


def _leave_out(contents: Contents, name: str, error: InputError) -> None:
    contents.first_reason = contents.first_reason or (name, error)
    contents.problems.add(UNREADABLE_PICTURE, name, reason=error.args[0])


def _picture(contents: Contents, name: str) -> Picture:
    data = contents.files.read(name)
    opened = open_picture(data, contents.files.limits.pixels)
    if _is_animated(opened):
        contents.problems.add(ANIMATED, name)
    if opened.image.mode not in LEVEL_MODES:
        contents.colored.add(name)
    width, height = opened.size
    return Picture(file=name, width=width, height=height, sha256=hashlib.sha256(data).hexdigest())


def _is_animated(opened: Opened) -> bool:
    if opened.png is not None:
        return opened.png.is_animated
    try:
        return opened.format in ("GIF", "WebP") and bool(getattr(opened.image, "is_animated", False))
    except Exception:  # noqa: BLE001  a later frame is damaged, and only the first one is used
        return True


def split_of(path: str) -> Split | None:
    """The split that a folder or a file name states, such as `train2017/` or `instances_val2017.json`."""
    for part in reversed(PurePosixPath(path).parts):
        for token in re.split(r"[^a-z]+", part.lower()):
            if token in _SPLIT_NAMES:
                return _SPLIT_NAMES[token]
    return None


def split_of_folder(path: str) -> Split | None:
    """The split that one of the folders of a picture states; its own name states none."""
    folders = reversed(PurePosixPath(path).parts[:-1])
    return next((split for split in map(split_named, folders) if split), None)


def split_named(text: str) -> Split | None:
    """The split of this name, such as `valid` or `val2017`."""
    return _SPLIT_NAMES.get(re.sub(r"[_\-\d]+$", "", text.strip().lower()))
