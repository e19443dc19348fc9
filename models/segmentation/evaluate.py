"""Quality of a segmenter on composites that it was not trained on.

    glassbox evaluate segmentation --weights models/segmentation/weights/unet.safetensors

measures on 1,000 composites with unseen subjects and on as many with seen subjects, all on unseen
backgrounds, and prints the tables of the model card. The baseline predicts the most frequent class, the
background, for every pixel. The composites are those of the detector's evaluation.
"""

import argparse
import itertools
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.core.contract import checkpoint
from models.core.contract.errors import InputError
from models.core.images.codec import from_tensor
from models.core.recipe.contact_sheet import contact_sheet
from models.core.training.composites import Bank, Composer, Composite, Pictures
from models.core.training.samples import CUTOUTS
from models.segmentation.architecture import UNet, enlarge
from models.segmentation.card import WEIGHTS
from models.segmentation.masks import most_likely, overlay
from models.segmentation.metrics import boundary_counts, confusion, f_score, foreground_iou, ious, mean_iou
from models.segmentation.recipe import sheet_legend
from models.segmentation.recipe.figures import tables
from models.segmentation.semantic import UNetNetwork

log = logging.getLogger(__name__)

BATCH = 16
TEST_SEED = 2026  # as for the detector: the same composites
DATASET = Path("data/detection.npz")
RESAMPLES = 500
COLUMNS = 4  # of the sheet, three images each


@torch.inference_mode()
def segment(model: nn.Module, images: torch.Tensor) -> np.ndarray:
    """(B, H, W) the class of every pixel, as the predictor computes it, of images of the network's size."""
    probabilities = enlarge(model(images).softmax(1), *images.shape[2:]).cpu()
    return np.stack([most_likely(each).numpy() for each in probabilities])


def segment_composites(
    model: UNet, pictures: Pictures, size: int, count: int, *, seed: int
) -> Iterator[tuple[Composite, np.ndarray]]:
    """At most `count` pictures, the same for the same seed, with their predicted class maps (H, W)."""
    device = next(model.parameters()).device
    model.eval()
    examples = pictures.examples(size, count, seed=seed)
    while part := list(itertools.islice(examples, BATCH)):
        images = torch.stack([composite.image for composite in part])
        predicted = segment(model, images.to(device, memory_format=torch.channels_last))
        yield from zip(part, predicted, strict=True)


def measure(model: UNet, pictures: Pictures, size: int, count: int, *, seed: int) -> dict[str, float]:
    """miou and foreground_iou on at most `count` pictures."""
    return quality_of(confusion_in(model, pictures, size, count, seed=seed))


def confusion_in(model: UNet, pictures: Pictures, size: int, count: int, *, seed: int) -> np.ndarray:
    """(C, C) pixel counts over at most `count` pictures: rows are actual classes, columns predicted ones."""
    classes = len(model.config.classes)
    counts = np.zeros((classes, classes), np.int64)
    for composite, predicted in segment_composites(model, pictures, size, count, seed=seed):
        counts += confusion(composite.classes, predicted, classes)
    return counts


def quality_of(counts: np.ndarray) -> dict[str, float]:
    """miou and foreground_iou from pixel counts (C, C)."""
    return {"miou": mean_iou(counts), "foreground_iou": foreground_iou(counts)}


def measure_fully(
    model: UNet, composer: Composer, size: int, count: int, *, seed: int
) -> dict[str, dict[str, float]]:
    """The metrics of the U-Net and of the baseline on the same composites."""
    names = model.config.classes
    each: list[np.ndarray] = []
    outlines, no_outlines = np.zeros(4, np.int64), np.zeros(4, np.int64)
    subjects: set[int] = set()
    for composite, predicted in segment_composites(model, composer, size, count, seed=seed):
        each.append(confusion(composite.classes, predicted, len(names)))
        outlines += boundary_counts(composite.classes > 0, predicted > 0)
        no_outlines += boundary_counts(composite.classes > 0, np.zeros(predicted.shape, bool))
        subjects |= set(composite.subjects)
    counts = np.stack(each)
    total = counts.sum(0)
    low, high = bootstrap(counts)
    metrics = {"miou": mean_iou(total), "miou_low": low, "miou_high": high}
    metrics |= {"foreground_iou": foreground_iou(total), "boundary_f": f_score(*outlines.tolist())}
    metrics["pixel_accuracy"] = float(np.diag(total).sum() / total.sum())
    metrics |= {f"iou_{name}": float(value) for name, value in zip(names, ious(total), strict=True)}
    metrics |= {"pictures": len(counts), "subjects": len(subjects)}
    background_only = np.zeros_like(total)
    background_only[:, 0] = total.sum(1)
    baseline = {
        "miou": mean_iou(background_only),
        "foreground_iou": foreground_iou(background_only),
        "boundary_f": f_score(*no_outlines.tolist()),
        "pixel_accuracy": float(background_only[0, 0] / background_only.sum()),
    }
    return {"unet": metrics, "majority_class": baseline}


