"""Packs the photos that the shipped weights are trained on.

    python -m models.core.recipe.photo_bank --fetch --raw raw --out data/photos.zip

downloads the packages listed in photos.csv beside this file, checks each photo against its hash, shrinks it
to average out compression artifacts, and packs all as PNG for `models.core.training.photos.load`.
"""

import argparse
import csv
import hashlib
import logging
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard
from PIL import Image

from models.core.contract.errors import InputError
from models.core.images.codec import decode, encode_png
from models.core.recipe.sources import Resources, fetch

log = logging.getLogger(__name__)

LIST = Path(__file__).parent / "photos.csv"
LONGEST = 1024  # pixels of a packed photo's longer side
SHRINKING = 1.5  # at least: a photo of 1024 pixels is packed with 683
SMALLEST = 320  # no photo is shrunk below this


@dataclass(frozen=True)
class Entry:
    """One line of the list: the source of a photo."""

    subject: str
    split: str
    package: str
    archive: str  # the Qt resource archive with the file, "" for a plain file
    file: str
    license: str
    sha256: str


def entries(path: Path = LIST) -> list[Entry]:
    """The lines of the list."""
    with path.open(newline="", encoding="utf-8") as file:
        return [Entry(**row) for row in csv.DictReader(file)]


def unzstandard(packed: bytes) -> bytes:
    """The unpacked content of a file in a Qt resource archive."""
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed)


def contents(raw: Path, listed: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """Every listed file, checked against its hash.

    Raises:
        InputError: a file is missing or is another version.
    """
    opened: dict[Path, dict[str, bytes]] = {}  # one archive at a time
    for entry in listed:
        folder = raw / entry.package
        if entry.archive:
            path = folder / entry.archive
            if path.is_file() and path not in opened:
                opened = {path: dict(Resources(path, unzstandard).files())}
            data = opened.get(path, {}).get(entry.file, b"")
        else:
            path = folder / entry.file
            data = path.read_bytes() if path.is_file() else b""
        if not hashlib.sha256(data).hexdigest().startswith(entry.sha256):
            raise InputError(f"{entry.package}: {entry.file} is missing or is another version.")
        yield entry, data


def shrink(picture: Image.Image) -> Image.Image:
    """The photo as packed: smaller by `SHRINKING` or more, `SMALLEST` to `LONGEST` pixels long."""
    longer = max(picture.size)
    target = max(min(LONGEST, round(longer / SHRINKING)), min(longer, SMALLEST))
    size = (max(1, round(picture.width * target / longer)), max(1, round(picture.height * target / longer)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def build(raw: Path, out: Path, listed: Sequence[Entry]) -> None:
    """Pack the listed photos."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry, data in contents(raw, listed):
            name = f"{entry.split}/{entry.subject}-{entry.sha256[:8]}.png"
            # a fixed date: the same photos give the same bytes
            archive.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), encode_png(shrink(decode(data)), 6)
            )
    log.info("%s: %d photos", out, len(listed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--out", type=Path, default=Path("data/photos.zip"), help="the ZIP to write")
    parser.add_argument("--fetch", action="store_true", help="first download the missing packages")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    listed = entries()
    if options.fetch:
        for package in dict.fromkeys(entry.package for entry in listed):
            fetch(package, options.raw)
    build(options.raw, options.out, listed)


if __name__ == "__main__":
    main()
