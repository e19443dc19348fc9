"""The shipped samples: images for the denoiser, and a few photos to train it on.

    python -m models.denoising.recipe.samples --photos data/photos.zip --out models/denoising/samples

All are free photos with a known author or a license without attribution. The images were not used to train
the shipped weights. Two have noise already, so that the first click shows a result.
"""

import argparse
import csv
import io
import logging
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

from models.core.images.codec import decode, encode_png
from models.core.recipe.photo_bank import Entry, entries
from models.denoising.noise import add

log = logging.getLogger(__name__)

FREE = ("public-domain", "CC0-1.0", "CC-BY-4.0")
DATASET_SIDE = 320
DATASET_QUALITY = 85
CROPS = {"train": 3, "validation": 1, "test": 1}  # of one photo, at most
NOISY_WIDTH, CLEAN_WIDTH = 320, 960
LEVELS = {"pagoda": 25.0, "peaks": 40.0}


def photo(archive: zipfile.ZipFile, entry: Entry) -> Image.Image:
    return decode(archive.read(f"{entry.split}/{entry.subject}-{entry.sha256[:8]}.png"))


def shrink(picture: Image.Image, width: int) -> Image.Image:
    """The image with at most this width."""
    if picture.width <= width:
        return picture
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)


def crops(picture: Image.Image, most: int) -> Iterator[Image.Image]:
    """Neighboring squares of a photo; none if it is too small."""
    if picture.height < DATASET_SIDE:
        return
    top = (picture.height - DATASET_SIDE) // 2
    for index in range(min(most, picture.width // DATASET_SIDE)):
        left = index * DATASET_SIDE
        yield picture.crop((left, top, left + DATASET_SIDE, top + DATASET_SIDE))


def write_dataset(archive: zipfile.ZipFile, out: Path) -> None:
    """dataset.zip, and dataset.csv with the sources and licenses of the photos."""
    with (
        zipfile.ZipFile(out / "dataset.zip", "w", zipfile.ZIP_STORED) as target,
        (out / "dataset.csv").open("w", newline="", encoding="utf-8") as listing,
    ):
        rows = csv.writer(listing)
        rows.writerow(["name", "package", "file", "license"])
        free = [entry for entry in entries() if entry.split in CROPS and entry.license in FREE]
        for entry in free:
            for index, crop in enumerate(crops(photo(archive, entry), CROPS[entry.split])):
                name = f"{entry.split}/{entry.subject}-{index}.webp"
                buffer = io.BytesIO()
                crop.save(buffer, "WEBP", quality=DATASET_QUALITY)
                # a fixed date: the same photos give the same bytes
                target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), buffer.getvalue())
                rows.writerow([name, entry.package, entry.file, entry.license])


def write_pictures(archive: zipfile.ZipFile, out: Path) -> None:
    """One clean photo and two with noise."""
    by_subject = {entry.subject: entry for entry in entries()}
    clean = {
        "pagoda": Image.fromarray(load_sample_images().images[0]),
        "peaks": photo(archive, by_subject["picosdeeuropa"]),
    }
    for name, level in LEVELS.items():
        noisy = add(np.array(shrink(clean[name], NOISY_WIDTH)), level, seed=1)
        (out / f"{name}.png").write_bytes(encode_png(Image.fromarray(noisy), 9))
    ridge = shrink(photo(archive, by_subject["aitzgorri"]), CLEAN_WIDTH)
    ridge.save(out / "ridge.jpg", "JPEG", quality=84)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--photos",
        type=Path,
        default=Path("data/photos.zip"),
        help="as models.core.recipe.photo_bank packs them",
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "samples")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with zipfile.ZipFile(options.photos) as archive:
        write_dataset(archive, options.out)
        write_pictures(archive, options.out)
    for file in sorted(options.out.iterdir()):
        log.info("%s: %d bytes", file.name, file.stat().st_size)


if __name__ == "__main__":
    main()
