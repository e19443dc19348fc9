"""How well the U-Net notices pictures unlike those that it learned from; --write makes what this needs.

    python -m models.segmentation.recipe.unlike --dataset data/detection.npz --photos data/photos.zip

The threshold comes from composites of the validation split, the familiar pictures are those of the test
split, with subjects and backgrounds of neither. Wallpapers are left out: some are backgrounds of the
composites. The model of boxes and masks has the numbers of its detector: `models.detection.recipe.unlike`.
"""

import argparse
import logging
from collections.abc import Iterable
from pathlib import Path

import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.recipe.unlike_pictures import (
    WALLPAPERS,
    Measured,
    composites,
    drawn,
    photos,
    separation,
    table,
    write,
)
from models.core.training.composites import Bank, Composer
from models.core.training.familiarity import path_beside
from models.segmentation.card import WEIGHTS, TrainParams
from models.segmentation.familiarity import familiarity_of
from models.segmentation.semantic import UNetNetwork

TEST_PICTURES = 256
SEED = 2026

log = logging.getLogger(__name__)


def evidence(network: UNetNetwork, pictures: Iterable[Image.Image]) -> list[Measured]:
    """That of pictures as users upload them; the energy is the mean over all pixels."""
    found = []
    for picture in pictures:
        item = network.prepare(picture)
        (raw,) = network.forward([item])
        measured, energy = network.evidence(item, raw), -float(raw.logits.logsumexp(0).mean())
        found.append(Measured(measured.features, measured.confidence, energy))
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", type=Path, default=Path("data/detection.npz"), help="bank of cut-outs")
    parser.add_argument("--photos", type=Path, default=Path("data/photos.zip"), help="bank of photos")
    parser.add_argument("--write", action="store_true", help="also write the file beside the shipped weights")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    bank, network = Bank.load(options.dataset), UNetNetwork(*checkpoint.load(WEIGHTS), "cpu")
    size = network.config.image_size
    params = TrainParams(steps=9000, batch_size=16, image_size=size, seed=SEED)
    learned, held_out = Composer(bank, "train"), Composer(bank, "validation", augment=False)
    familiarity = familiarity_of(network.model, learned, held_out, params)
    assert familiarity is not None  # noqa: S101  the bank has enough pictures
    familiar = evidence(network, composites(Composer(bank, "test", augment=False), size, TEST_PICTURES))
    pictures = [each.picture for each in photos(options.photos) if each.subject not in WALLPAPERS]
    measured = {name: evidence(network, each) for name, each in {"photos": pictures, **drawn()}.items()}
    report = separation(familiarity, familiar, measured)
    log.info("%s\n\n%s", WEIGHTS.stem, table(report))
    if options.write:
        write(path_beside(WEIGHTS), familiarity, report)


if __name__ == "__main__":
    main()
