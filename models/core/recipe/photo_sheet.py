"""Sheets of real photos before and after a capability, to count its failures: `glassbox sheet`.

    python -m models.core.recipe.sources --into raw gcompris-qt-data
    glassbox sheet detection --raw raw --out sheet.png

A capability describes its sheet as `SHEET` in `recipe/photo_sheet.py`: the photos, and how each is degraded
first. None of the photos was used to train the models of that capability: 24 photos of animals and things
(coco_photos.csv) for models that name them, 24 of the test split of photos.csv for models that restore them.
"""

import csv
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from models.core.contract.card import Kind, Params
from models.core.contract.errors import InputError
from models.core.contract.prediction import Predictor, answer
from models.core.images.codec import decode, encode_png
from models.core.recipe.contact_sheet import Tile, contact_sheet
from models.core.recipe.photo_bank import contents, entries, shrink, unzstandard
from models.core.recipe.sources import Resources

COCO_PHOTOS = Path(__file__).parent / "coco_photos.csv"
COUNT = 24  # photos on a sheet
LONGEST = 1024  # pixels of a photo
SIDE = (400, 300)  # of a tile
ACROSS = 3  # photos in a line

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PhotoSheet:
    """The sheet of one capability."""

    photos: Callable[[Path], Iterator[Tile]]  # from the folder of unpacked packages
    degrade: Callable[[Image.Image, int], Image.Image] | None = None  # a photo and its number on the sheet
    is_cropped: bool = False  # show the center at full size: a smaller copy would hide the difference


def listed_photos(raw: Path, listed: Path, column: str) -> Iterator[Tile]:
    """This column of the list, and the photo, for each photo of gcompris-qt-data that the list names.

    Raises:
        InputError: the package is missing from `raw`.
    """
    with listed.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for archive in dict.fromkeys(raw / row["package"] / row["archive"] for row in rows):
        if not archive.exists():
            raise InputError(
                f"{archive} is missing: fetch gcompris-qt-data with models.core.recipe.sources first."
            )
        labels = {row["name"]: row[column] for row in rows if Path(row["archive"]).name == archive.name}
        for path, data in sorted(Resources(archive, unzstandard).files()):
            if path.endswith(".webp") and Path(path).stem in labels:
                yield labels[Path(path).stem], Image.open(io.BytesIO(data)).convert("RGB")


def coco_photos(raw: Path) -> Iterator[Tile]:
    """24 photos, each with its class of COCO. Raises InputError: the package is missing."""
    for label, photo in listed_photos(raw, COCO_PHOTOS, "class"):
        photo.thumbnail((LONGEST, LONGEST))
        yield label, photo


def held_out(raw: Path) -> Iterator[Tile]:
    """24 photos from all of the test split, with their subjects. Raises InputError: a package is missing."""
    listed = [entry for entry in entries() if entry.split == "test"]
    chosen = [listed[index * len(listed) // COUNT] for index in range(COUNT)]
    for entry, data in contents(raw, chosen):
        yield entry.subject, shrink(decode(data))


def draw(sheet: PhotoSheet, predictor: Predictor, params: Params, raw: Path) -> Image.Image:
    """Each photo before and after, and the photo itself if it was degraded.

    Raises:
        InputError: a package is missing from `raw`.
    """
    groups: list[list[Tile]] = []
    for number, (name, photo) in enumerate(sheet.photos(raw), start=1):
        before = sheet.degrade(photo, number) if sheet.degrade else photo
        after = predicted(predictor, before, params)
        pictures = [before.resize(after.size, Image.Resampling.BICUBIC), after]
        if sheet.degrade:
            pictures.append(photo)
        if sheet.is_cropped:
            pictures = [center(picture) for picture in pictures]
        captions = [f"{number} {name}", *[""] * (len(pictures) - 1)]
        groups.append(list(zip(captions, pictures, strict=True)))
        log.info("%d %s", number, name)
    return contact_sheet(groups, SIDE, ACROSS, ["before", "after", "the photo"][: len(groups[0])])


def predicted(predictor: Predictor, picture: Image.Image, params: Params) -> Image.Image:
    """The picture that the model answers with."""
    prediction = answer(predictor, {"image": encode_png(picture)}, params, picture=True)
    return decode(next(output.data for output in prediction.outputs if output.kind is Kind.IMAGE))


def center(picture: Image.Image) -> Image.Image:
    """The middle of a picture, at most as large as a tile."""
    width, height = min(picture.width, SIDE[0]), min(picture.height, SIDE[1])
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))
