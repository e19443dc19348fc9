"""Chooses temperature and picture size of a trained model on validation photos.

    python -m models.colorization.recipe.temperature --weights color-classes.safetensors \
        --dataset data/photos.zip

Uncertain colors are closer to the truth if they are averaged, and look more natural if they are not. This
prints the metrics for several temperatures and sizes of the network's picture; `--size 192` writes a size
into the config of the weights.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from models.colorization.architecture import load_model, save_model
from models.colorization.card import WEIGHTS
from models.colorization.train import Validation

log = logging.getLogger(__name__)

TEMPERATURES = (0.2, 0.3, 0.38, 0.5, 0.65, 0.8, 1.0)
SIZES = (128, 160, 192, 224)


def compare(weights: Path, dataset: Path) -> dict[tuple[int, float], dict[str, float]]:
    """The validation metrics at each size and temperature."""
    model = load_model(weights)
    metrics = {}
    for size in SIZES:
        validation = Validation(dataset, size)
        for temperature in TEMPERATURES:
            metrics[size, temperature] = validation.measure(model, temperature)
    return metrics


def keep(weights: Path, size: int) -> None:
    """Write the size into the config of the weights."""
    model = load_model(weights)
    model.config = replace(model.config, image_size=size)
    save_model(weights, model)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--dataset", type=Path, default=Path("data/photos.zip"))
    parser.add_argument("--size", type=int, help="write this size into the weights")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    if options.size is not None:
        keep(options.weights, options.size)
        return
    for (size, temperature), metrics in compare(options.weights, options.dataset).items():
        shown = json.dumps({name: round(value, 3) for name, value in metrics.items()})
        log.info("%d px, temperature %.2f: %s", size, temperature, shown)


if __name__ == "__main__":
    main()
