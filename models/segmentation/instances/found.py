"""The objects of one picture with their masks, and the maps of instances and classes that they make."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.segmentation.architecture import BACKGROUND
from models.segmentation.instances.network import Instance
from models.segmentation.instances.paint import Mask


@dataclass(frozen=True)
class Found:
    """Every object in the answer. H and W are height and width of the picture."""

    instances: tuple[Instance, ...]  # the most certain first
    masks: tuple[Mask, ...]
    owner: np.ndarray  # (H, W) uint8: 0, or 1 + the index of an object

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The classes that occur, the background first."""
        return (BACKGROUND, *dict.fromkeys(instance.label for instance in self.instances))

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """A name for each object: its class, with a number where there are several."""
        labels = [instance.label for instance in self.instances]
        return tuple(
            f"{label} {labels[: i + 1].count(label)}" if labels.count(label) > 1 else label
            for i, label in enumerate(labels)
        )

    @cached_property
    def classes(self) -> np.ndarray:
        """(H, W) uint8: the class of each pixel, an index of `names`."""
        index = [0, *(self.names.index(instance.label) for instance in self.instances)]
        return np.array(index, np.uint8)[self.owner]
