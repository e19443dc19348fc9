"""Writes the samples anew: `python -m models.super_resolution.recipe.samples --dataset data/photos.zip`.

The pictures to try are held-out photos, shrunk, so that there is something to restore. The small dataset to
train on holds freely licensed photos of the training split; `samples/dataset.csv` says whose.
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
SHOWN = {"mountains": "picosdeeuropa", "pagoda": "china", "dahlia": "flower"}  # sample: photo
# split, photo, and the part of it: left, top, right, bottom as shares
LEARNED = (
    ("train", "friends", (0.0, 0.0, 1.0, 0.5)),
    ("train", "friends", (0.0, 0.5, 1.0, 1.0)),
    ("train", "moose", (0.0, 0.0, 1.0, 1.0)),
    ("train", "panda", (0.0, 0.0, 1.0, 1.0)),
    ("validation", "crocodile", (0.0, 0.0, 1.0, 1.0)),
)


def main() -> None:
    """Samples and sample dataset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", type=Path, default=Path("data/photos.zip"))
    options = parser.parse_args()
    held_out = {subject(photo.name): photo.pixels for photo in photos.load(options.dataset, "test")}
    scikit: Any = load_sample_images()  # a Bunch: its fields are made at run time
    held_out |= {
        Path(file).stem: pixels for file, pixels in zip(scikit.filenames, scikit.images, strict=True)
    }
    for name, photo in SHOWN.items():
        picture = Image.fromarray(held_out[photo])
        picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC, reducing_gap=None)
        picture.save(HERE / "samples" / f"{name}.jpg", quality=95, subsampling=0)
    learned = {subject(photo.name): photo.pixels for photo in photos.load(options.dataset, "train")}
    with zipfile.ZipFile(SAMPLE_DATASET, "w", zipfile.ZIP_STORED) as archive:
        for number, (split, photo, shares) in enumerate(LEARNED):
            picture = Image.fromarray(learned[photo])
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
    """What a photo of the bank shows: its file's name without the split and the hash."""
    return Path(name).stem.rsplit("-", 1)[0]


if __name__ == "__main__":
    main()
