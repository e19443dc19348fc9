"""Quality of a segmenter on composites that it was not trained on.

    glassbox evaluate segmentation --weights models/segmentation/weights/unet.safetensors

measures on 1,000 composites of unseen subjects on unseen backgrounds and on as many of seen subjects, beside
calling everything background, which is the commonest class, and prints the tables of the model's card. The
composites are the detector's.
"""

import argparse
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
from models.core.training.composites import Bank, Composer, Composite
from models.segmentation.architecture import UNet, enlarge
from models.segmentation.card import SAMPLE_DATASET, WEIGHTS
from models.segmentation.masks import likeliest, overlay
from models.segmentation.metrics import boundary_counts, confusion, f_score, foreground_iou, ious, mean_iou
from models.segmentation.network import UNetNetwork
from models.segmentation.recipe import sheet_legend
from models.segmentation.recipe.figures import tables

log = logging.getLogger(__name__)

BATCH = 16
TEST_SEED = 2026  # the detector's: the same composites
DATASET = Path("data/detection.npz")
RESAMPLES = 500
COLUMNS = 4  # of the sheet, three pictures each


@torch.inference_mode()
def say(model: nn.Module, images: torch.Tensor) -> np.ndarray:
    """(B, H, W) the class of every pixel of pictures of the network's own size, as the predictor says it."""
    probabilities = enlarge(model(images).softmax(1), *images.shape[2:]).cpu()
    return np.stack([likeliest(each).numpy() for each in probabilities])


def answers(
    model: UNet, composer: Composer, size: int, pictures: int, *, seed: int
) -> Iterator[tuple[Composite, np.ndarray]]:
    """Composites and the map of classes (H, W) that the UNet says; the same ones for the same seed."""
    device = next(model.parameters()).device
    model.eval()
    for start in range(0, pictures, BATCH):
        part = [
            composer.compose(np.random.default_rng([seed, 7, start + index]), size)
            for index in range(min(BATCH, pictures - start))
        ]
        images = torch.stack([composite.image for composite in part])
        yield from zip(part, say(model, images.to(device, memory_format=torch.channels_last)), strict=True)


def measure(model: UNet, composer: Composer, size: int, pictures: int, *, seed: int) -> dict[str, float]:
    """miou and foreground_iou on `pictures` composites."""
    classes = len(model.config.classes)
    counts = np.zeros((classes, classes), np.int64)
    for composite, said in answers(model, composer, size, pictures, seed=seed):
        counts += confusion(composite.classes, said, classes)
    return {"miou": mean_iou(counts), "foreground_iou": foreground_iou(counts)}


def measure_fully(
    model: UNet, composer: Composer, size: int, pictures: int, *, seed: int
) -> dict[str, dict[str, float]]:
    """The UNet's metrics, and those of calling everything background, on the same composites."""
    names = model.config.classes
    each: list[np.ndarray] = []
    outlines, no_outlines = np.zeros(4, np.int64), np.zeros(4, np.int64)
    subjects: set[int] = set()
    for composite, said in answers(model, composer, size, pictures, seed=seed):
        each.append(confusion(composite.classes, said, len(names)))
        outlines += boundary_counts(composite.classes > 0, said > 0)
        no_outlines += boundary_counts(composite.classes > 0, np.zeros(said.shape, bool))
        subjects |= set(composite.subjects)
    counts = np.stack(each)
    total = counts.sum(0)
    low, high = bootstrap(counts)
    mine = {"miou": mean_iou(total), "miou_low": low, "miou_high": high}
    mine |= {"foreground_iou": foreground_iou(total), "boundary_f": f_score(*outlines.tolist())}
    mine["pixel_accuracy"] = float(np.diag(total).sum() / total.sum())
    mine |= {f"iou_{name}": float(value) for name, value in zip(names, ious(total), strict=True)}
    mine |= {"pictures": len(counts), "subjects": len(subjects)}
    nothing = np.zeros_like(total)
    nothing[:, 0] = total.sum(1)  # every pixel is said to be background
    baseline = {
        "miou": mean_iou(nothing),
        "foreground_iou": foreground_iou(nothing),
        "boundary_f": f_score(*no_outlines.tolist()),
        "pixel_accuracy": float(nothing[0, 0] / nothing.sum()),
    }
    return {"unet": mine, "majority_class": baseline}


