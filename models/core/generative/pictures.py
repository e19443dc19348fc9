"""Small pictures of one size, with their classes: what generative models learn from.

A bank is a NumPy archive without pickled objects: `train`, `validation` and `test`, uint8, (N, H, W) or
(N, H, W, 3); `train_labels` and so on, (N,); and `classes`, their names. A user's ZIP of pictures is read as
one: every picture is cropped to its middle square and resized. If the pictures lie in two or more folders,
each folder is a class; in a dataset of pictures with classes these are.
"""

import lzma
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from PIL import Image

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.training.photos import SPLITS, Photo, stream

DEFAULT_SIDE, DEFAULT_CHANNELS = 64, 3  # of pictures in a ZIP
MAX_BANK_BYTES = 2**30  # unpacked
MAX_CLASSES = 255
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)

NOT_A_BANK = Text("core.generative.not_a_bank", "The dataset is not a bank of pictures: {reason}.")
NO_PICTURES = Text("core.generative.no_pictures", "The dataset has no pictures to train on.")
TOO_MANY_CLASSES = Text(
    "core.generative.too_many_classes",
    "The pictures lie in {count:,} folders; each is a class, and at most {most} classes are supported.",
)


@dataclass(frozen=True)
class Split:
    """The pictures of one split."""

    pictures: np.ndarray  # uint8, (N, H, W) or (N, H, W, 3)
    labels: np.ndarray  # (N,), indices of the classes

    def __len__(self) -> int:
        return len(self.pictures)


@dataclass(frozen=True)
class Pictures:
    """A dataset in memory. `validation` and `test` may be empty."""

    classes: tuple[str, ...]  # one without a name, "", if the pictures have no classes
    train: Split
    validation: Split
    test: Split

    @property
    def side(self) -> int:
        return int(self.train.pictures.shape[1])

    @property
    def channels(self) -> int:
        return 1 if self.train.pictures.ndim == 3 else int(self.train.pictures.shape[3])


def load(dataset: Path, side: int | None = None, channels: int | None = None) -> Pictures:
    """The pictures of a bank or a ZIP, with `side` x `side` pixels and 1 or 3 channels.

    By default a bank keeps its own size and channels; pictures in a ZIP get 64 x 64 pixels in color.

    Raises:
        InputError: neither a bank nor a ZIP of pictures, or without pictures to train on.
    """
    if is_bank(dataset):
        arrays = read_bank(dataset)
        try:
            classes = names_in(arrays, "classes", MAX_CLASSES)
            pictures = Pictures(classes, *(_checked(arrays, split, len(classes)) for split in SPLITS))
        except KeyError as error:
            raise InputError(NOT_A_BANK(reason=f"{error} is missing")) from error
    else:
        pictures = _from_zip(dataset, side or DEFAULT_SIDE)
        channels = channels or DEFAULT_CHANNELS
    if not len(pictures.train):
        raise InputError(NO_PICTURES())
    return Pictures(
        pictures.classes,
        *(
            Split(_fitted(own.pictures, side or pictures.side, channels or pictures.channels), own.labels)
            for own in (pictures.train, pictures.validation, pictures.test)
        ),
    )


