"""Builds labeled pictures as a user's own would be: photographed things of three kinds, in photos of places.

    python -m models.detection.recipe.own_pictures --fetch --raw raw --out data/own.zip

The things are the photographed birds, flowers and produce of tuxpaint-stamps-default, cut out, in the list
splits/cutouts.csv beside this file; the places are those of splits/backgrounds.csv. No thing and no place is
in two splits. The ZIP is a dataset of Glassbox with a mask for each object.
"""

import argparse
import hashlib
import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.core.contract.dataset import (
    PICTURES,
    SPLITS,
    Annotation,
    DatasetKind,
    LabeledObject,
    Manifest,
    Picture,
    Split,
)
from models.core.datasets.areas import encode
from models.core.datasets.writing import write_zip
from models.core.images.codec import from_tensor
from models.core.recipe.cutout_bank import Entry, Raw, background, cutout, entries
from models.core.recipe.sources import fetch
from models.core.training.composites import Bank, Composer, Composite
from models.detection.recipe.bank import LISTS

log = logging.getLogger(__name__)

CLASSES = ("bird", "flower", "produce")
PACKAGE = "tuxpaint-stamps-default"
DRAWN = ("cartoon", "plastic", ".svg")  # parts of the paths of what is no photo
COUNTS: dict[Split, int] = {"train": 300, "validation": 60, "test": 60}
SHARES = (0.6, 0.2, 0.2)  # of the subjects and of the places in each split
SIDE = 320  # of a picture, in pixels
CUTOUT_SIDE = 256
QUALITY = 92  # of JPEG
SEED = 14


def split_again(listed: list[Entry]) -> list[Entry]:
    """The entries with splits anew: of each class, `SHARES` of the subjects, ordered by their hashes."""
    splits: dict[tuple[str, str], Split] = {}
    for label in {entry.label for entry in listed}:
        subjects = {entry.subject for entry in listed if entry.label == label}
        ordered = sorted(subjects, key=lambda subject: hashlib.sha256(subject.encode()).digest())
        ends = np.cumsum(SHARES) * len(ordered)
        for place, subject in enumerate(ordered):
            splits[label, subject] = SPLITS[int(np.searchsorted(ends, place, side="right"))]
    return [replace(entry, split=splits[entry.label, entry.subject]) for entry in listed]


def bank(raw: Path, lists: Path = LISTS) -> Bank:
    """The things and the places, in memory. Raises InputError: a file is missing or is another version."""
    source = Raw(raw)
    things = split_again([entry for entry in entries(lists / "cutouts.csv") if is_photo(entry)])
    places = split_again(entries(lists / "backgrounds.csv"))
    both = [*things, *places]
    pictures = [
        *(np.array(cutout(source.open(entry), CUTOUT_SIDE)) for entry in things),
        *(np.array(background(source.open(entry), SIDE)) for entry in places),
    ]
    subjects = sorted({f"{entry.label}/{entry.subject}" for entry in both})
    return Bank(
        CLASSES,
        pictures,
        np.array([CLASSES.index(entry.label) if entry.label else -1 for entry in both]),
        np.array([subjects.index(f"{entry.label}/{entry.subject}") for entry in both]),
        np.array([SPLITS.index(entry.split) for entry in both]),
    )


def is_photo(entry: Entry) -> bool:
    """Whether a cut-out is one of the photographed things."""
    return (
        entry.package == PACKAGE and entry.label in CLASSES and not any(part in entry.file for part in DRAWN)
    )


def pictures_of(source: Bank) -> Iterator[tuple[Picture, bytes]]:
    """Every picture of the set, with its labels, and its file."""
    for number, split in enumerate(SPLITS):
        composer = Composer(source, split, augment=False)
        for index in range(COUNTS[split]):
            composite = composer.compose(np.random.default_rng([SEED, number, index]), SIDE)
            buffer = io.BytesIO()
            from_tensor(composite.image).save(buffer, "JPEG", quality=QUALITY)
            data = buffer.getvalue()
            yield (
                Picture(
                    file=f"{PICTURES}{split}-{index:03}.jpg",
                    width=SIDE,
                    height=SIDE,
                    sha256=hashlib.sha256(data).hexdigest(),
                    split=split,
                    annotation=Annotation(objects=objects_of(composite)),
                    group=None,
                ),
                data,
            )


def objects_of(composite: Composite) -> list[LabeledObject]:
    """The objects of a composite; the mask of each is its visible part."""
    objects = []
    for number, (label, box) in enumerate(zip(composite.labels, composite.boxes.tolist(), strict=True), 1):
        mask = encode(composite.owner == number)
        objects.append(LabeledObject(label=CLASSES[label], box=tuple(box), mask=mask, polygons=None))
    return objects


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--out", type=Path, default=Path("data/own.zip"), help="the dataset to write")
    parser.add_argument("--fetch", action="store_true", help="first fetch the packages that are missing")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.fetch:
        for package in sorted({PACKAGE, *(entry.package for entry in entries(LISTS / "backgrounds.csv"))}):
            fetch(package, options.raw)
    pictures, files = [], {}
    for picture, data in pictures_of(bank(options.raw)):
        pictures.append(picture)
        files[picture.file] = data
    manifest = Manifest(kind=DatasetKind.MASKS, classes=list(CLASSES), pictures=pictures)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("wb") as file:
        write_zip(file, manifest, lambda picture: files[picture.file])
    objects = sum(len(each.annotation.objects) for each in pictures if each.annotation)
    log.info("%s: %d pictures, %d objects, %s", options.out, len(pictures), objects, manifest.digest()[:12])


if __name__ == "__main__":
    main()