def bootstrap(counts: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the mean IoU over pictures drawn again, from counts (pictures, C, C)."""
    random = np.random.default_rng(0)
    drawn = random.integers(len(counts), size=(RESAMPLES, len(counts)))
    low, high = np.quantile([mean_iou(counts[rows].sum(0)) for rows in drawn], [0.025, 0.975])
    return float(low), float(high)


def evaluate(
    weights: Path, dataset: Path, pictures: int, device: str = "cpu"
) -> dict[str, dict[str, dict[str, float]]]:
    """Metrics by protocol: unseen subjects, and seen ones, both on unseen backgrounds.

    Raises:
        InputError: `dataset` is not a bank of cut-outs, or has other labels than the weights.
        WeightsError: `weights` are not the UNet's.
    """
    model = load(weights, device)
    bank = Bank.load(dataset)
    if bank.labels != model.config.classes[1:]:
        raise InputError(f"The dataset's labels {bank.labels} are not the UNet's {model.config.classes[1:]}.")
    size = model.config.image_size
    unseen = Composer(bank, "test", augment=False)
    seen = Composer(bank, "train", background_split="test", augment=False)
    return {
        "unseen_subjects": measure_fully(model, unseen, size, pictures, seed=TEST_SEED),
        "seen_subjects": measure_fully(model, seen, size, pictures, seed=TEST_SEED),
    }


def load(weights: Path, device: str) -> UNet:
    """Raises WeightsError: not a UNet's weights."""
    return UNetNetwork(*checkpoint.load(weights), device).model


def sheet(weights: Path, dataset: Path, path: Path, pictures: int = 24) -> None:
    """Draw held-out composites in threes: the picture, the truth, what the UNet says; with a legend."""
    model = load(weights, "cpu")
    size, count = model.config.image_size, len(model.config.classes)
    composer = Composer(Bank.load(dataset), "test", augment=False)
    head = sheet_legend.heads(("picture", "truth", "UNet"), size, COLUMNS)
    foot = sheet_legend.legend(model.config.classes, head.width)
    rows = -(-pictures // COLUMNS) * size
    picture = Image.new("RGB", (head.width, head.height + rows + foot.height))
    picture.paste(head)
    picture.paste(foot, (0, head.height + rows))
    for index, (composite, said) in enumerate(answers(model, composer, size, pictures, seed=TEST_SEED)):
        image = from_tensor(composite.image)
        tiles = [image] + [
            Image.fromarray(np.concatenate(list(overlay(image, classes, count, 0.7))))
            for classes in (composite.classes, said)
        ]
        left, top = index % COLUMNS * 3 * size, head.height + index // COLUMNS * size
        for place, tile in enumerate(tiles):
            picture.paste(tile, (left + place * size, top))
    picture.save(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the weights to measure")
    parser.add_argument("--dataset", type=Path, help=f"the bank ({DATASET} if it is there, else the sample)")
    parser.add_argument("--pictures", type=int, default=1000, help="composites of each protocol")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    parser.add_argument("--sheet", type=Path, help="also draw held-out composites and answers to this PNG")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else SAMPLE_DATASET)
    metrics = evaluate(options.weights, dataset, options.pictures, options.device)
    text = json.dumps({"dataset": dataset.name, **rounded(metrics)}, indent=2)
    log.info("%s\n\n%s", text, tables(metrics))
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    if options.sheet:
        sheet(options.weights, dataset, options.sheet)


def rounded(metrics: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, Any]:
    """Four digits, which is more than the interval allows."""
    return {
        protocol: {who: {name: round(value, 4) for name, value in each.items()} for who, each in both.items()}
        for protocol, both in metrics.items()
    }


if __name__ == "__main__":
    main()
