"""What is done to a mask after the network: specks removed, holes filled, nothing far outside the box.

Shapes: S side of the crop as the network received it.
"""

import numpy as np
from scipy import ndimage

from models.segmentation.instances.crop import Box

LEAST_COMPONENT = 0.10  # of the mask's pixels: smaller connected parts are specks
LARGEST_HOLE = 0.02  # of the mask's pixels: larger ones are real, as between legs
WIDENED = 0.08  # of the box's sides: as much as a detector's box may be too small


def clean(logits: np.ndarray, box: Box) -> np.ndarray:
    """(S, S) logits whose sign is the cleaned mask; the network's certainty of each pixel stays.

    Args:
        box: in pixels of the crop.
    """
    mask = filled(without_specks((logits > 0) & widened(box, len(logits))))
    certainty = np.maximum(np.abs(logits), np.float32(1e-3))
    return np.where(mask, certainty, -certainty)


def widened(box: Box, size: int) -> np.ndarray:
    """(size, size) bool: inside the box after each side moved out by `WIDENED`."""
    middles = np.arange(size) + 0.5
    across, down = WIDENED * box.width, WIDENED * box.height
    columns = (middles >= box.left - across) & (middles <= box.right + across)
    rows = (middles >= box.top - down) & (middles <= box.bottom + down)
    return rows[:, None] & columns


def without_specks(mask: np.ndarray) -> np.ndarray:
    """The mask's connected components that hold at least `LEAST_COMPONENT` of it."""
    components = np.zeros(mask.shape, np.int32)
    ndimage.label(mask, output=components)
    sizes = np.bincount(components.ravel())
    kept = sizes >= LEAST_COMPONENT * mask.sum()
    kept[0] = False
    return kept[components]


def filled(mask: np.ndarray) -> np.ndarray:
    """The mask with its small holes: what is enclosed by it and has at most `LARGEST_HOLE` of its pixels."""
    components = np.zeros(mask.shape, np.int32)
    ndimage.label(~mask, output=components)
    sizes = np.bincount(components.ravel())
    holes = sizes <= LARGEST_HOLE * mask.sum()
    rim = np.concatenate([components[0], components[-1], components[:, 0], components[:, -1]])
    holes[rim] = False  # what reaches the edge of the crop is not enclosed
    holes[0] = False
    return mask | holes[components]
