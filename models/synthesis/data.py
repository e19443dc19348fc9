"""Pairs of condition and picture: edges or label maps, and the pictures that they belong to.

All augmentation is here: both sides are mirrored together, and the condition alone is roughened, since people
draw neither as thinly nor as exactly as an operator.

Shapes: B batch, S side, C channels of the picture, I of the condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.generative import pictures as banks
from models.core.training.photos import SPLITS
from models.synthesis import edges, label_map
from models.synthesis.architecture import EDGES, MAP, Config

NO_MAPS = Text(
    "synthesis.dataset.no_maps",
    "The dataset has no label maps. Train from edges, which are found in the pictures themselves.",
)
MAPS_DO_NOT_FIT = Text("synthesis.dataset.maps_do_not_fit", "The label maps do not fit the pictures.")
MAPS_OF_OTHER_PARTS = Text(
    "synthesis.dataset.maps_of_other_parts",
    "{maps} needs parts from 0 to {last}, each with a name in parts and a color in part_colors.",
)
NO_ARRAY = Text("synthesis.dataset.no_array", "The dataset has label maps, but no {array}.")

MAP_WIDTHS, EDGE_WIDTHS = (16, 32, 64, 96), (24, 48, 96)  # of the U-Net
PATCH_WIDTHS = (24, 48, 48)
MAX_PARTS = 255
DEEP_FROM = 48  # pixels of a side from which the U-Net has one more level


@dataclass(frozen=True)
class Pairs:
    """One split. Without maps, the condition is the picture's edges."""

    pictures: torch.Tensor  # uint8 (N, C, S, S)
    labels: torch.Tensor  # int64 (N,), indices of the classes
    maps: torch.Tensor | None  # uint8 (N, S, S)

    def __len__(self) -> int:
        return len(self.pictures)

    def part(self, indices: list[int]) -> "Pairs":
        maps = None if self.maps is None else self.maps[indices]
        return Pairs(self.pictures[indices], self.labels[indices], maps)


@dataclass(frozen=True)
class Dataset:
    """All splits, and the shape of the networks that fit them."""

    config: Config
    classes: tuple[str, ...]  # one without a name, "", if the pictures have no classes
    train: Pairs
    validation: Pairs
    test: Pairs


def load(dataset: Path, condition: str, side: int, class_weight: float = 0.0) -> Dataset:
    """Pairs with pictures of `side` pixels: gray from edges, in color from label maps.

    Args:
        condition: edges, map, or automatic: map where the dataset has maps.
        class_weight: of the class in the loss, where the pictures have more than one.

    Raises:
        InputError: not a dataset of pictures, or it has no label maps and `condition` is map.
    """
    arrays = banks.read_bank(dataset) if banks.is_bank(dataset) else {}
    if condition == "automatic":
        condition = MAP if "train_maps" in arrays else EDGES
    if condition == MAP and "train_maps" not in arrays:
        raise InputError(NO_MAPS())
    found = banks.load(dataset, side, 3 if condition == MAP else 1)
    splits = []
    for split in SPLITS:
        own = getattr(found, split)
        pixels = torch.from_numpy(np.ascontiguousarray(own.pictures))
        pixels = pixels[:, None] if pixels.ndim == 3 else pixels.movedim(3, 1)
        maps = _maps(arrays, split, len(pixels), side) if condition == MAP else None
        splits.append(Pairs(pixels, torch.from_numpy(own.labels.astype(np.int64)), maps))
    config = config_of(condition, side, arrays)
    if len(found.classes) > 1:
        config = replace(config, class_weight=class_weight)
    return Dataset(config, found.classes, *splits)


