"""Writes the samples: `python -m models.super_resolution.recipe.samples --dataset data/photos.zip`.

The sample pictures are held-out photos, shrunk, so that there is detail to restore. The small sample dataset
consists of freely licensed photos of the training split; `samples/dataset.csv` names their authors.
"""

import argparse
import io
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image
from sklearn.datasets import load_sample_images

from models.core.training import photos
from models.super_resolution.card import HERE, SAMPLE_DATASET

LONGEST = 256  # pixels of a sample's longer side
PHOTOS = {"mountains": "picosdeeuropa", "pagoda": "china", "dahlia": "flower"}  # by sample
# split, photo, and its part: left, top, right, bottom as shares
PARTS = (
    ("train", "friends", (0.0, 0.0, 1.0, 0.5)),
    ("train", "friends", (0.0, 0.5, 1.0, 1.0)),
    ("train", "moose", (0.0, 0.0, 1.0, 1.0)),
    ("train", "panda", (0.0, 0.0, 1.0, 1.0)),
    ("validation", "crocodile", (0.0, 0.0, 1.0, 1.0)),
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", type=Path, default=Path("data/photos.zip"))
    options = parser.parse_args()
    held_out = {subject(photo.name): photo.pixels for photo in photos.load(options.dataset, "test")}
    scikit: Any = load_sample_images()  # a Bunch: its fields exist at run time only
    held_out |= {
        Path(file).stem: pixels for file, pixels in zip(scikit.filenames, scikit.images, strict=True)
    }
    for name, photo in PHOTOS.items():
        picture = Image.fromarray(held_out[photo])
        picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC, reducing_gap=None)
        picture.save(HERE / "samples" / f"{name}.jpg", quality=95, subsampling=0)
    training = {subject(photo.name): photo.pixels for photo in photos.load(options.dataset, "train")}
    with zipfile.ZipFile(SAMPLE_DATASET, "w", zipfile.ZIP_STORED) as archive:
        for number, (split, photo, shares) in enumerate(PARTS):
            picture = Image.fromarray(training[photo])
            width, height = picture.size
            left, top, right, bottom = shares
            part = picture.crop(
                (round(left * width), round(top * height), round(right * width), round(bottom * height))
            )
            file = io.BytesIO()
            part.save(file, "WEBP", quality=90, method=6)
            # a fixed date: the same photos give the same bytes
            name = f"{split}/{photo}-{number}.webp"
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), file.getvalue())


def subject(name: str) -> str:
    """The subject of a photo: its file name without the split and the hash."""
    return Path(name).stem.rsplit("-", 1)[0]


if __name__ == "__main__":
    main()
