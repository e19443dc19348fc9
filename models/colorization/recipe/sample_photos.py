"""Packs the freely licensed training photos that ship with the application as the sample dataset.

    python -m models.colorization.recipe.sample_photos --raw raw --dataset data/photos.zip

writes samples/dataset.zip and, with author, source and license of each photo, samples/dataset.csv. The
authors come from the Debian copyright files of the packages.
"""

import argparse
import csv
import io
import logging
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from PIL import Image

from models.colorization.card import SAMPLE_DATASET
from models.core.contract.errors import InputError
from models.core.recipe.authors import authors
from models.core.recipe.photo_bank import Entry, entries

log = logging.getLogger(__name__)

FREE = ("CC0-1.0", "CC-BY-2.0", "CC-BY-3.0", "CC-BY-4.0")  # may be redistributed with attribution
SIDE = 320  # at most, pixels
QUALITY = 75
VALIDATION_EVERY = 5  # one photo in this many is for validation


def free(listed: Sequence[Entry]) -> list[Entry]:
    """The training photos that may be redistributed."""
    return [entry for entry in listed if entry.split == "train" and entry.license in FREE]


def pack(raw: Path, dataset: Path, out: Path) -> None:
    """Write the ZIP and its list. Raises InputError: the author of a photo is unknown."""
    rows = []
    with zipfile.ZipFile(dataset) as photos, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, entry in enumerate(free(entries())):
            name = f"{entry.subject}-{entry.sha256[:8]}"
            author, source = authors(raw / entry.package).get(PurePosixPath(entry.file).stem, ("", ""))
            if not author:
                raise InputError(f"{entry.package} does not name the author of {entry.file}.")
            split = "train" if (number + 1) % VALIDATION_EVERY else "validation"
            with Image.open(io.BytesIO(photos.read(f"{entry.split}/{name}.png"))) as picture:
                picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
                packed = io.BytesIO()
                picture.save(packed, "WEBP", quality=QUALITY, method=6)
            # a fixed date: the same photos give the same bytes
            archive.writestr(
                zipfile.ZipInfo(f"{split}/{name}.webp", (1980, 1, 1, 0, 0, 0)), packed.getvalue()
            )
            rows.append((f"{split}/{name}.webp", author, entry.license, entry.package, entry.file, source))
    with out.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "author", "license", "package", "from", "source"))
        writer.writerows(rows)
    log.info("%s: %d photos, %d bytes", out, len(rows), out.stat().st_size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--dataset", type=Path, default=Path("data/photos.zip"), help="the packed photos")
    parser.add_argument("--out", type=Path, default=SAMPLE_DATASET, help="the ZIP to write")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    pack(options.raw, options.dataset, options.out)


if __name__ == "__main__":
    main()
