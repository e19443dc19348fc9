"""Chooses the strength of a trained model's colors on validation photos.

    python -m models.colorization.recipe.strength --weights gan.safetensors --dataset data/photos.zip

Uncertain colors are closer to the truth if they are paler, and look more natural if they are not. This
prints the metrics for several strengths; `--keep 0.8` writes one into the config of the weights.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from models.colorization.architecture import load_networks, save_networks
from models.colorization.card import GAN_WEIGHTS
from models.colorization.train import Validation

log = logging.getLogger(__name__)

STRENGTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1)


def compare(weights: Path, dataset: Path, image_size: int | None) -> dict[float, dict[str, float]]:
    """The validation metrics at each strength."""
    networks = load_networks(weights)
    validation = Validation(dataset, image_size or networks.config.image_size)
    metrics = {}
    for strength in STRENGTHS:
        networks.generator.config = replace(networks.config, strength=strength)
        metrics[strength] = validation.measure(networks.generator)
    return metrics


def keep(weights: Path, strength: float) -> None:
    """Write the strength into the config of the weights."""
    networks = load_networks(weights)
    networks.generator.config = replace(networks.config, strength=strength)
    save_networks(weights, networks.generator, networks.discriminator)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, default=GAN_WEIGHTS)
    parser.add_argument("--dataset", type=Path, default=Path("data/photos.zip"))
    parser.add_argument(
        "--image-size", type=int, help="resize pictures to another size than that of the weights"
    )
    parser.add_argument("--keep", type=float, help="write this strength into the weights")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    if options.keep is not None:
        keep(options.weights, options.keep)
        return
    for strength, metrics in compare(options.weights, options.dataset, options.image_size).items():
        log.info("%s %s", strength, json.dumps({name: round(value, 3) for name, value in metrics.items()}))


if __name__ == "__main__":
    main()
