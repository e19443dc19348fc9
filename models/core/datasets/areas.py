"""Areas of objects as arrays: run lengths and polygons to masks, and back, by COCO's own code."""

from typing import Any, cast

import numpy as np
from pycocotools import mask as coco_masks

from models.core.contract.dataset import LabeledObject, Mask
from models.core.datasets import run_lengths


def encode(pixels: np.ndarray) -> Mask:
    """(H, W) bool -> run lengths."""
    return _mask(coco_masks.encode(np.asfortranarray(pixels, np.uint8)))


def decode(mask: Mask) -> np.ndarray:
    """Run lengths -> (H, W) bool. Raises BrokenMask."""
    runs = run_lengths.runs_of(mask)
    values = np.arange(len(runs)) % 2 == 1
    height, width = mask.size
    return np.repeat(values, runs).reshape(width, height).T


def of_polygons(polygons: list[list[float]], height: int, width: int) -> np.ndarray:
    """The pixels inside of any of the polygons, (H, W) bool, as COCO draws them."""
    drawn = coco_masks.merge(cast(Any, coco_masks.frPyObjects(cast(Any, polygons), height, width)))
    return decode(_mask(drawn))


def of_object(found: LabeledObject, height: int, width: int) -> np.ndarray:
    """The object's pixels, (H, W) bool: its mask, its polygons, or all of its box.

    Raises:
        BrokenMask: its run lengths make no mask of this size.
    """
    if found.mask is not None:
        if tuple(found.mask.size) != (height, width):
            raise run_lengths.BrokenMask
        return decode(found.mask)
    if found.polygons:
        return of_polygons(found.polygons, height, width)
    xmin, ymin, xmax, ymax = found.box
    return of_polygons([[xmin, ymin, xmax, ymin, xmax, ymax, xmin, ymax]], height, width)


def _mask(packed: Any) -> Mask:
    height, width = packed["size"]
    return Mask(size=(height, width), counts=packed["counts"].decode("ascii"))
