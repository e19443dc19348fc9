"""The sample pictures: held-out garments, enlarged without smoothing.

    python -m models.generation.recipe.sample_pictures --dataset data/garments.npz

The boot is shown dark on white, as in a shop, so that it has to be inverted.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from models.core.generative.pictures import load
from models.generation.card import HERE

FACTOR = 8
BAG, BOOT = 18, 0  # in the test split


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("data/garments.npz"))
    options = parser.parse_args()
    test = load(options.dataset).test.pictures
    for name, picture in (("bag", test[BAG]), ("boot", 255 - test[BOOT])):
        large = np.repeat(np.repeat(picture, FACTOR, axis=0), FACTOR, axis=1)
        Image.fromarray(large).save(HERE / "samples" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
