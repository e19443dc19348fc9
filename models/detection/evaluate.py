"""Quality of a detector on held-out composites and photos."""

import numpy as np
import torch

from models.detection.architecture import Detector, decode
from models.detection.data import Composer, batch
from models.detection.metrics import Found, Truth, mean_average_precision
from models.detection.suppression import suppress

LOWEST_SCORE = 0.01
IOU = 0.5
MOST = 100


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


def measure(model: Detector, composer: Composer, size: int, pictures: int, *, seed: int) -> dict[str, float]:
    """map50 and ap50_agnostic on `pictures` composites, the same ones for the same seed."""
    device = next(model.parameters()).device
    model.eval()
    found, truth = [], []
    for start in range(0, pictures, 16):
        composites = [composer.compose(np.random.default_rng([seed, 7, start + i]), size) for i in range(min(16, pictures - start))]
        images, _ = batch(composites)
        found += find(model, images.to(device, memory_format=torch.channels_last))
        truth += [Truth(c.boxes, np.array(c.labels, int), np.ones(len(c.labels), bool)) for c in composites]
    return mean_average_precision(found, truth, len(composer.bank.labels))