def is_bank(dataset: Path) -> bool:
    """Whether the file is a NumPy archive, judged by the names of its entries."""
    try:
        with zipfile.ZipFile(dataset) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_bank(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a bank, by name. Raises InputError: damaged, too large, or with pickled objects."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_BANK_BYTES:
                raise ValueError(f"it is larger than {MAX_BANK_BYTES:,} bytes")
            arrays = {}
            for entry in entries:
                with archive.open(entry) as file:
                    arrays[entry.filename.removesuffix(".npy")] = _array(file, entry.file_size)
            return arrays
    except (OSError, EOFError, ValueError, RuntimeError, *_DAMAGED) as error:
        raise InputError(NOT_A_BANK(reason=str(error))) from error


def _array(file: IO[bytes], size: int) -> np.ndarray:
    """One array of `size` bytes with its header. Raises ValueError: not such an array."""
    version = np.lib.format.read_magic(file)
    read_header = (
        np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    )
    try:
        shape, is_fortran, dtype = read_header(file)
    except (SyntaxError, tokenize.TokenError) as error:  # of damaged ones, besides ValueError
        raise ValueError("the header of an array is damaged") from error
    count = int(np.prod(shape, dtype=object))
    # before anything is allocated: a header can declare more than the file has
    if dtype.hasobject or count * dtype.itemsize > size:
        raise ValueError("an array has another size or type than its header declares")
    numbers = np.frombuffer(bytearray(file.read(count * dtype.itemsize)), dtype, count)
    return numbers.reshape(shape, order="F" if is_fortran else "C")


def names_in(arrays: Mapping[str, np.ndarray], key: str, most: int) -> tuple[str, ...]:
    """The names that a bank has under `key`. Raises InputError: not 1 to `most` names."""
    if arrays[key].ndim != 1 or not 1 <= len(arrays[key]) <= most:
        raise InputError(NOT_A_BANK(reason=f"{key!r} is not a list of 1 to {most} names"))
    return tuple(str(name) for name in arrays[key])


def _checked(arrays: Mapping[str, np.ndarray], split: str, classes: int) -> Split:
    """One split. Raises InputError: not square pictures with a class each; KeyError: an array is missing."""
    pictures, labels = arrays[split], arrays[f"{split}_labels"]
    is_picture = pictures.dtype == np.uint8 and (pictures.ndim == 3 or pictures.shape[3:] == (3,))
    if not is_picture or pictures.shape[1] != pictures.shape[2]:
        raise InputError(
            NOT_A_BANK(reason=f"the pictures of {split!r} are not square, gray or RGB, of 8 bits")
        )
    if pictures.size == 0 and len(pictures):
        raise InputError(NOT_A_BANK(reason=f"the pictures of {split!r} have no pixels"))
    if labels.shape != pictures.shape[:1] or labels.dtype.kind not in "iu":
        raise InputError(NOT_A_BANK(reason=f"'{split}_labels' does not hold a whole number for each picture"))
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise InputError(NOT_A_BANK(reason=f"'{split}_labels' has numbers beyond 0 to {classes - 1}"))
    return Split(np.ascontiguousarray(pictures), labels)


def _from_zip(dataset: Path, side: int) -> Pictures:
    """Every picture of the ZIP as RGB of `side` pixels."""
    found = {
        split: [(_class(photo), square(photo.pixels, side)) for photo in stream(dataset, split)]
        for split in SPLITS
    }
    folders = sorted({folder for rows in found.values() for folder, _ in rows})
    if len(folders) > MAX_CLASSES:
        raise InputError(TOO_MANY_CLASSES(count=len(folders), most=MAX_CLASSES))
    classes = folders if len(folders) > 1 else [""]
    splits = []
    for split in SPLITS:
        pictures = np.array([pixels for _, pixels in found[split]], np.uint8).reshape(-1, side, side, 3)
        labels = np.array(
            [folders.index(folder) if len(folders) > 1 else 0 for folder, _ in found[split]], np.uint8
        )
        splits.append(Split(pictures, labels))
    return Pictures(tuple(classes), *splits)


def _class(photo: Photo) -> str:
    """Its label, or else the folder that the file lies in, without that of its split."""
    if photo.label is not None:
        return photo.label
    folders = PurePosixPath(photo.name).parts[:-1]
    return "/".join(folders[1:] if folders[:1] and folders[0] in SPLITS else folders)


def square(pixels: np.ndarray, side: int) -> np.ndarray:
    """The middle square of a picture (H, W, 3) or (H, W), resized to `side` pixels."""
    height, width = pixels.shape[:2]
    crop = min(height, width)
    top, left = (height - crop) // 2, (width - crop) // 2
    middle = Image.fromarray(pixels[top : top + crop, left : left + crop])
    return np.asarray(middle.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0))


def _fitted(pictures: np.ndarray, side: int, channels: int) -> np.ndarray:
    """The pictures in another size and with another number of channels."""
    if pictures.shape[1] != side:
        shape = (len(pictures), side, side, *pictures.shape[3:])
        pictures = np.array([square(each, side) for each in pictures], np.uint8).reshape(shape)
    if channels == 1 and pictures.ndim == 4:
        weights = np.array([0.299, 0.587, 0.114], np.float32)  # luma, ITU-R BT.601, as in Pillow
        return (pictures @ weights).round().astype(np.uint8)
    if channels == 3 and pictures.ndim == 3:
        return np.repeat(pictures[..., None], 3, axis=3)
    return pictures
