"""How well the detectors notice pictures unlike those that they learned from; --write makes what this needs.

    python -m models.detection.recipe.unlike --dataset data/detection.npz --photos data/photos.zip \
        --nanodet nanodet-g.safetensors

The grid detector learned from composites: the threshold comes from those of the validation split, and the
familiar pictures are those of the test split, with subjects and backgrounds of neither. NanoDet's training
pictures, those of COCO, are not at hand. Other photos stand in for them, and photos whose subject is a class
of COCO for its held-out pictures. These are few, so the share of them that is flagged is measured in five
parts, each with the threshold of the other four. Neither detector was trained on any of these photos, but the
grid detector has backgrounds from the wallpapers among them, which are therefore left out for it.
"""

import argparse
import csv
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from models.core.recipe.photo_sheet import COCO_PHOTOS
from models.core.recipe.unlike_pictures import (
    WALLPAPERS,
    Measured,
    Photo,
    composites,
    drawn,
    photos,
    separation,
    table,
    write,
)
from models.core.training.composites import Bank, Composer
from models.core.training.familiarity import Evidence, Familiarity, fit, path_beside
from models.detection.card import WEIGHTS, TrainParams
from models.detection.data import Raw
from models.detection.familiarity import familiarity_of
from models.detection.predict import GridNetwork, Predictor
from models.detection.pretrained.nanodet import LABELS
from models.detection.pretrained.nanodet_network import SHIPPED, NanoDetNetwork
from models.detection.recipe.photos import LIST as KNOWN

# besides those of models/core/recipe/coco_photos.csv: their subjects are classes of COCO, too
OF_COCO = (
    "calf", "africa", "america", "australia", "ireland", "italy", "japan", "mexico", "middleeast",
    "orchestra", "knife", "spoons", "scissors", "baseball", "volleyball",
)  # fmt: skip
TEST_PICTURES = 256
PARTS = 5
SEED = 2026

log = logging.getLogger(__name__)


def evidence(network: GridNetwork | NanoDetNetwork, pictures: Iterable[Image.Image]) -> list[Measured]:
    """That of pictures as users upload them."""
    found = []
    for picture in pictures:
        item = network.prepare(picture)
        (raw,) = network.forward([item])
        measured = network.evidence(item, raw)
        found.append(Measured(measured.features, measured.confidence, energy(raw)))
    return found


def energy(raw: Raw) -> float:
    """-log sum e^z over the class logits z of all cells; the grid detector's plus that of the objectness."""
    is_grid = raw.grids[0].dim() == 4
    logits = [grid[:, 4:5] + grid[:, 5:] if is_grid else grid[: len(LABELS)] for grid in raw.grids]
    return -float(torch.cat([each.flatten() for each in logits]).logsumexp(0))


def names_in(listed: Path) -> set[str]:
    """The names of the photos in a list."""
    with listed.open(newline="", encoding="utf-8") as file:
        return {row["name"] for row in csv.DictReader(file)}


def grid_detector(bank: Bank, taken: Sequence[Photo]) -> tuple[Familiarity, dict[str, Any]]:
    """What the shipped weights need, and how well it works."""
    network = Predictor(WEIGHTS).network
    assert isinstance(network, GridNetwork)  # noqa: S101  these are its weights
    size = network.side
    params = TrainParams(steps=20_000, batch_size=16, image_size=size, seed=SEED)
    learned, held_out = Composer(bank, "train"), Composer(bank, "validation", augment=False)
    familiarity = _found(familiarity_of(network.model, learned, held_out, params))
    test = composites(Composer(bank, "test", augment=False), size, TEST_PICTURES)
    known = names_in(KNOWN)
    others = [each for each in taken if each.subject not in WALLPAPERS]
    sets = {
        "photos of other things": [each.picture for each in others if each.subject not in known],
        "photos of known kinds": [each.picture for each in others if each.subject in known],
        **drawn(),
    }
    measured = {name: evidence(network, pictures) for name, pictures in sets.items()}
    return familiarity, separation(familiarity, evidence(network, test), measured)


def nanodet(weights: Path, taken: Sequence[Photo]) -> tuple[Familiarity, dict[str, Any]]:
    """The same for NanoDet."""
    network = Predictor(weights).network
    assert isinstance(network, NanoDetNetwork)  # noqa: S101  these are its weights
    of_coco = names_in(COCO_PHOTOS) | set(OF_COCO)
    held_out = evidence(network, (each.picture for each in taken if each.subject in of_coco))
    others = [each for each in taken if each.subject not in of_coco]
    learned = evidence(network, (each.picture for each in others if each.subject not in WALLPAPERS))
    sets = {
        "landscapes and textures": [each.picture for each in others if each.subject in WALLPAPERS],
        **drawn(),
    }
    measured = {name: evidence(network, pictures) for name, pictures in sets.items()}
    familiarity = _found(fit(learned, held_out))
    report = separation(familiarity, held_out, measured)
    report["familiar"]["flagged"] = round(flagged_in_parts(learned, held_out), 3)
    return familiarity, report


def flagged_in_parts(learned: Sequence[Evidence], held_out: Sequence[Evidence]) -> float:
    """The share of held-out pictures beyond a threshold that others of them have set."""
    beyond = 0
    for part in range(PARTS):
        rest = [each for index, each in enumerate(held_out) if index % PARTS != part]
        familiarity = _found(fit(learned, rest))
        beyond += sum(familiarity.deviation(each) > familiarity.threshold for each in held_out[part::PARTS])
    return beyond / len(held_out)


def _found(familiarity: Familiarity | None) -> Familiarity:
    assert familiarity is not None  # noqa: S101  the lists have enough pictures
    return familiarity


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", type=Path, default=Path("data/detection.npz"), help="bank of cut-outs")
    parser.add_argument("--photos", type=Path, default=Path("data/photos.zip"), help="bank of photos")
    parser.add_argument("--nanodet", type=Path, required=True, help="its fetched weights")
    parser.add_argument(
        "--write", action="store_true", help="also write the files beside the shipped weights"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    taken = list(photos(options.photos))
    for path, measured in (
        (WEIGHTS, lambda: grid_detector(Bank.load(options.dataset), taken)),
        (SHIPPED, lambda: nanodet(options.nanodet, taken)),
    ):
        familiarity, report = measured()
        log.info("%s\n\n%s\n", path.stem, table(report))
        if options.write:
            write(path_beside(path), familiarity, report)


if __name__ == "__main__":
    main()
