"""Packs cut-outs and backgrounds into a bank: one small file that loads in a second.

A list names them by package and file: a CSV file with the columns of `Entry`. The bank is a plain NumPy
archive without pickled objects, as `models.core.training.composites.Bank` reads it.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from models.core.contract.errors import InputError
from models.core.recipe.sources import icons

SPLITS = ("train", "validation", "test")
CUTOUT_SIDE = 128
BACKGROUND_SIDE = 320  # the shorter one
OPAQUE = 40  # alpha, of 255, from which a pixel belongs to the object


@dataclass(frozen=True)
class Entry:
    """One line of a list: the source of an image and its content."""

    label: str  # "" for a background
    subject: str
    split: str
    package: str
    file: str
    license: str
    sha256: str


def entries(path: Path) -> list[Entry]:
    """The lines of a list of cut-outs or backgrounds."""
    with path.open(newline="", encoding="utf-8") as file:
        return [Entry(label=row.pop("class", ""), **row) for row in csv.DictReader(file)]


class Raw:
    """The unpacked packages of `models.core.recipe.sources`, opened by package and file name."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._icons: dict[str, dict[str, str]] = {}

    def open(self, entry: Entry) -> Image.Image:
        """The image of one line, checked against its hash."""
        folder = self.folder / entry.package.replace("/", "-").lstrip("@")
        if entry.package.startswith("@iconify-json/"):
            if entry.package not in self._icons:
                self._icons[entry.package] = icons(folder)[0]
            svg = self._icons[entry.package].get(entry.file, "")
            data, drawn = svg.encode(), bool(svg)
        else:
            path = folder / entry.file
            data, drawn = (path.read_bytes() if path.is_file() else b""), False
        if not hashlib.sha256(data).hexdigest().startswith(entry.sha256):
            raise InputError(f"{entry.package}: {entry.file} is missing or a different version.")
        if drawn:
            data = bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), width=256, height=256))
        return Image.open(io.BytesIO(data))


def cutout(image: Image.Image, side: int = CUTOUT_SIDE) -> np.ndarray:
    """RGBA, uint8, cropped to its opaque part, with sides of at most `side` pixels."""
    image = image.convert("RGBA")
    image.thumbnail((1024, 1024), Image.Resampling.BOX)
    box = image.getchannel("A").point([255 * (alpha > OPAQUE) for alpha in range(256)]).getbbox()
    if box is None:
        raise InputError("The cut-out has no opaque pixel.")
    image = image.crop(box)
    image.thumbnail(
        (side, side), Image.Resampling.BOX if max(image.size) > 2 * side else Image.Resampling.LANCZOS
    )
    return np.asarray(image)


def background(image: Image.Image, side: int = BACKGROUND_SIDE) -> np.ndarray:
    """RGB, uint8; the shorter side has `side` pixels, the longer one at most twice as many."""
    image.draft("RGB", (4 * side, 4 * side))
    image = image.convert("RGB")
    scale = side / min(image.size)
    width, height = (max(side, round(length * scale)) for length in image.size)
    return np.asarray(
        image.resize((width, height), Image.Resampling.BOX).crop(
            (0, 0, min(width, 2 * side), min(height, 2 * side))
        )
    )


def write(
    path: Path,
    labels: Sequence[str],
    cutouts: Sequence[tuple[Entry, np.ndarray]],
    backgrounds: Sequence[tuple[Entry, np.ndarray]],
) -> None:
    """Pack images and their labels, subjects and splits into `path`."""
    both = [*cutouts, *backgrounds]
    subjects = sorted({f"{entry.label}/{entry.subject}" for entry, _ in both})
    arrays = {
        "labels": np.array(labels),
        "subjects": np.array(subjects),
        "label": np.array([labels.index(entry.label) if entry.label else -1 for entry, _ in both], np.int16),
        "subject": np.array(
            [subjects.index(f"{entry.label}/{entry.subject}") for entry, _ in both], np.int32
        ),
        "split": np.array([SPLITS.index(entry.split) for entry, _ in both], np.uint8),
        "shape": np.array([pixels.shape for _, pixels in both], np.int32),
        "pixels": np.concatenate([pixels.reshape(-1) for _, pixels in both]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            # a fixed date: the same images give the same bytes
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )
