"""The bank of garments: Fashion-MNIST, 70,000 product photos of ten kinds, 28 x 28 pixels, gray.

    python -m models.core.recipe.sources --into raw dataset-fashion-mnist
    python -m models.core.recipe.garments --raw raw --out data/garments.npz

Source: Xiao et al. 2017, Fashion-MNIST, arXiv:1708.07747; MIT license; in the Debian package
dataset-fashion-mnist. Of its 60,000 training pictures the last 5,000 are kept for validation. `--count` makes
a small bank of the first pictures for training, which ships as a sample dataset.
"""

import argparse
import gzip
import logging
from pathlib import Path

import numpy as np

from models.core.recipe.sources import fetch

log = logging.getLogger(__name__)

PACKAGE = "dataset-fashion-mnist"
FOLDER = "usr/share/datasets/fashion-mnist"
CLASSES = (
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
VALIDATION = 5_000
SMALL_HELD_OUT = 5  # a small bank has this many times fewer held-out pictures per split than for training


def read_idx(path: Path) -> np.ndarray:
    """The array of an IDX file: two zero bytes, the type (8: uint8), the rank, the lengths, the values."""
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = np.frombuffer(data, ">u4", rank, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape.astype(int))


def build(raw: Path, count: int | None = None) -> dict[str, np.ndarray]:
    """The arrays of the bank; with `count`, of so many pictures for training and fewer of others."""
    folder = fetch(PACKAGE, raw) / FOLDER
    pictures, labels, test, test_labels = (
        read_idx(folder / f"{part}-{name}-ubyte.gz")
        for part in ("train", "t10k")
        for name in ("images-idx3", "labels-idx1")
    )
    border = len(pictures) - VALIDATION
    few = None if count is None else count // SMALL_HELD_OUT
    return {
        "train": pictures[:border][:count],
        "train_labels": labels[:border][:count],
        "validation": pictures[border:][:few],
        "validation_labels": labels[border:][:few],
        "test": test[:few],
        "test_labels": test_labels[:few],
        "classes": np.array(CLASSES),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--out", type=Path, required=True, help="the bank to write")
    parser.add_argument("--count", type=int, help="pictures for training in a small bank")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arrays = build(options.raw, options.count)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, **arrays)  # type: ignore[arg-type]
    log.info("%s: %s", options.out, {name: array.shape for name, array in arrays.items()})


if __name__ == "__main__":
    main()
