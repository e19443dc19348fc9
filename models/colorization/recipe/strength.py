"""How strong a trained model's colors should be laid on, chosen on validation photos.

    python -m models.colorization.recipe.strength --weights gan.safetensors --dataset data/photos.zip

A guess that is half right is nearer to the truth when it is paler, and more like a photo when it is not. This
prints both for several strengths; `--keep 0.8` writes one into the weights' config.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from models.colorization import networks
from models.colorization.card import GAN_WEIGHTS
from models.colorization.validation import Validation

log = logging.getLogger(__name__)

STRENGTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1)


def compare(weights: Path, dataset: Path, image_size: int | None) -> dict[float, dict[str, float]]:
    """The validation metrics at each strength."""
    loaded = networks.load(weights)
    validation = Validation(dataset, image_size or loaded.config.image_size)
    found = {}
    for strength in STRENGTHS:
        loaded.generator.config = replace(loaded.config, strength=strength)
        found[strength] = validation.measure(loaded.generator)
    return found


def keep(weights: Path, strength: float) -> None:
    """Write the strength into the weights' config."""
    loaded = networks.load(weights)
    loaded.generator.config = replace(loaded.config, strength=strength)
    networks.save(weights, loaded.generator, loaded.discriminator)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, default=GAN_WEIGHTS)
    parser.add_argument("--dataset", type=Path, default=Path("data/photos.zip"))
    parser.add_argument("--image-size", type=int, help="see pictures at another size than the weights' own")
    parser.add_argument("--keep", type=float, help="the strength to write into the weights")
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