def _maps(arrays: Mapping[str, np.ndarray], split: str, count: int, side: int) -> torch.Tensor:
    """(N, S, S): the maps of one split in another size, each pixel of the nearest one.

    Raises:
        InputError: they are missing, or do not fit the pictures or the parts.
    """
    name = f"{split}_maps"
    for needed in (name, "parts", "part_colors"):
        if needed not in arrays:
            raise InputError(NO_ARRAY(array=needed))
    maps, colors = arrays[name], arrays["part_colors"]
    is_map = maps.ndim == 3 and maps.shape[1] == maps.shape[2] and maps.dtype == np.uint8
    if not is_map or len(maps) != count or (count and not maps.size):
        raise InputError(MAPS_DO_NOT_FIT())
    last = len(banks.names_in(arrays, "parts", MAX_PARTS)) - 1
    if colors.shape != (last + 1, 3) or colors.dtype != np.uint8 or (count and maps.max() > last):
        raise InputError(MAPS_OF_OTHER_PARTS(maps=name, last=last))
    nearest = (np.arange(side) + 0.5) * maps.shape[1] // side
    rows = nearest.astype(np.int64)
    return torch.from_numpy(maps[:, rows][:, :, rows].copy())


def config_of(condition: str, side: int, arrays: Mapping[str, np.ndarray]) -> Config:
    """The shape of the networks."""
    is_deep = side >= DEEP_FROM and side % 8 == 0
    if condition == EDGES:
        widths = (*EDGE_WIDTHS, EDGE_WIDTHS[-1]) if is_deep else EDGE_WIDTHS
        return Config(EDGES, side, 1, widths, PATCH_WIDTHS)
    colors = tuple("#" + bytes(color).hex() for color in arrays["part_colors"].tolist())
    parts = tuple(str(name) for name in arrays["parts"])
    return Config(MAP, side, 3, MAP_WIDTHS if is_deep else MAP_WIDTHS[:3], PATCH_WIDTHS, parts, colors)


def to_signed(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 -> [-1, 1]."""
    return pictures.float() / 127.5 - 1


def to_unit(pictures: torch.Tensor) -> torch.Tensor:
    """[-1, 1] -> [0, 1]."""
    return (pictures + 1) / 2


def to_bytes(pictures: torch.Tensor) -> np.ndarray:
    """(B, C, S, S) in [-1, 1] -> uint8 (B, S, S) or (B, S, S, 3)."""
    pixels = ((pictures.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()
    return pixels[:, 0] if pixels.shape[1] == 1 else np.moveaxis(pixels, 1, 3)


def exact(pairs: Pairs, config: Config) -> tuple[torch.Tensor, torch.Tensor]:
    """Conditions (B, I, S, S) and pictures (B, C, S, S) in [-1, 1], as they are."""
    pictures = to_signed(pairs.pictures)
    if pairs.maps is None:
        return edges.find_edges(pictures), pictures
    palettes = label_map.palette_of(pairs.pictures / 255, pairs.maps, config.parts)
    return label_map.condition_of(pairs.maps, palettes), pictures


def augmented(pairs: Pairs, config: Config, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """As `exact`, half of the pairs mirrored, with roughened conditions."""
    is_mirrored = torch.from_numpy(random.random(len(pairs)) < 0.5)
    pixels = torch.where(is_mirrored[:, None, None, None], pairs.pictures.flip(3), pairs.pictures)
    pictures = to_signed(pixels)
    if pairs.maps is None:
        return edges.roughen(edges.find_edges(pictures), pictures, random), pictures
    maps = torch.where(is_mirrored[:, None, None], pairs.maps.flip(2), pairs.maps)
    palettes = label_map.palette_of(pixels / 255, maps, config.parts)
    return label_map.condition_of(label_map.roughen(maps, random), palettes), pictures


def training_palettes(pairs: Pairs, config: Config, count: int) -> torch.Tensor:
    """(K, P, 3): the palettes of the first pictures, for predictions without chosen colors."""
    if pairs.maps is None:
        return torch.zeros(0, 0, 3)
    return label_map.palette_of(pairs.pictures[:count] / 255, pairs.maps[:count], config.parts)