def bootstrap(counts: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean IoU over resampled images, from the counts (images, C, C)."""
    random = np.random.default_rng(0)
    drawn = random.integers(len(counts), size=(RESAMPLES, len(counts)))
    low, high = np.quantile([mean_iou(counts[rows].sum(0)) for rows in drawn], [0.025, 0.975])
    return float(low), float(high)


def evaluate(
    weights: Path, dataset: Path, count: int, device: str = "cpu"
) -> dict[str, dict[str, dict[str, float]]]:
    """Metrics by protocol: unseen and seen subjects, both on unseen backgrounds.

    Raises:
        InputError: `dataset` is not a bank of cut-outs, or its labels differ from those of the weights.
        WeightsError: `weights` are not those of a U-Net.
    """
    model = load(weights, device)
    bank = Bank.load(dataset)
    if bank.labels != model.config.classes[1:]:
        raise InputError(
            f"The labels of the dataset, {bank.labels}, are not those of the U-Net, "
            f"{model.config.classes[1:]}."
        )
    size = model.config.image_size
    unseen = Composer(bank, "test", augment=False)
    seen = Composer(bank, "train", background_split="test", augment=False)
    return {
        "unseen_subjects": measure_fully(model, unseen, size, count, seed=TEST_SEED),
        "seen_subjects": measure_fully(model, seen, size, count, seed=TEST_SEED),
    }


def load(weights: Path, device: str) -> UNet:
    """Raises WeightsError: `weights` are not those of a U-Net."""
    return UNetNetwork(*checkpoint.load(weights), device).model


def sheet(weights: Path, dataset: Path, path: Path, pictures: int = 24) -> None:
    """Draw held-out composites in threes: the image, the actual mask and the predicted one; with a legend."""
    model = load(weights, "cpu")
    size, classes = model.config.image_size, len(model.config.classes)
    composer = Composer(Bank.load(dataset), "test", augment=False)
    groups = []
    for composite, predicted in segment_composites(model, composer, size, pictures, seed=TEST_SEED):
        image = from_tensor(composite.image)
        masks = (overlay(image, each, classes, 0.7) for each in (composite.classes, predicted))
        tiles = [image, *(Image.fromarray(np.concatenate(list(bands))) for bands in masks)]
        groups.append([("", tile) for tile in tiles])
    drawn = contact_sheet(groups, (size, size), COLUMNS, ("image", "actual", "predicted"))
    foot = sheet_legend.legend(model.config.classes, drawn.width)
    picture = Image.new("RGB", (drawn.width, drawn.height + foot.height))
    picture.paste(drawn)
    picture.paste(foot, (0, drawn.height))
    picture.save(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the weights to measure")
    parser.add_argument(
        "--dataset", type=Path, help=f"the bank of cut-outs ({DATASET} if it exists, else the sample)"
    )
    parser.add_argument("--pictures", type=int, default=1000, help="composites per protocol")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    parser.add_argument(
        "--sheet", type=Path, help="also draw held-out composites and their masks to this PNG"
    )
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else CUTOUTS)
    metrics = evaluate(options.weights, dataset, options.pictures, options.device)
    text = json.dumps({"dataset": dataset.name, **rounded(metrics)}, indent=2)
    log.info("%s\n\n%s", text, tables(metrics))
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    if options.sheet:
        sheet(options.weights, dataset, options.sheet)


def rounded(metrics: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, Any]:
    """The metrics with four decimals, more than their intervals justify."""
    return {
        protocol: {
            model: {name: round(value, 4) for name, value in each.items()} for model, each in both.items()
        }
        for protocol, both in metrics.items()
    }


if __name__ == "__main__":
    main()
