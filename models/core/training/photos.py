"""Photos for training: a ZIP of images in the folders train, validation and test.

A user's own ZIP needs no such folders: then about one image in ten goes to validation and one to test, chosen
by its content. Files that a file manager adds to a ZIP, such as thumbnails and `__MACOSX`, are ignored.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from models.core.contract.errors import InputError
from models.core.contract.messages import Text, message_of
from models.core.images.codec import decode

SPLITS = ("train", "validation", "test")
_ADDED = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # by file managers; and all names that begin with a dot

NOT_A_ZIP = Text("core.training.not_a_zip", "The dataset is not a ZIP of images: {reason}.")
NO_PHOTO = Text(
    "core.training.no_photo",
    "The dataset has no image of at least {side} × {side} pixels for the split {split!r}.",
)
BROKEN_PHOTO = Text("core.training.broken_photo", "{name} in the dataset: {reason}")


@dataclass(frozen=True)
class Photo:
    """One image of a split: its path in the archive, and its pixels, uint8, (H, W, 3)."""

    name: str
    split: str
    pixels: np.ndarray


def load(dataset: Path, split: str, smallest_side: int = 1) -> list[Photo]:
    """The photos of one split whose shorter side has at least `smallest_side` pixels, sorted by name.

    Raises:
        InputError: not a ZIP, a file in it is not an image, or no photo is large enough.
    """
    try:
        with zipfile.ZipFile(dataset) as archive:
            names = sorted(entry.filename for entry in archive.infolist() if _is_photo(entry))
            photos = [Photo(name, split, _pixels(archive, name)) for name in _members(archive, names, split)]
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(NOT_A_ZIP(reason=str(error))) from error
    photos = [photo for photo in photos if min(photo.pixels.shape[:2]) >= smallest_side]
    if not photos:
        raise InputError(NO_PHOTO(side=smallest_side, split=split))
    return photos


def _members(archive: zipfile.ZipFile, names: Sequence[str], split: str) -> Iterator[str]:
    """The names of the split."""
    has_folders = any(name.split("/")[0] in SPLITS for name in names)
    digits = {name: archive.getinfo(name).CRC % 10 for name in names}
    # 0 and 1, unless no image of a small set has these digits; training needs some, too
    present = sorted(set(digits.values()))
    held_out = dict(zip(present, SPLITS[1 : len(present)], strict=False))
    for name in names:
        own = name.split("/")[0] if has_folders else held_out.get(digits[name], "train")
        if own == split:
            yield name


def _is_photo(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return not entry.is_dir() and not any(part in _ADDED or part.startswith(".") for part in parts)


def _pixels(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    try:
        return np.asarray(decode(archive.read(name)))
    # zipfile: truncated, encrypted, or compressed with an unsupported method
    except (InputError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError) as error:
        raise InputError(BROKEN_PHOTO(name=name, reason=message_of(error))) from error
