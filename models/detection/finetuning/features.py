"""The backbone's maps of training pictures, computed once: the head then trains in seconds.

While only the head learns, the backbone gives the same maps for the same picture in every step: a step on
them takes a quarter of the time. The pictures are as they are and mirrored; other changes would need the
backbone again.
"""

from dataclasses import replace

import numpy as np
import torch

from models.core.training.composites import Composite
from models.core.training.cross_stage import normalized
from models.core.training.labeled_pictures import LabeledPictures
from models.detection.data import batch
from models.detection.loss import Targets
from models.detection.pretrained.nanodet import NanoDet

MEMORY = 400_000_000  # bytes of the maps, in float16; of more pictures, a part is used
BATCH = 8


class CachedFeatures:
    """C3, C4 and C5 of pictures (and, as far as there is room, of their mirror images) and their objects."""

    @torch.no_grad()
    def __init__(self, model: NanoDet, pictures: LabeledPictures, size: int, device: str):
        views = [(index, mirrored) for mirrored in (False, True) for index in range(len(pictures))]
        self.maps: list[list[torch.Tensor]] = []
        self.composites: list[Composite] = []
        room = MEMORY
        for start in range(0, len(views), BATCH):
            part = [fitted(pictures, size, *view) for view in views[start : start + BATCH]]
            images = torch.stack([composite.image for composite in part]).to(device)
            levels = model.features(normalized(images).contiguous(memory_format=torch.channels_last))
            for index, composite in enumerate(part):
                self.maps.append([level[index].half() for level in levels])
                self.composites.append(replace(composite, image=torch.empty(0)))  # only its objects
                room -= sum(2 * level[index].numel() for level in levels)
            if room < 0:
                break

    def batch(self, random: np.random.Generator, count: int) -> tuple[list[torch.Tensor], Targets]:
        """The maps (B, c, h, w) of `count` pictures drawn at random, at three strides, and their objects."""
        chosen = random.integers(len(self.maps), size=count).tolist()
        levels = zip(*(self.maps[index] for index in chosen), strict=True)
        _, targets = batch([self.composites[index] for index in chosen])
        return [torch.stack(level).float() for level in levels], targets


def fitted(pictures: LabeledPictures, size: int, index: int, mirrored: bool) -> Composite:
    """A picture in its square, mirrored or not."""
    composite = pictures.fitted(index, size)
    if not mirrored:
        return composite
    boxes = composite.boxes.copy()
    boxes[:, [0, 2]] = size - boxes[:, [2, 0]]
    image, classes = composite.image.flip(2), composite.classes[:, ::-1]
    return Composite(image, boxes, composite.labels, composite.subjects, classes)
