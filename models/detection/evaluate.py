"""Quality of a detector on composites that it was not trained on.

    glassbox evaluate detection --weights models/detection/weights/grid-detector.safetensors

measures on 1,000 composites of unseen subjects on unseen backgrounds, on the same number of seen
subjects on unseen backgrounds. The composites are drawn from fixed seeds.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import InputError
from models.core.training.composites import Bank, Composer, Composite
from models.detection.architecture import Detector, decode
from models.detection.card import SAMPLE_DATASET, WEIGHTS
from models.detection.data import batch
from models.detection.metrics import (
    Found,
    Truth,
    average_precision,
    bootstrap,
    match,
    mean_average_precision,
)
from models.detection.network import GridNetwork
from models.detection.recipe.figures import tables
from models.detection.suppression import suppress

log = logging.getLogger(__name__)

LOWEST_SCORE = 0.01
IOU = 0.5
MOST = 100
BATCH = 16
TEST_SEED = 2026
DATASET = Path("data/detection.npz")
# longer side of the box as a share of the picture's side, from and below
SIZES = {"small": (0.0, 0.22), "medium": (0.22, 0.45), "large": (0.45, 10.0)}


@torch.inference_mode()
def find(model: Detector, images: torch.Tensor) -> list[Found]:
    """What a detector finds in pictures of its own size, down to very low scores, after suppression."""
    predicted = decode(model(images))
    found = []
    for boxes, by_label in zip(predicted.boxes.cpu(), predicted.scores().cpu(), strict=True):
        scores, labels = by_label.max(1)
        order = scores.argsort(descending=True, stable=True)
        order = order[scores[order] > LOWEST_SCORE][:400]
        kept = suppress(boxes[order], scores[order], labels[order], IOU).kept
        order = order[kept][:MOST]
        found.append(Found(boxes[order].numpy(), scores[order].numpy(), labels[order].numpy()))
    return found


def examine(
    model: Detector, composer: Composer, size: int, pictures: int, *, seed: int
) -> tuple[list[Composite], list[Found]]:
    """Composites and what the detector finds in them; the same ones for the same seed."""
    device = next(model.parameters()).device
    model.eval()
    composites: list[Composite] = []
    found: list[Found] = []
    for start in range(0, pictures, BATCH):
        part = [
            composer.compose(np.random.default_rng([seed, 7, start + index]), size)
            for index in range(min(BATCH, pictures - start))
        ]
        images, _ = batch(part)
        found += find(model, images.to(device, memory_format=torch.channels_last))
        composites += part
    return composites, found


def truths(composites: Sequence[Composite]) -> list[Truth]:
    """What is in the composites."""
    return [
        Truth(each.boxes, np.array(each.labels, int), np.array(each.subjects, int)) for each in composites
    ]


def measure(model: Detector, composer: Composer, size: int, pictures: int, *, seed: int) -> dict[str, float]:
    """map50 and ap50_agnostic on `pictures` composites."""
    composites, found = examine(model, composer, size, pictures, seed=seed)
    return mean_average_precision(found, truths(composites), len(composer.bank.labels))


def measure_fully(
    model: Detector, composer: Composer, size: int, pictures: int, *, seed: int
) -> dict[str, float]:
    """Also AP by label, map50 by size of object, and the interval of map50 over subjects."""
    composites, found = examine(model, composer, size, pictures, seed=seed)
    truth, labels = truths(composites), composer.bank.labels
    by_label = [match(found, truth, label) for label in range(len(labels))]
    low, high = bootstrap(by_label)
    answer = mean_average_precision(found, truth, len(labels))
    answer |= {"map50_low": low, "map50_high": high}
    for name, (least, most) in SIZES.items():
        part = [replace(t, counts=within(t.boxes, size, least, most)) for t in truth]
        mine = [replace(f, counts=within(f.boxes, size, least, most)) for f in found]
        answer[f"map50_{name}"] = mean_average_precision(mine, part, len(labels))["map50"]
    answer |= {f"ap50_{label}": average_precision(each) for label, each in zip(labels, by_label, strict=True)}
    subjects = {int(subject) for each in truth for subject in each.subjects}
    return answer | {
        "pictures": len(truth),
        "objects": sum(len(t.labels) for t in truth),
        "subjects": len(subjects),
    }


def within(boxes: np.ndarray, side: int, least: float, most: float) -> np.ndarray:
    """Which boxes have a longer side between two shares of the picture's side."""
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) / side
    return (longer >= least) & (longer < most)


def evaluate(weights: Path, dataset: Path, pictures: int, device: str = "cpu") -> dict[str, dict[str, float]]:
    """Metrics by protocol: unseen subjects, and seen ones, both on unseen backgrounds.

    Raises:
        InputError: `dataset` is not a bank of cut-outs, or has other labels than the weights.
        WeightsError: `weights` are not the grid detector's.
    """
    network = GridNetwork(*checkpoint.load(weights), device)
    bank = Bank.load(dataset)
    if bank.labels != network.labels:
        raise InputError(f"The dataset's labels {bank.labels} are not the detector's {network.labels}.")
    size = network.config.image_size
    unseen = Composer(bank, "test", augment=False)
    seen = Composer(bank, "train", background_split="test", augment=False)
    return {
        "unseen_subjects": measure_fully(network.model, unseen, size, pictures, seed=TEST_SEED),
        "seen_subjects": measure_fully(network.model, seen, size, pictures, seed=TEST_SEED),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the weights to measure")
    parser.add_argument("--dataset", type=Path, help=f"the bank ({DATASET} if it is there, else the sample)")
    parser.add_argument("--pictures", type=int, default=1000, help="composites of each protocol")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else SAMPLE_DATASET)
    metrics: dict[str, dict[str, float]] = evaluate(
        options.weights, dataset, options.pictures, options.device
    )
    rounded = {name: {key: round(value, 4) for key, value in each.items()} for name, each in metrics.items()}
    text = json.dumps({"dataset": dataset.name, **rounded}, indent=2)
    log.info("%s\n\n%s", text, tables(rounded))
    if options.out:
        options.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
