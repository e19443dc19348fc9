"""Quality of a detector on composites that it was not trained on.

    glassbox evaluate detection --weights models/detection/weights/grid-detector.safetensors

measures on 1,000 composites with unseen subjects and on as many with seen subjects, all on unseen
backgrounds. The composites are drawn from a fixed seed.
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
from models.core.training.composites import Bank, Composer, Composite, Pictures
from models.core.training.samples import CUTOUTS
from models.detection.architecture import Detector, decode
from models.detection.card import WEIGHTS
from models.detection.data import batch
from models.detection.metrics import (
    Detections,
    Truth,
    average_precision,
    bootstrap,
    match,
    mean_average_precision,
)
from models.detection.predict import GridNetwork
from models.detection.recipe.figures import tables
from models.detection.suppression import suppress

log = logging.getLogger(__name__)

MIN_SCORE = 0.01
MAX_CANDIDATES = 400
IOU = 0.5
MAX_OBJECTS = 100
BATCH = 16
TEST_SEED = 2026
DATASET = Path("data/detection.npz")
# longer side of the box as a share of the image's side: from, and below
SIZES = {"small": (0.0, 0.22), "medium": (0.22, 0.45), "large": (0.45, 10.0)}


@torch.inference_mode()
def detect(model: Detector, images: torch.Tensor) -> list[Detections]:
    """The boxes after suppression, down to very low scores, in images of the detector's own size."""
    predicted = decode(model(images))
    detections = []
    for boxes, by_label in zip(predicted.boxes.cpu(), predicted.scores().cpu(), strict=True):
        scores, labels = by_label.max(1)
        order = scores.argsort(descending=True, stable=True)
        order = order[scores[order] > MIN_SCORE][:MAX_CANDIDATES]
        kept = suppress(boxes[order], scores[order], labels[order], IOU).kept
        order = order[kept][:MAX_OBJECTS]
        detections.append(Detections(boxes[order].numpy(), scores[order].numpy(), labels[order].numpy()))
    return detections


def detect_in_composites(
    model: Detector, pictures: Pictures, size: int, count: int, *, seed: int
) -> tuple[list[Composite], list[Detections]]:
    """At most `count` pictures and the boxes detected in them. The same seed gives the same pictures."""
    device = next(model.parameters()).device
    model.eval()
    composites = list(pictures.examples(size, count, seed=seed))
    detections: list[Detections] = []
    for start in range(0, len(composites), BATCH):
        images, _ = batch(composites[start : start + BATCH])
        detections += detect(model, images.to(device, memory_format=torch.channels_last))
    return composites, detections


def truths(composites: Sequence[Composite]) -> list[Truth]:
    """The true boxes of the composites."""
    return [
        Truth(each.boxes, np.array(each.labels, int), np.array(each.subjects, int)) for each in composites
    ]


def measure(model: Detector, pictures: Pictures, size: int, count: int, *, seed: int) -> dict[str, float]:
    """map50 and ap50_agnostic on at most `count` pictures."""
    composites, detections = detect_in_composites(model, pictures, size, count, seed=seed)
    return mean_average_precision(detections, truths(composites), len(pictures.labels))


def measure_fully(
    model: Detector, composer: Composer, size: int, count: int, *, seed: int
) -> dict[str, float]:
    """Also AP by label, map50 by object size, and the interval of map50 over subjects."""
    composites, detections = detect_in_composites(model, composer, size, count, seed=seed)
    truth, labels = truths(composites), composer.bank.labels
    by_label = [match(detections, truth, label) for label in range(len(labels))]
    low, high = bootstrap(by_label)
    metrics = mean_average_precision(detections, truth, len(labels))
    metrics |= {"map50_low": low, "map50_high": high}
    for name, (low, high) in SIZES.items():
        sized_truth = [replace(each, counts=has_size(each.boxes, size, low, high)) for each in truth]
        sized = [replace(each, counts=has_size(each.boxes, size, low, high)) for each in detections]
        metrics[f"map50_{name}"] = mean_average_precision(sized, sized_truth, len(labels))["map50"]
    metrics |= {
        f"ap50_{label}": average_precision(each) for label, each in zip(labels, by_label, strict=True)
    }
    subjects = {int(subject) for each in truth for subject in each.subjects}
    return metrics | {
        "pictures": len(truth),
        "objects": sum(len(each.labels) for each in truth),
        "subjects": len(subjects),
    }


def has_size(boxes: np.ndarray, side: int, low: float, high: float) -> np.ndarray:
    """(n,) bool: the box's longer side lies between two shares of the image's side."""
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) / side
    return (longer >= low) & (longer < high)


def evaluate(weights: Path, dataset: Path, count: int, device: str = "cpu") -> dict[str, dict[str, float]]:
    """Metrics by protocol: unseen and seen subjects, both on unseen backgrounds.

    Raises:
        InputError: `dataset` is not a bank of cut-outs, or its labels differ from those of the weights.
        WeightsError: `weights` are not those of a grid detector.
    """
    network = GridNetwork(*checkpoint.load(weights), device)
    bank = Bank.load(dataset)
    if bank.labels != network.labels:
        raise InputError(
            f"The labels of the dataset, {bank.labels}, are not those of the detector, {network.labels}."
        )
    size = network.config.image_size
    unseen = Composer(bank, "test", augment=False)
    seen = Composer(bank, "train", background_split="test", augment=False)
    return {
        "unseen_subjects": measure_fully(network.model, unseen, size, count, seed=TEST_SEED),
        "seen_subjects": measure_fully(network.model, seen, size, count, seed=TEST_SEED),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the weights to measure")
    parser.add_argument(
        "--dataset",
        type=Path,
        help=f"the bank of cut-outs (default: {DATASET} if it exists, else the sample)",
    )
    parser.add_argument("--pictures", type=int, default=1000, help="composites per protocol")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else CUTOUTS)
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
