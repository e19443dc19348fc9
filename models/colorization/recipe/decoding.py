"""Compares ways from the predicted distributions to colors on validation photos.

    python -m models.colorization.recipe.decoding --dataset data/photos.zip

Prints for each way the CIEDE2000 below that of gray, the share of photos that are closer to the truth than
both baselines, and the colorfulness, all at the network's size. No way has weights of its own.

Shapes: V views, Q colors, h and w of the color map.
"""

import argparse
import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from models.colorization.architecture import COLOR_STRIDE, Colorizer, load_model
from models.colorization.card import TEMPERATURE, WEIGHTS, TrainParams
from models.colorization.data import color_photos, prepare
from models.colorization.evaluate import by_method, color_uniformly, held_out, mean_color, measure, summarize
from models.colorization.guided_filter import colorize, fit
from models.colorization.metrics import colorfulness
from models.colorization.quantization import annealed_mean, centers
from models.colorization.train import color_weights
from models.core.images.codec import to_tensor

log = logging.getLogger(__name__)

TRAINED_WITH = TrainParams(image_size=192, rebalance=0.25)  # the shipped weights
HALVES = (2, 3)  # scales of the views in halves: 1 and 1.5
STEPS, CLOSEST = 12, 2.0  # of Weiszfeld's method; distances below CLOSEST count as that, in units of ab
Decode = Callable[[torch.Tensor], torch.Tensor]  # log-probabilities (V, Q, h, w) -> ab (2, h, w)


def views_of(model: Colorizer, lightness: torch.Tensor) -> torch.Tensor:
    """L* (1, H, W) -> log-probabilities (4, Q, H/4, W/4): of it, mirrored, enlarged, and both.

    All lie over the picture as it is: mirrored back, and resized to its cells.
    """
    sides = lightness.shape[1:]
    both = torch.stack([lightness, lightness.flip(2)])
    views = []
    for halves in HALVES:
        log_probabilities = model(_resize(both, [side * halves // 2 for side in sides])).log_softmax(dim=1)
        straight, mirrored = _resize(log_probabilities, [side // COLOR_STRIDE for side in sides])
        views += [straight, mirrored.flip(2)]
    return torch.stack(views)


def _resize(values: torch.Tensor, size: list[int]) -> torch.Tensor:
    return F.interpolate(values, size, mode="bilinear", align_corners=False)


def annealed(views: torch.Tensor, weights: torch.Tensor | None = None, share: float = 0.0) -> torch.Tensor:
    """ab (2, h, w): the annealed mean of the views' mean.

    With the `weights` (Q,) of the loss, their influence is undone after the annealing: p^(1/T) / v^share.
    """
    logits = views.logsumexp(dim=0) - math.log(len(views))
    if weights is not None:
        logits = logits - TEMPERATURE * share * weights.log()[:, None, None]
    return annealed_mean(logits[None], TEMPERATURE)[0]


def annealed_median(views: torch.Tensor) -> torch.Tensor:
    """ab (2, h, w) with the least mean distance to all colors after the annealing, by Weiszfeld's method."""
    probabilities = (views[0].flatten(1) / TEMPERATURE).softmax(dim=0)
    colors = centers()
    median = colors.T @ probabilities
    for _ in range(STEPS):
        weights = probabilities / torch.cdist(colors, median.T).clamp(min=CLOSEST)
        median = colors.T @ weights / weights.sum(dim=0)
    return median.view(2, *views.shape[2:])


def ways(weights: torch.Tensor) -> dict[str, Decode]:
    """What is compared; `weights` (Q,) of the loss."""
    return {
        "annealed mean: shipped": lambda views: annealed(views[:1]),
        "saturation 0.9": lambda views: 0.9 * annealed(views[:1]),
        "rebalancing undone with v^0.25": lambda views: annealed(views[:1], weights, 0.25),
        "rebalancing undone with v^0.5": lambda views: annealed(views[:1], weights, 0.5),
        "rebalancing undone with v": lambda views: annealed(views[:1], weights, 1.0),
        "median instead of mean": annealed_median,
        "mean with the mirror image": lambda views: annealed(views[:2]),
        "mean with the enlarged picture": lambda views: annealed(views[::2]),
        "mean of all four views": annealed,
    }


@torch.inference_mode()
def compare(weights: Path, dataset: Path) -> dict[str, dict[str, float]]:
    """The metrics of `evaluate.py` for each way, with `less_than_gray`, on the validation photos."""
    model, mean = load_model(weights), mean_color(dataset)
    decodings = ways(color_weights(color_photos(dataset, "train"), TRAINED_WITH))
    rows = []
    for _, photo in held_out(dataset, "validation"):
        item = prepare(photo, model.config.image_size)
        truth, views = item.resized, views_of(model, item.lab[:1])
        answers = {"gray": color_uniformly(np.zeros(2), truth), "mean_ab": color_uniformly(mean, truth)}
        for way, decode in decodings.items():
            answers[way] = colorize(truth, fit(item.lab[:1], decode(views)))
        rows.append({way: measure(answer, truth) for way, answer in answers.items()})
        rows[-1]["truth"] = {"colorfulness": colorfulness(to_tensor(truth))}
    scores = by_method(rows)
    gray = summarize(scores, "gray")["ciede2000"]
    metrics = {way: summarize(scores, way) for way in decodings}
    return {way: {**own, "less_than_gray": 1 - own["ciede2000"] / gray} for way, own in metrics.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--dataset", type=Path, default=Path("data/photos.zip"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    for way, metrics in compare(options.weights, options.dataset).items():
        percent = 100 * metrics["less_than_gray"], 100 * metrics["better_share_ciede2000"]
        log.info("| %s | %.1f %% | %.0f %% | %.2f |", way, *percent, metrics["colorfulness_ratio"])


if __name__ == "__main__":
    main()
