"""Whether classifiers of other kinds name the answers right too, not only networks like the one learned with.

    python -m models.synthesis.recipe.other_judges --dataset data/garments.npz

Five nearest neighbors and a forest of extremely randomized trees see pixels, and learn from real training
pictures. Each row has the shares that both name right, of the first test pictures: neighbors, trees.
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.neighbors import KNeighborsClassifier

from models.synthesis.architecture import EDGES, load_networks
from models.synthesis.card import EDGES_WEIGHTS
from models.synthesis.data import exact, load, to_bytes
from models.synthesis.evaluate import PICTURES, answers_of

log = logging.getLogger(__name__)

LEARNED = 20_000  # real training pictures


def flat(pictures: np.ndarray) -> np.ndarray:
    """(N, ...) uint8 -> (N, pixels) in [0, 1]."""
    return pictures.reshape(len(pictures), -1) / 255


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("data/garments.npz"))
    parser.add_argument("--weights", type=Path, default=EDGES_WEIGHTS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    networks, _ = load_networks(options.weights)
    data = load(options.dataset, EDGES, networks.config.side)
    learned = data.train.part(list(range(min(LEARNED, len(data.train)))))
    pairs = data.test.part(list(range(min(PICTURES, len(data.test)))))
    judges = KNeighborsClassifier(5), ExtraTreesClassifier(100, random_state=0)
    for each in judges:
        each.fit(flat(learned.pictures.numpy()), learned.labels.numpy())
    condition, truth = exact(pairs, networks.config)
    rows = {
        "real pictures": truth,
        "with adversary": answers_of(networks.generator, condition),
        "L1 alone": answers_of(networks.twin, condition),
    }
    for name, pictures in rows.items():
        shares = [each.score(flat(to_bytes(pictures)), pairs.labels.numpy()) for each in judges]
        log.info("%s: %s", name, ", ".join(f"{share:.3f}" for share in shares))


if __name__ == "__main__":
    main()
