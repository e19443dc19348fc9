"""NanoDet for a user's classes, and the boxes that it finds in a batch of pictures."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from torchvision.ops import batched_nms, nms

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.composites import Composite, Pictures
from models.core.training.cross_stage import normalized
from models.detection.data import batch
from models.detection.metrics import Detections
from models.detection.pretrained.nanodet import LABELS, NanoDet, decode

UNLIKELY = -4.6  # logit of a class that nothing was learned of: a score of 0.01, not half of all cells
MIN_SCORE, MAX_CANDIDATES, MAX_OBJECTS = 0.02, 400, 100
IOU = 0.6  # of two boxes that are taken for one object
BATCH = 16


def initial_network(labels: Sequence[str], coco: Path) -> NanoDet:
    """NanoDet with the weights of COCO, but with other classes.

    Of the last layer, the rows of the distances stay: a box is a box. So does the row of a class that COCO
    has under the same name. The rows of all other classes are new.

    Raises:
        WeightsError: `coco` holds the weights of another network.
    """
    model, known = NanoDet(len(labels)), checkpoint.load(coco)[1]
    own = model.state_dict()
    for name, value in known.items():
        if name not in own:
            raise WeightsError(f"{coco.name} holds the weights of another network: NanoDet has no {name!r}.")
        if own[name].shape == value.shape:
            own[name] = value.float()
            continue
        rows = (
            nn.init.normal_(torch.empty_like(own[name]), std=0.01)
            if value.ndim > 1
            else own[name].fill_(UNLIKELY)
        )
        rows[len(labels) :] = value[len(LABELS) :]
        for index, label in enumerate(labels):
            if label in LABELS:
                rows[index] = value[LABELS.index(label)]
        own[name] = rows
    model.load_state_dict(own)
    return model


@torch.inference_mode()
def detect(model: NanoDet, images: torch.Tensor) -> list[Detections]:
    """The boxes after suppression, down to low scores, in images (B, 3, H, W) of values in [0, 1]."""
    found = decode(model(normalized(images)))
    detections = []
    for boxes, by_class in zip(found.boxes.cpu(), found.scores.cpu(), strict=True):
        cells, labels = (by_class >= MIN_SCORE).nonzero().unbind(1)
        scores = by_class[cells, labels]
        order = scores.argsort(descending=True, stable=True)[:MAX_CANDIDATES]
        boxes, scores, labels = boxes[cells[order]], scores[order], labels[order]
        kept = batched_nms(boxes, scores, labels, IOU)  # within each class, then across
        kept = kept[nms(boxes[kept], scores[kept], IOU)][:MAX_OBJECTS]
        detections.append(Detections(boxes[kept].numpy(), scores[kept].numpy(), labels[kept].numpy()))
    return detections


def detect_in_pictures(
    model: NanoDet, pictures: Pictures, size: int, count: int
) -> tuple[list[Composite], list[Detections]]:
    """At most `count` pictures, always the same ones, and the boxes detected in them."""
    device = next(model.parameters()).device
    composites = list(pictures.examples(size, count, seed=0))
    detections: list[Detections] = []
    for start in range(0, len(composites), BATCH):
        images, _ = batch(composites[start : start + BATCH])
        detections += detect(model.eval(), images.to(device, memory_format=torch.channels_last))
    return composites, detections
