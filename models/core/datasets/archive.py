"""A dataset as a training reads it: the manifest, and the pictures in their ZIP."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from models.core.contract.dataset import MANIFEST, LabeledObject, Manifest, Picture, Split
from models.core.contract.errors import InputError
from models.core.contract.messages import Text, message_of
from models.core.datasets import areas, importing, splits
from models.core.datasets.forms.files import Files, open_files
from models.core.datasets.forms.own import NAMED_MISSING, manifest_of, require_known_labels
from models.core.datasets.near_duplicates import groups_of
from models.core.datasets.run_lengths import BrokenMask
from models.core.images.codec import decode
from models.core.images.limits import check_pixels

NOT_A_DATASET = Text("core.datasets.not_a_dataset", "{name} is not a dataset: {reason}")
BROKEN = Text("core.datasets.broken_picture", "{name} in the dataset: {reason}")
OTHER_SIZE = Text(
    "core.datasets.size_not_listed", "{name} in the dataset is not {width:,} × {height:,} pixels, as listed."
)
BROKEN_MASK = Text(
    "core.datasets.broken_mask", "{name} in the dataset: the mask of {label!r} is damaged or of another size."
)


class PictureFiles(Protocol):
    """Where the files of the pictures are read from: an archive, or a storage."""

    def read(self, name: str) -> bytes: ...

    def close(self) -> None: ...


class Dataset:
    """The pictures of a ZIP or a storage, with their labels. Use it as a context manager.

    Args:
        upload_ids: SHA-256 of a picture -> its upload; of an archive there are none.
    """

    def __init__(
        self, files: PictureFiles, manifest: Manifest, *, upload_ids: Mapping[str, str] | None = None
    ):
        self.files, self.manifest, self.upload_ids = files, manifest, upload_ids or {}

    def pictures(self, split: Split) -> Iterator[tuple[Picture, Image.Image]]:
        """The labeled pictures of one split, decoded one at a time. Raises InputError."""
        for picture in self.manifest.of(split):
            if picture.annotation is not None:
                yield picture, self.decode(picture)

    def read(self, picture: Picture) -> bytes:
        """The picture's file. Raises InputError: it is damaged."""
        return self.files.read(picture.file)

    def decode(self, picture: Picture) -> Image.Image:
        """RGB, rotated as its EXIF orientation asks. Raises InputError."""
        try:
            image = decode(self.read(picture))
        except InputError as error:
            raise InputError(BROKEN(name=picture.file, reason=message_of(error))) from error
        if image.size != (picture.width, picture.height):
            raise InputError(OTHER_SIZE(name=picture.file, width=picture.width, height=picture.height))
        return image

    def mask(self, picture: Picture, found: LabeledObject) -> np.ndarray:
        """The pixels of an object of this picture, (height, width) bool. Raises InputError."""
        try:
            return areas.of_object(found, picture.height, picture.width)
        except BrokenMask as error:
            raise InputError(BROKEN_MASK(name=picture.file, label=found.label)) from error

    def __enter__(self) -> "Dataset":
        return self

    def __exit__(self, *_: object) -> None:
        self.files.close()


def load(path: Path, *, seed: int = 0) -> Dataset:
    """The dataset in a ZIP: one of Glassbox, or of any form that `importing` reads.

    Pictures without a split get one: near-duplicates the same, and classes alike in all.

    Raises:
        InputError: it is not a dataset.
    """
    try:
        files = open_files(path)
    except (OSError, InputError) as error:
        raise InputError(NOT_A_DATASET(name=path.name, reason=message_of(error))) from error
    try:
        return _with_splits(Dataset(files, _manifest_in(files)), seed)
    except BaseException:
        files.close()
        raise


def _manifest_in(files: Files) -> Manifest:
    if MANIFEST not in files:
        return importing.read(files).manifest
    # as the training worker writes it: its pictures were checked when the version was made
    manifest = manifest_of(files.read(MANIFEST), MANIFEST)
    _check(files, manifest)
    return manifest


def _with_splits(dataset: Dataset, seed: int) -> Dataset:
    pictures = dataset.manifest.pictures
    if any(picture.split is None for picture in pictures):
        pictures = splits.split(pictures, groups_of(pictures, dataset.decode), seed=seed)
        dataset.manifest = dataset.manifest.model_copy(update={"pictures": pictures})
    return dataset


def _check(files: Files, manifest: Manifest) -> None:
    """Raises InputError: what a version never has, and an archive made by hand can have."""
    for picture in manifest.pictures:
        if picture.file not in files:
            raise InputError(NAMED_MISSING(name=MANIFEST, file=picture.file))
        check_pixels(picture.width, picture.height, files.limits.pixels)
        require_known_labels(manifest, picture, MANIFEST)
