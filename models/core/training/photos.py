"""Photos to learn from: a ZIP of pictures in the folders train, validation and test.

A user's own ZIP needs no such folders: then about one picture in ten goes to validation and one to test,
chosen by its content. What a file manager adds to a ZIP, such as thumbnails and `__MACOSX`, is passed over.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from models.core.contract.errors import InputError
from models.core.images.codec import decode

SPLITS = ("train", "validation", "test")
_ADDED = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # by file managers; and whatever begins with a dot


@dataclass(frozen=True)
class Photo:
    """One picture of a set: where it lies in the archive, and its pixels, uint8, (H, W, 3)."""

    name: str
    split: str
    pixels: np.ndarray


def load(dataset: Path, split: str, least: int = 1) -> list[Photo]:
    """The photos of one split whose shorter side has at least `least` pixels, in the order of their names.

    Raises:
        InputError: not a ZIP, a file in it is no picture, or none is left.
    """
    try:
        with zipfile.ZipFile(dataset) as archive:
            names = sorted(entry.filename for entry in archive.infolist() if _is_meant(entry))
            photos = [
                Photo(name, mine, _pixels(archive, name)) for name, mine in _split(archive, names, split)
            ]
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"The dataset is not a ZIP of pictures: {error}.") from error
    photos = [photo for photo in photos if min(photo.pixels.shape[:2]) >= least]
    if not photos:
        raise InputError(f"The dataset has no picture of at least {least} × {least} pixels for {split}.")
    return photos


def _split(archive: zipfile.ZipFile, names: Sequence[str], split: str) -> Iterator[tuple[str, str]]:
    sorted_already = any(name.split("/")[0] in SPLITS for name in names)
    digits = {name: archive.getinfo(name).CRC % 10 for name in names}
    # 0 and 1, unless the pictures are so few that none ends in these; training needs some too
    found = sorted(set(digits.values()))
    held_back = dict(zip(found, SPLITS[1 : len(found)], strict=False))
    for name in names:
        mine = name.split("/")[0] if sorted_already else held_back.get(digits[name], "train")
        if mine == split:
            yield name, mine


def _is_meant(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return not entry.is_dir() and not any(part in _ADDED or part.startswith(".") for part in parts)


def _pixels(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    try:
        return np.asarray(decode(archive.read(name)))
    # zipfile: torn, encrypted, or packed in a way that it does not know
    except (InputError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError) as error:
        raise InputError(f"{name} in the dataset: {error}") from error
