"""Packs the cut-outs and backgrounds that the mask network learns from.

    python -m models.segmentation.recipe.thing_bank --fetch --raw raw --out data/things.npz

fetches the packages named by the lists in splits beside this file, checks each file against its hash and
packs all for `models.core.training.composites.Bank`. The label of a cut-out is the kind of its picture:
photograph, rendering or drawing. Cut-outs are twice as large as the detector's, because one fills a crop.
"""

import argparse
import io
import logging
from pathlib import Path

from PIL import Image

from models.core.recipe import photo_bank
from models.core.recipe.cutout_bank import Entry, Raw, background, cutout, entries, write
from models.core.recipe.sources import fetch

log = logging.getLogger(__name__)

LISTS = Path(__file__).parent / "splits"
KINDS = ("photograph", "rendering", "drawing")
SIDE = 256  # of a cut-out, at most


def build(raw: Path, out: Path, lists: Path = LISTS) -> None:
    """Pack everything named by the two lists."""
    source = Raw(raw)
    things = [(entry, cutout(source.open(entry), SIDE)) for entry in entries(lists / "things.csv")]
    photos = photo_bank.contents(raw, photo_bank.entries(lists / "backgrounds.csv"))
    backgrounds = [
        (
            Entry("", photo.subject, photo.split, photo.package, photo.file, photo.license, photo.sha256),
            background(Image.open(io.BytesIO(data))),
        )
        for photo, data in photos
    ]
    write(out, KINDS, things, backgrounds)
    log.info("%s: %d cut-outs, %d backgrounds", out, len(things), len(backgrounds))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--out", type=Path, default=Path("data/things.npz"), help="the bank to write")
    parser.add_argument("--fetch", action="store_true", help="first fetch the packages that are missing")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.fetch:
        both = [*entries(LISTS / "things.csv"), *photo_bank.entries(LISTS / "backgrounds.csv")]
        for package in sorted({entry.package for entry in both}):
            fetch(package, options.raw)
    build(options.raw, options.out)


if __name__ == "__main__":
    main()
