"""Writes the samples: `python -m models.autoencoding.recipe.samples --photo photo.jpg`.

Held-out pictures of both banks, and the middle of a photo, which is unlike all that the models learned from.
The sample dataset is made by `python -m models.core.recipe.garments --raw raw --count 2000 --out
dataset.npz`.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from models.autoencoding.card import HERE
from models.core.generative.pictures import load, square

SAMPLES = HERE / "samples"
GARMENTS = {"boot": 28, "sneaker": 22, "bag": 30}  # number in the test split
FACES = {"face": 6, "second-face": 12}
PHOTO_SIDE = 256


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--garments", type=Path, default=Path("data/garments.npz"))
    parser.add_argument("--faces", type=Path, default=Path("data/faces.npz"))
    parser.add_argument("--photo", type=Path, required=True)
    options = parser.parse_args()
    for bank, chosen in ((options.garments, GARMENTS), (options.faces, FACES)):
        pictures = load(bank).test.pictures
        for name, index in chosen.items():
            Image.fromarray(pictures[index]).save(SAMPLES / f"{name}.png")
    photo = np.asarray(Image.open(options.photo).convert("RGB"))
    Image.fromarray(square(photo, PHOTO_SIDE)).save(SAMPLES / "photo.jpg", quality=88)


if __name__ == "__main__":
    main()
