"""Adds composites to the photos: cut-out things on photographed backgrounds, in their true colors.

    python -m models.colorization.recipe.composites --photos data/photos.zip --bank data/things.npz \
        --out data/colors.zip

Few of the photos show fruit, flowers, birds or vehicles, whose colors are to be learned too. Only training
pictures are added, from training cut-outs and training backgrounds.
"""

import argparse
import logging
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.core.images.codec import encode_png, from_tensor
from models.core.recipe.photo_bank import entries
from models.core.training.composites import Bank, Composer

log = logging.getLogger(__name__)

SIDE = 224  # pixels
PHOTOGRAPH = "photograph"  # the label of cut-outs that are not drawn or rendered


def photographs(path: Path) -> Bank:
    """The bank with its photographed cut-outs, and its backgrounds that are no held-out photo."""
    bank = Bank.load(path)
    held_out = {f"/{entry.subject}" for entry in entries() if entry.split != "train"}
    with np.load(path, allow_pickle=False) as arrays:
        is_held_out = np.isin(arrays["subjects"], list(held_out))[bank.subject]
    is_background = (bank.label < 0) & ~is_held_out
    keep = np.flatnonzero(is_background | (bank.label == bank.labels.index(PHOTOGRAPH)))
    return replace(
        bank,
        pictures=[bank.pictures[index] for index in keep],
        label=bank.label[keep],
        subject=bank.subject[keep],
        split=bank.split[keep],
    )


def build(photos: Path, bank: Path, out: Path, count: int, seed: int = 0) -> None:
    """Copy the photos and add `count` composites to the training split."""
    composer = Composer(photographs(bank), "train", augment=False)
    random = np.random.default_rng(seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(photos) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry in source.infolist():
            archive.writestr(entry, source.read(entry))
        for number in range(count):
            picture = from_tensor(composer.compose(random, SIDE).image)
            # a fixed date: the same photos give the same bytes
            name = zipfile.ZipInfo(f"train/composite-{number:04d}.png", (1980, 1, 1, 0, 0, 0))
            archive.writestr(name, encode_png(picture, 1))
    log.info("%s: %d composites added", out, count)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=Path, default=Path("data/photos.zip"), help="the packed photos")
    parser.add_argument("--bank", type=Path, default=Path("data/things.npz"), help="the packed cut-outs")
    parser.add_argument("--out", type=Path, default=Path("data/colors.zip"), help="the ZIP to write")
    parser.add_argument("--count", type=int, default=1000, help="number of composites")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build(options.photos, options.bank, options.out, options.count)


if __name__ == "__main__":
    main()
