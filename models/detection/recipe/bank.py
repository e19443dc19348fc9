"""Packs every cut-out and background of a dataset into a bank: one small file that loads in a second.

    python -m models.detection.recipe.bank --fetch --raw raw --out data/detection.npz

fetches the packages named by the lists in models/detection/recipe/splits, checks each file against its hash,
crops cut-outs to their opaque part, shrinks them to at most `CUTOUT_SIDE` pixels and packs them. The file is
a plain NumPy archive without pickled objects.
"""

import argparse
import csv
import hashlib
import io
import itertools
import logging
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from models.core.contract.errors import InputError
from models.core.recipe.sources import fetch, icons

log = logging.getLogger(__name__)

SPLITS = ("train", "validation", "test")
LISTS = Path(__file__).parent / "splits"
CUTOUT_SIDE = 128
BACKGROUND_SIDE = 320  # the shorter one
SAMPLE_SIDE = 72
SAMPLE_COUNTS = {"train": 48, "validation": 10, "test": 10}  # cut-outs per label
FREE = {"PD", "CC0", "Apache-2.0", "MIT"}  # may be redistributed with the application
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


def packages(lists: Path = LISTS) -> list[str]:
    """Every package named by a list, including those of the photos."""
    names: set[str] = set()
    for path in lists.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            names |= {row["package"] for row in csv.DictReader(file)}
    return sorted(names)


def build(raw: Path, out: Path, lists: Path = LISTS) -> None:
    """Pack everything named by the two lists."""
    source = Raw(raw)
    listed = entries(lists / "cutouts.csv")
    labels = sorted({entry.label for entry in listed})
    cutouts = [(entry, cutout(source.open(entry))) for entry in listed]
    backgrounds = [(entry, background(source.open(entry))) for entry in entries(lists / "backgrounds.csv")]
    write(out, labels, cutouts, backgrounds)
    log.info("%s: %d cut-outs of %d labels, %d backgrounds", out, len(cutouts), len(labels), len(backgrounds))


def build_sample(raw: Path, out: Path, lists: Path = LISTS) -> None:
    """Pack a small bank of freely licensed cut-outs and write their list beside it."""
    source = Raw(raw)
    free = [entry for entry in entries(lists / "cutouts.csv") if entry.license in FREE]
    labels = sorted({entry.label for entry in free})
    selected = [
        entry
        for label in labels
        for split, count in SAMPLE_COUNTS.items()
        for entry in spread([entry for entry in free if (entry.label, entry.split) == (label, split)], count)
    ]
    write(out, labels, [(entry, cutout(source.open(entry), SAMPLE_SIDE)) for entry in selected], [])
    with out.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["class", "subject", "split", "package", "file", "license"])
        writer.writerows([e.label, e.subject, e.split, e.package, e.file, e.license] for e in selected)
    log.info("%s: %d cut-outs of %d labels", out, len(selected), len(labels))


def spread(candidates: list[Entry], count: int) -> list[Entry]:
    """At most `count` entries from as many subjects as possible, always the same ones."""
    subjects: dict[str, list[Entry]] = {}
    for entry in sorted(candidates, key=lambda entry: entry.sha256):
        subjects.setdefault(entry.subject, []).append(entry)
    rounds = itertools.zip_longest(*subjects.values())
    return [entry for each in rounds for entry in each if entry is not None][:count]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--out", type=Path, default=Path("data/detection.npz"), help="the bank to write")
    parser.add_argument("--fetch", action="store_true", help="first fetch the packages that are missing")
    parser.add_argument("--sample", action="store_true", help="pack the small, freely licensed bank instead")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if arguments.fetch:
        for package in packages():
            fetch(package, arguments.raw)
    (build_sample if arguments.sample else build)(arguments.raw, arguments.out)


if __name__ == "__main__":
    main()
