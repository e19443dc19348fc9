"""Label maps and palettes: which part is where, and in which color.

A map contains where hair and skin are, not their colors: one map fits many pictures. A network that must
answer with one of them would answer with their median. Here the colors are a second input, the palette: the
mean color of each part, in training that of the true picture, at prediction the user's choice or, without
one, the palette of some training picture. (The paper feeds noise through dropout, which its network learned
to ignore, section 3.1; a palette cannot be ignored, and can be chosen.)

Shapes: B batch, P parts, S side. Maps are integers (B, S, S), palettes (B, P, 3) in [0, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

# parts of the drawn faces whose color follows from another part, or is always the same (None)
FOLLOWS = {"brows": "hair", "beard": "hair", "eyes": None, "mouth": None}
FAR = 80.0  # distance in RGB, of 441, from which a color is no part's
FINE = 8  # samples of a pixel along one side, when a larger map is shrunk
NEUTRAL = 0.5  # the color of parts whose color is not given, and of those that do not occur


@dataclass(frozen=True)
class Painted:
    """One label map and the colors that its parts are to have."""

    labels: torch.Tensor  # (S, S)
    palette: torch.Tensor  # (P, 3) in [0, 1]

    @property
    def condition(self) -> torch.Tensor:
        """(P + 3, S, S)."""
        return condition_of(self.labels[None], self.palette[None])[0]

    def shares(self) -> list[float]:
        """Of the pixels, for each part."""
        return (
            torch.bincount(self.labels.reshape(-1), minlength=len(self.palette)) / self.labels.numel()
        ).tolist()


def groups(parts: Sequence[str]) -> list[list[int]]:
    """The parts that share one color, each group led by the part that names it."""
    leaders = [name for name in parts if FOLLOWS.get(name, name) == name]
    return [
        [parts.index(leader), *(i for i, name in enumerate(parts) if FOLLOWS.get(name) == leader)]
        for leader in leaders
    ]


def palette_of(pictures: torch.Tensor, maps: torch.Tensor, parts: Sequence[str]) -> torch.Tensor:
    """(B, P, 3): the mean color of each part's group in pictures (B, 3, S, S) in [0, 1]."""
    of_part = F.one_hot(maps.long(), len(parts)).movedim(3, 1).float()
    palette = torch.full((len(maps), len(parts), 3), NEUTRAL)
    for group in groups(parts):
        mask = of_part[:, group].sum(dim=1, keepdim=True)
        area = mask.sum(dim=(2, 3))
        mean = (pictures * mask).sum(dim=(2, 3)) / area.clamp(min=1)
        palette[:, group] = torch.where(area > 0, mean, torch.full_like(mean, NEUTRAL))[:, None]
    return palette


def condition_of(maps: torch.Tensor, palettes: torch.Tensor) -> torch.Tensor:
    """(B, P + 3, S, S): one map of 0 and 1 for each part, then each pixel's color of the palette in [-1, 1].

    Example: two parts, red and blue, on a map [[0, 1]] give the maps [[1, 0]] and [[0, 1]], and the colors
    [[(1, -1, -1), (-1, -1, 1)]].
    """
    of_part = F.one_hot(maps.long(), palettes.shape[1]).movedim(3, 1).float()
    colors = torch.einsum("bpij,bpc->bcij", of_part, 2 * palettes - 1)
    return torch.cat([of_part, colors], dim=1)


def roughen(maps: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Maps as people paint them: a third with borders in steps of two pixels or slightly displaced."""
    rough = maps.clone()
    for index in range(len(maps)):
        choice = random.random()
        if choice < 0.15:
            rough[index] = maps[index, ::2, ::2].repeat_interleave(2, 0).repeat_interleave(2, 1)
        elif choice < 0.35:
            rough[index] = displaced(maps[index], random)
    return rough


def displaced(labels: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """(S, S): rows and columns moved by a pixel here and there, as by an unsteady hand."""
    side = len(labels)
    shift = [np.repeat(random.integers(-1, 2, side // 8 + 1), 8)[:side] for _ in range(2)]
    rows, columns = (torch.from_numpy((np.arange(side) + each).clip(0, side - 1)) for each in shift)
    return labels[rows][:, columns]


def read_map(image: Image.Image, side: int, colors: Sequence[str]) -> tuple[torch.Tensor, float]:
    """(S, S) labels of an uploaded picture by the nearest part's color, and the share of colors far from all.

    The picture is placed whole on a square of the first part's color; of a larger one, each pixel takes the
    part that most of it shows.
    """
    known = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors], np.float32)
    longest = max(image.size)
    fine = side if longest <= side else side * min(FINE, -(-longest // side))
    scale = fine / longest
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.convert("RGB").resize(size, Image.Resampling.NEAREST)
    distances = np.linalg.norm(np.asarray(small, np.float32)[:, :, None] - known, axis=3)
    labels = np.zeros((fine, fine), np.int64)
    top, left = (fine - size[1]) // 2, (fine - size[0]) // 2
    labels[top : top + size[1], left : left + size[0]] = distances.argmin(axis=2)
    blocks = F.one_hot(torch.from_numpy(labels), len(colors)).reshape(
        side, fine // side, side, fine // side, len(colors)
    )
    return blocks.sum(dim=(1, 3)).argmax(dim=2), float((distances.min(axis=2) > FAR).mean())


def to_hex(color: Sequence[float]) -> str:
    """A color in [0, 1] as #rrggbb."""
    return "#" + "".join(f"{round(255 * value):02x}" for value in color)
