"""Writes the samples that are photos: pictures that come with scikit-image, free for every use.

    python -m models.detection.recipe.sample_photos
    glassbox models pull nanodet-g && glassbox samples build detection

The cat is CC0 (Stéfan van der Walt), the astronaut in the public domain (NASA).
"""

import skimage.data
from PIL import Image

from models.detection.card import SAMPLES

PHOTOS = {"cat": skimage.data.chelsea, "astronaut": skimage.data.astronaut}
QUALITY = 92  # of JPEG


def main() -> None:
    for name, load in PHOTOS.items():
        Image.fromarray(load()).save(SAMPLES / f"{name}.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
