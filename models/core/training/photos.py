"""Photos for training: a ZIP of images in the folders train, validation and test, or a dataset.

A user's own ZIP needs no such folders: then about one image in ten goes to validation and one to test, chosen
by its content. Near-duplicates, such as a photo and its smaller copy, go to the same split: otherwise a
network would be measured on pictures it has seen. Files that a file manager adds to a ZIP, such as thumbnails
and `__MACOSX`, are ignored.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, message_of
from models.core.datasets import archive as datasets
from models.core.datasets.forms.files import is_added
from models.core.datasets.near_duplicates import fingerprint, near_duplicates
from models.core.images.codec import decode

_LABEL_ENDINGS = {".json", ".xml", ".csv", ".tsv", ".yaml", ".yml"}
SPLITS = ("train", "validation", "test")

NOT_A_ZIP = Text("core.training.not_a_zip", "The dataset is not a ZIP of images: {reason}.")
NO_PHOTO = Text(
    "core.training.no_photo",
    "The dataset has no image of at least {side} × {side} pixels for the split {split!r}.",
)
SPLIT = Text(
    "core.training.split",
    "Photos for training: {train:,}; held out for validation: {validation:,}, for a test: {test:,}.",
)
NO_VALIDATION = Text(
    "core.training.no_validation",
    "These are too few photos to hold some out for validation, so nothing was measured.",
)
NEAR_DUPLICATES = Text(
    "core.training.near_duplicates",
    "Near-duplicates of other photos: {n:,}. They are kept in the same part of the data as their originals.",
)
BROKEN_PHOTO = Text("core.training.broken_photo", "{name} in the dataset: {reason}")


@dataclass(frozen=True)
class Photo:
    """One image of a split: its path in the archive, and its pixels, uint8, (H, W, 3)."""

    name: str
    split: str
    pixels: np.ndarray
    label: str | None = None  # its class in a dataset, "" without one; None: the archive has no labels


def load(dataset: Path, split: str, smallest_side: int = 1) -> list[Photo]:
    """The photos of one split whose shorter side has at least `smallest_side` pixels, sorted by name.

    Raises:
        InputError: not a ZIP, a file in it is not an image, or no photo is large enough.
    """
    photos = [photo for photo in stream(dataset, split) if min(photo.pixels.shape[:2]) >= smallest_side]
    if not photos:
        raise InputError(NO_PHOTO(side=smallest_side, split=split))
    return photos


def stream(dataset: Path, split: str) -> Iterator[Photo]:
    """The photos of one split, sorted by name, one at a time: for a caller that keeps less than all pixels.

    Raises:
        InputError: not a ZIP, or a file in it is not an image.
    """
    try:
        if _has_labels(dataset):
            yield from _stream_labeled(dataset, split)
            return
        with zipfile.ZipFile(dataset) as archive:
            splits = _splits(dataset, dataset.stat().st_mtime_ns).of
            for name in sorted(name for name, own in splits.items() if own == split):
                yield Photo(name, split, _pixels(archive, name))
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(NOT_A_ZIP(reason=str(error))) from error


def _stream_labeled(dataset: Path, split: str) -> Iterator[Photo]:
    with datasets.load(dataset) as loaded:
        own = [picture for picture in loaded.manifest.pictures if (picture.split or "train") == split]
        for picture in sorted(own, key=lambda picture: picture.file):
            label = picture.annotation.label if picture.annotation else None
            yield Photo(picture.file, split, np.asarray(loaded.decode(picture)), label or "")


def _has_labels(dataset: Path) -> bool:
    """Whether it is a dataset of Glassbox or another archive with labels, and not of pictures only."""
    with zipfile.ZipFile(dataset) as archive:
        names = [entry.filename for entry in archive.infolist() if _is_photo(entry)]
    return any(PurePosixPath(name).suffix.lower() in _LABEL_ENDINGS for name in names)


def split_notes(dataset: Path) -> list[Message]:
    """How the photos were divided into training, validation and test, for the trained model's page."""
    splits = _splits(dataset, dataset.stat().st_mtime_ns)
    counts = {split: sum(each == split for each in splits.of.values()) for split in SPLITS}
    notes = [SPLIT(train=counts["train"], validation=counts["validation"], test=counts["test"])]
    if not counts["validation"]:
        notes.append(NO_VALIDATION())
    if splits.near_duplicates:
        notes.append(NEAR_DUPLICATES(n=splits.near_duplicates))
    return notes


@dataclass(frozen=True)
class _Splits:
    of: Mapping[str, str]  # name -> split
    near_duplicates: int = 0  # photos that resemble an earlier one


@lru_cache(maxsize=2)
def _splits(dataset: Path, modified: int) -> _Splits:  # noqa: ARG001  a changed file is read again
    """Which photo belongs to which split."""
    if _has_labels(dataset):
        with datasets.load(dataset) as loaded:
            return _Splits({picture.file: picture.split or "train" for picture in loaded.manifest.pictures})
    with zipfile.ZipFile(dataset) as archive:
        names = sorted(entry.filename for entry in archive.infolist() if _is_photo(entry))
        if any(name.split("/")[0] in SPLITS for name in names):
            return _Splits({name: name.split("/")[0] for name in names})
        groups = near_duplicates([fingerprint(Image.fromarray(_pixels(archive, name))) for name in names])
        first: dict[int, int] = {}  # group -> the smallest checksum among its photos
        for name, group in zip(names, groups, strict=True):
            checksum = archive.getinfo(name).CRC
            first[group] = min(checksum, first.get(group, checksum))
    digits = {name: first[group] % 10 for name, group in zip(names, groups, strict=True)}
    # 0 and 1, unless no image of a small set has these digits; training needs some, too
    present = sorted(set(digits.values()))
    held_out = dict(zip(present, SPLITS[1 : len(present)], strict=False))
    return _Splits(
        {name: held_out.get(digit, "train") for name, digit in digits.items()}, len(names) - len(first)
    )


def _is_photo(entry: zipfile.ZipInfo) -> bool:
    return not entry.is_dir() and not is_added(entry.filename)


def _pixels(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    try:
        return np.asarray(decode(archive.read(name)))
    # zipfile: truncated, encrypted, or compressed with an unsupported method
    except (InputError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError) as error:
        raise InputError(BROKEN_PHOTO(name=name, reason=message_of(error))) from error
