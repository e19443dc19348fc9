"""Packs the sample dataset: `python -m models.synthesis.recipe.sample_faces --dataset data/faces.npz`."""

import argparse
from pathlib import Path

import numpy as np

from models.core.generative.pictures import read_bank
from models.synthesis.card import SAMPLE_DATASET

COUNTS = {"train": 240, "validation": 30, "test": 30}


def main() -> None:
    """Write the first faces of each split, with everything that the bank knows of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", type=Path, default=Path("data/faces.npz"))
    arrays = read_bank(parser.parse_args().dataset)
    kept = {
        name: values[: COUNTS.get(name.partition("_")[0])] for name, values in arrays.items() if values.ndim
    }
    np.savez_compressed(SAMPLE_DATASET, allow_pickle=False, **kept)


if __name__ == "__main__":
    main()
