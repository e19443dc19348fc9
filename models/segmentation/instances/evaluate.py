"""Quality of the mask network on composites that it was not trained on.

    python -m models.segmentation.instances.evaluate --bank data/things.npz --pictures 200

measures on crops with unseen things on unseen backgrounds and prints the table of the model card: IoU of each
mask with the true one, its mean, median and extremes, and the F-score of the outlines within two pixels.
Beside the network, on the same crops: the filled box, and GrabCut from the box, which was never trained.
"""

import argparse
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.core.contract import checkpoint
from models.core.images.codec import from_tensor
from models.core.recipe.contact_sheet import contact_sheet
from models.core.training.composites import Bank
from models.segmentation.card import MASK_WEIGHTS
from models.segmentation.instances.architecture import BoxUNet
from models.segmentation.instances.crop import Box
from models.segmentation.instances.data import Composer, Example, batch
from models.segmentation.instances.grabcut import cut, sharpened
from models.segmentation.instances.network import MaskNetwork, larger, mean_of_views, shrunk
from models.segmentation.instances.postprocessing import clean
from models.segmentation.masks import overlay
from models.segmentation.metrics import boundary_counts, f_score
from models.segmentation.recipe.mask_figures import METHODS, table

log = logging.getLogger(__name__)

BATCH = 16
TEST_SEED = 2026
BANK = Path("data/things.npz")
GRABCUT_ITERATIONS = 5
COLUMNS = 4  # of the sheet, three images each


def iou(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Intersection over union of two masks; 1 if both are empty."""
    union = (actual | predicted).sum()
    return float((actual & predicted).sum() / union) if union else 1.0


def examples(composer: Composer, count: int, *, seed: int) -> list[Example]:
    """The same seed gives the same examples."""
    return [composer.compose(np.random.default_rng([seed, 7, index])) for index in range(count)]


@torch.inference_mode()
def logits_of(model: BoxUNet, part: list[Example], *, views: bool = False) -> np.ndarray:
    """(B, S, S) for examples of S pixels, of one view of the network's own size or the mean of two views."""
    images, boxes, _ = batch(part)
    images, size = images.contiguous(memory_format=torch.channels_last), model.config.image_size
    if views:
        logits = mean_of_views(model.eval(), images, boxes, size)
    else:
        seen = shrunk(images, boxes, size) if images.shape[-1] > size else (images, boxes)
        logits = F.interpolate(model.eval()(*seen), images.shape[2:], mode="bilinear")
    return logits[:, 0].float().numpy()


def measure(model: BoxUNet, composer: Composer, count: int, *, seed: int) -> dict[str, float]:
    """Mean and median IoU of the network's masks on `count` composites."""
    values = []
    for start in range(0, count, BATCH):
        part = [
            composer.compose(np.random.default_rng([seed, 7, index]))
            for index in range(start, min(start + BATCH, count))
        ]
        masks = (each.mask[0].numpy() > 0.5 for each in part)
        values += [
            iou(mask, logits > 0)
            for mask, logits in zip(masks, logits_of(model, part, views=True), strict=True)
        ]
    return {"iou": float(np.mean(values)), "iou_median": float(np.median(values))}


def methods(
    logits: np.ndarray, mean: np.ndarray, example: Example
) -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """Name and computation of each mask that is compared; `mean`: of the logits of two views."""
    picture = (example.image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    inside = example.box[0].numpy() > 0.5
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    box = Box(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    cleaned = clean(mean, box) > 0
    yield "box", lambda: inside
    yield "grabcut", lambda: cut(picture, inside, inside, GRABCUT_ITERATIONS)
    yield "network", lambda: logits > 0
    yield "views", lambda: mean > 0
    yield "cleaned", lambda: cleaned
    yield "sharpened", lambda: sharpened(picture, cleaned)


def evaluate(weights: Path, bank: Path, count: int, split: str = "test") -> dict[str, dict[str, float]]:
    """Metrics by method, all on the same crops.

    Raises:
        InputError: `bank` is not a bank of cut-outs.
        WeightsError: `weights` are not those of the mask network.
    """
    model = MaskNetwork(*checkpoint.load(weights), "cpu").model
    composer = Composer(Bank.load(bank), split, larger(model.config.image_size), augment=False)
    ious: dict[str, list[float]] = {name: [] for name in METHODS}
    outlines = {name: np.zeros(4, np.int64) for name in METHODS}
    seconds = dict.fromkeys(METHODS, 0.0)
    tested = examples(composer, count, seed=TEST_SEED)
    for example in tested:
        actual = example.mask[0].numpy() > 0.5
        outputs = []
        for name, views in (("network", False), ("views", True)):
            started = time.process_time()
            outputs += [*logits_of(model, [example], views=views)]
            seconds[name] += time.process_time() - started
        for name, compute in methods(outputs[0], outputs[1], example):
            started = time.process_time()
            predicted = compute()
            seconds[name] += time.process_time() - started
            ious[name].append(iou(actual, predicted))
            outlines[name] += boundary_counts(actual, predicted)
    subjects = len({example.subject for example in tested})
    return {
        name: {
            "iou": float(np.mean(values)),
            "iou_median": float(np.median(values)),
            "above_0_8": float(np.mean(np.array(values) > 0.8)),
            "below_0_5": float(np.mean(np.array(values) < 0.5)),
            "boundary_f": f_score(*outlines[name].tolist()),
            "milliseconds": 1000 * seconds[name] / count,
            "crops": count,
            "subjects": subjects,
        }
        for name, values in ious.items()
    }


def sheet(weights: Path, bank: Path, path: Path, pictures: int = 32) -> None:
    """Draw held-out crops in threes: the crop, the true mask and the predicted one."""
    model = MaskNetwork(*checkpoint.load(weights), "cpu").model
    size = larger(model.config.image_size)
    drawn = examples(Composer(Bank.load(bank), "test", size, augment=False), pictures, seed=TEST_SEED)
    groups = []
    for example, logits in zip(drawn, logits_of(model, drawn, views=True), strict=True):
        image = from_tensor(example.image)
        masks = (example.mask[0].numpy() > 0.5, logits > 0)
        over = (overlay(image, mask.astype(np.uint8), 2, 0.6) for mask in masks)
        tiles = [image, *(Image.fromarray(np.concatenate(list(bands))) for bands in over)]
        groups.append([("", tile) for tile in tiles])
    contact_sheet(groups, (size, size), COLUMNS, ("crop", "actual", "predicted")).save(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=MASK_WEIGHTS, help="the weights to measure")
    parser.add_argument("--bank", type=Path, default=BANK, help="the bank of things")
    parser.add_argument("--pictures", type=int, default=200, help="crops to measure on")
    parser.add_argument(
        "--split", choices=("validation", "test"), default="test", help="of things and photos"
    )
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    parser.add_argument("--sheet", type=Path, help="also draw held-out crops and their masks to this PNG")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    metrics = evaluate(options.weights, options.bank, options.pictures, options.split)
    rounded = {name: {key: round(value, 4) for key, value in each.items()} for name, each in metrics.items()}
    metrics_of_answer = {name: rounded["cleaned"][name] for name in ("iou", "boundary_f")}
    report = {"dataset": options.bank.name, "metrics": metrics_of_answer, "held_out": rounded}
    text = json.dumps(report, indent=2)
    log.info("%s\n\n%s", text, table(metrics))
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    if options.sheet:
        sheet(options.weights, options.bank, options.sheet)


if __name__ == "__main__":
    main()
