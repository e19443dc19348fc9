"""The mask network with its weights in memory, and what it makes of the boxes of one picture."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.core.contract.errors import WeightsError
from models.core.images.codec import to_tensor
from models.core.training.cross_stage import Encoder
from models.segmentation.instances.architecture import BoxUNet, Config
from models.segmentation.instances.crop import Box, Square, box_iou, box_map, cut, square_around

_BATCH = 8
SIDES = ("xmin", "ymin", "xmax", "ymax")
SAME_OBJECT = 0.6  # IoU of two boxes, of whatever classes
LARGER = 1.4  # side of a crop with two views over that of one


@dataclass(frozen=True)
class Instance:
    """One detected object and the network's output for it, on the CPU."""

    label: str
    score: float
    box: Box
    square: Square
    logits: torch.Tensor  # (S, S)

    @property
    def size(self) -> int:
        """The side of the crop as the network received it: S pixels."""
        return len(self.logits)


@dataclass(frozen=True)
class Maps:
    """The feature maps of one object, (c, h, w) per level."""

    encoder: tuple[torch.Tensor, ...]  # fine to coarse
    decoder: tuple[torch.Tensor, ...]  # coarse to fine


class MaskNetwork:
    """The box U-Net.

    Raises:
        WeightsError: the config or the weights are not those of a box U-Net.
    """

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        try:
            self.config = Config.from_json(config)
            self.model = BoxUNet(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the box U-Net: {error}") from error
        self.size, self.device = self.config.image_size, device
        self.larger = larger(self.size)
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    @torch.inference_mode()
    def instances(
        self, picture: Image.Image, objects: Sequence[Mapping[str, Any]], *, views: bool = False
    ) -> tuple[Instance, ...]:
        """What the detector found, as its answer lists it, with the logits of each mask.

        With `views`, they are the mean of those of a larger crop and of a smaller one, mirrored.
        """
        objects, boxes = distinct(objects)
        squares = [square_around(box) for box in boxes]
        size = self.larger if views else self.size
        instances: list[Instance] = []
        for start in range(0, len(boxes), _BATCH):
            part = range(start, min(start + _BATCH, len(boxes)))
            images, maps = zip(*(self.inputs(picture, boxes[i], squares[i], size) for i in part), strict=True)
            crops, insides = self._moved(torch.stack(images)), torch.stack(maps).to(self.device)
            logits = (
                mean_of_views(self.model, crops, insides, self.size) if views else self.model(crops, insides)
            )
            instances += [
                Instance(str(objects[i]["label"]), float(objects[i]["score"]), boxes[i], squares[i], each[0])
                for i, each in zip(part, logits.float().cpu(), strict=True)
            ]
        return tuple(instances)

    def inputs(
        self, picture: Image.Image, box: Box, square: Square, size: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The crop (3, S, S) and the map of the box (1, S, S), where S is `size`."""
        return to_tensor(cut(picture, square, size)), box_map(square.inside(box, size), size)

    @torch.inference_mode()
    def opened(
        self, picture: Image.Image, instance: Instance, cuts: Sequence[Collection[int]]
    ) -> tuple[Maps, list[np.ndarray]]:
        """The feature maps of one object, and its logits (S, S) with the skips at each of the `cuts` removed.

        Called from several threads, while the device's thread runs a forward pass: in evaluation mode the
        model is only read.
        """
        image, box = self.inputs(picture, instance.box, instance.square, instance.size)
        box = box[None].to(self.device)
        encoded = self.model.encoder(self._moved(image[None]))
        whole = self.model.decode(encoded, box)
        encoder, decoder = (
            tuple(level[0].float().cpu() for level in part) for part in (whole.encoder, whole.decoder)
        )
        logits = [
            self.model.decode(encoded, box, strides).logits[0, 0].float().cpu().numpy() for strides in cuts
        ]
        return Maps(encoder, decoder), logits

    def _moved(self, images: torch.Tensor) -> torch.Tensor:
        return images.to(self.device, memory_format=torch.channels_last)


def larger(size: int) -> int:
    """The side of the crops of two views, for a network that learned from crops of `size` pixels."""
    coarsest = Encoder.STRIDES[-1]  # of which a side is a multiple
    return coarsest * round(LARGER * size / coarsest)


def mean_of_views(model: BoxUNet, images: torch.Tensor, boxes: torch.Tensor, size: int) -> torch.Tensor:
    """The mean (B, 1, L, L) of the logits of crops (B, 3, L, L) and of their mirror images at `size` pixels.

    The larger crops show more detail than those that the network learned from, the smaller ones more context.
    """
    mirrored = (each.flip(3) for each in shrunk(images, boxes, size))
    of_mirrored = model(*mirrored).flip(3)
    return (model(images, boxes) + F.interpolate(of_mirrored, images.shape[2:], mode="bilinear")) / 2


def shrunk(images: torch.Tensor, boxes: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Crops and their maps of the box at `size` pixels."""
    smaller = F.interpolate(images, (size, size), mode="bilinear", antialias=True)
    return smaller, (F.interpolate(boxes, (size, size), mode="area") > 0.5).float()


def distinct(
    objects: Sequence[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], list[Box]]:
    """The objects and their boxes, without boxes that a more certain one of another class nearly equals."""
    kept: list[Mapping[str, Any]] = []
    boxes: list[Box] = []
    for each in sorted(objects, key=lambda found: -found["score"]):
        box = Box(*(float(each["box"][side]) for side in SIDES))
        if all(box_iou(box, other) <= SAME_OBJECT for other in boxes):
            kept.append(each)
            boxes.append(box)
    return kept, boxes
