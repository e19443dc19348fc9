"""How many pictures of each class a classifier needs: its learning curve on a dataset.

    python -m models.classification.recipe.photos --fetch --raw raw --out data/kinds.zip
    glassbox evaluate classification --dataset data/kinds.zip --nanodet nanodet-g.safetensors

draws some pictures of each class at random, trains on them and measures on all that were not drawn, `DRAWS`
times for each number of pictures. Groups, such as near-duplicates, are on one side. A class takes part where
at least `FEWEST_HELD_OUT` of its pictures remain.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.classification import head
from models.classification.architecture import Pooling
from models.classification.card import TrainParams
from models.classification.data import THUMBNAIL, Example, decoded, examples_of
from models.classification.features import BACKBONES, NANODET, features_of, load_encoder
from models.classification.metrics import balanced_accuracy, confusion
from models.core.contract import registry
from models.core.datasets.archive import load

log = logging.getLogger(__name__)

PICTURES = (1, 2, 5, 10, 20)  # of each class
DRAWS = 40
FEWEST_HELD_OUT = 5


@dataclass(frozen=True)
class Point:
    """One point of the curve, over all draws."""

    pictures: int  # of each class
    classes: int
    balanced_accuracy: float
    deviation: float
    right: int
    total: int


def seen(dataset: Path, backbone: str) -> tuple[np.ndarray, list[Example]]:
    """The features (N, F) of all labeled pictures."""
    encoder = load_encoder(backbone)
    with load(dataset) as data:
        examples, _ = examples_of(data)
        pooled = [
            features_of(encoder, shown.image, Pooling()).pooled
            for shown in decoded(data, examples, THUMBNAIL)
        ]
    return torch.stack(pooled).double().numpy(), examples


def point(x: np.ndarray, examples: list[Example], pictures: int, params: TrainParams) -> Point | None:
    """The mean over the draws, from the features (N, F); None: fewer than two classes have enough."""
    labels = np.array([each.label for each in examples])
    sizes = np.bincount(labels)
    chosen = np.flatnonzero(sizes >= pictures + FEWEST_HELD_OUT)
    if len(chosen) < 2:
        return None
    accuracies, right, total = [], 0, 0
    for draw in range(DRAWS):
        random = np.random.default_rng([params.seed, draw])
        drawn = np.concatenate(
            [random.permutation(np.flatnonzero(labels == each))[:pictures] for each in chosen]
        )
        groups = {examples[index].group for index in drawn}
        rest = [
            index
            for index, each in enumerate(examples)
            if each.label in chosen and index not in drawn and each.group not in groups
        ]
        fitted = head.fit(x[drawn][:, None], np.searchsorted(chosen, labels[drawn]), len(chosen), params)
        answers = fitted.probabilities(x[rest]).argmax(axis=1)
        counts = confusion(np.searchsorted(chosen, labels[rest]), answers, len(chosen))
        accuracies.append(balanced_accuracy(counts))
        right, total = right + int(counts.trace()), total + int(counts.sum())
    mean, deviation = float(np.mean(accuracies)), float(np.std(accuracies))
    return Point(pictures, len(chosen), round(mean, 4), round(deviation, 4), right, total)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the curve of each backbone, and write it to a file if one is named."""
    parser = argparse.ArgumentParser(
        prog="glassbox evaluate classification",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--dataset", type=Path, default=Path("data/kinds.zip"), help="a dataset with classes")
    parser.add_argument(
        "--nanodet", type=Path, help="the weights of nanodet-g; else the shipped backbone alone"
    )
    parser.add_argument("--out", type=Path, help="also write the figures to this JSON file")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    registry.find_fetched_with(lambda name: options.nanodet if name == NANODET else None)
    figures: dict[str, list[dict[str, Any]]] = {}
    for backbone in BACKBONES:
        if backbone == NANODET and options.nanodet is None:
            continue
        x, examples = seen(options.dataset, backbone)
        points = [point(x, examples, pictures, TrainParams()) for pictures in PICTURES]
        log.info("%s: %d pictures", backbone, len(examples))
        for each in filter(None, points):
            log.info(
                "  %2d of each of %d classes: balanced accuracy %.3f ± %.3f (%d of %d right in %d draws)",
                each.pictures,
                each.classes,
                each.balanced_accuracy,
                each.deviation,
                each.right,
                each.total,
                DRAWS,
            )
        figures[backbone] = [vars(each) for each in points if each]
    if options.out:
        options.out.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
