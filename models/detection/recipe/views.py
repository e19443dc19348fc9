"""What several views of a picture bring: NanoDet on composites, with one view and with all.

    python -m models.detection.recipe.views --bank data/things.npz --weights nanodet-g.safetensors

Cut-outs of photographed things on photos, neither of the test split; NanoDet has seen neither. It knows few
of the things by name, so labels are ignored: average precision at an IoU of 0.5 and 0.75, and precision and
recall at the threshold of the answer.
"""

import argparse
import json
import logging
import time
from pathlib import Path

import numpy as np
import torch

from models.core.images.codec import encode_png, from_tensor
from models.core.training.composites import Bank, Composer, Composite
from models.detection.card import PredictParams
from models.detection.evaluate import truths
from models.detection.metrics import Detections, average_precision, match
from models.detection.predict import Predictor

SIDE = 640  # pixels of a composite
SEED = 7
KIND = "photograph"  # of the things
LOWEST = 0.05  # score from which boxes are measured
SIDES = ("xmin", "ymin", "xmax", "ymax")

log = logging.getLogger(__name__)


def detections(predictor: Predictor, composite: Composite, *, views: bool) -> Detections:
    """All boxes of one composite, with whatever label."""
    params = PredictParams(views=views, score=LOWEST, max_objects=300)
    item = predictor.decode({"image": encode_png(from_tensor(composite.image))}, params)
    found = predictor.encode(item, predictor.forward([item])[0], params).result["objects"]
    boxes = np.array([[each["box"][side] for side in SIDES] for each in found]).reshape(-1, 4)
    return Detections(boxes, np.array([each["score"] for each in found]), np.zeros(len(found), int))


def measure(weights: Path, bank: Path, count: int) -> dict[str, dict[str, float]]:
    """Figures for one view and for all, on the same composites."""
    predictor = Predictor(weights)
    composer = Composer(Bank.load(bank), "train", augment=False)
    composer.filled = [composer.labels.index(KIND)]
    composites = list(composer.examples(SIDE, count, seed=SEED))
    actual, thresholds = truths(composites), predictor.network.thresholds
    figures = {}
    for name, views in (("one view", False), ("four views", True)):
        started = time.process_time()
        found = [detections(predictor, each, views=views) for each in composites]
        seconds = time.process_time() - started
        at = predictor.network.fused_score if views else thresholds.score
        matches = match(found, actual, None)
        above = matches.scores >= at
        figures[name] = {
            "ap50": average_precision(matches),
            "ap75": average_precision(match(found, actual, None, 0.75)),
            "precision": float(matches.correct[above].mean()),
            "recall": float(matches.correct[above].sum() / len(matches.truth_subjects)),
            "threshold": at,
            "milliseconds": 1000 * seconds / count,
        }
    return figures


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bank", type=Path, default=Path("data/things.npz"), help="the bank of things")
    parser.add_argument("--weights", type=Path, required=True, help="the weights of NanoDet")
    parser.add_argument("--pictures", type=int, default=60, help="composites to measure on")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    figures = measure(options.weights, options.bank, options.pictures)
    rounded = {name: {key: round(value, 3) for key, value in each.items()} for name, each in figures.items()}
    log.info(json.dumps(rounded, indent=2))


if __name__ == "__main__":
    main()
