"""Photos that are free for every use, at most with a credit: the samples of detection and segmentation.

    python -m models.core.recipe.sources --into raw lomiri-wallpapers-16.04 palapeli-data gcompris-qt-data
    python -m models.core.recipe.free_photos --raw raw detection segmentation
    glassbox models pull nanodet-g && glassbox samples build detection && glassbox samples build segmentation

| photo | author | license |
| --- | --- | --- |
| astronaut, in scikit-image | NASA | public domain |
| cat, in scikit-image | Stéfan van der Walt | CC0 |
| dogs, in the Debian package lomiri-wallpapers-16.04 | Aitzol Berasategi | CC BY 4.0 |
| fruit, in the Debian package palapeli-data | US Department of Agriculture | public domain |
| panda, in the Debian package gcompris-qt-data | Aaron Logan | CC BY 1.0 |
"""

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import skimage.data
from PIL import Image

from models.core.contract import registry
from models.core.recipe.photo_bank import unzstandard
from models.core.recipe.sources import Resources

LONGEST = 640  # pixels of a sample's longer side
QUALITY = 92  # of JPEG
SHARES = tuple[float, float, float, float]  # left, top, right, bottom


def part(picture: Image.Image, shares: SHARES) -> Image.Image:
    """A part of the picture, given by shares of its width and height."""
    left, top, right, bottom = shares
    width, height = picture.size
    return picture.crop(
        (round(left * width), round(top * height), round(right * width), round(bottom * height))
    )


def astronaut(raw: Path) -> Image.Image:  # noqa: ARG001  comes with scikit-image
    return Image.fromarray(skimage.data.astronaut())


def cat(raw: Path) -> Image.Image:  # noqa: ARG001  comes with scikit-image
    return Image.fromarray(skimage.data.chelsea())


def dogs(raw: Path) -> Image.Image:
    """The part of the wallpaper with both dogs."""
    file = raw / "lomiri-wallpapers-16.04/usr/share/backgrounds/friends_by_Aitzol_Berasategi.jpg"
    return part(Image.open(file).convert("RGB"), (0.0, 0.1, 0.9, 0.62))


def fruit(raw: Path) -> Image.Image:
    """Most of the photo: at its right border, fruit is cut."""
    file = raw / "palapeli-data/usr/share/palapeli/collection/citrus-fruits.jpg"
    return part(Image.open(file).convert("RGB"), (0.0, 0.0, 0.9, 1.0))


def panda(raw: Path) -> Image.Image:
    archive = raw / "gcompris-qt-data/usr/share/gcompris-qt/rcc/explore_world_animals.rcc"
    files = Resources(archive, unzstandard).files()
    data = next(data for path, data in files if path.endswith("/panda.webp"))
    return Image.open(io.BytesIO(data)).convert("RGB")


PHOTOS: dict[str, Callable[[Path], Image.Image]] = {
    "astronaut": astronaut,
    "cat": cat,
    "dogs": dogs,
    "fruit": fruit,
    "panda": panda,
}


def main() -> None:
    """Write the photos that are samples of the capabilities."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("capabilities", nargs="+")
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    options = parser.parse_args()
    for capability in options.capabilities:
        for sample in registry.cards()[capability].samples:
            if sample.name in PHOTOS:
                photo = PHOTOS[sample.name](options.raw)
                photo.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
                photo.save(sample.inputs["image"], quality=QUALITY)


if __name__ == "__main__":
    main()
