"""A dataset as a training reads it: the manifest, and the pictures in their ZIP."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from pydantic import ValidationError

from models.core.contract.dataset import MANIFEST, Manifest, Picture, Split
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.images.codec import decode

NOT_A_DATASET = Text("core.datasets.not_a_dataset", "{name} is not a dataset: {reason}.")


class Dataset:
    """The pictures of a ZIP, with their labels. Use it as a context manager."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest):
        self.archive, self.manifest = archive, manifest

    def pictures(self, split: Split) -> Iterator[tuple[Picture, Image.Image]]:
        """The labeled pictures of one split, decoded one at a time. Raises InputError."""
        for picture in self.manifest.of(split):
            if picture.annotation is not None:
                yield picture, self.decode(picture)

    def decode(self, picture: Picture) -> Image.Image:
        """RGB, rotated as its EXIF orientation asks. Raises InputError."""
        return decode(self.archive.read(picture.file))

    def __enter__(self) -> "Dataset":
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()


def load(path: Path) -> Dataset:
    """The dataset in a ZIP.

    Raises:
        InputError: it is not a dataset.
    """
    try:
        archive = zipfile.ZipFile(path)
        return Dataset(archive, Manifest.model_validate_json(archive.read(MANIFEST)))
    except (OSError, KeyError, zipfile.BadZipFile, ValidationError) as error:
        raise InputError(NOT_A_DATASET(name=path.name, reason=str(error))) from error
