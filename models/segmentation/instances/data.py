"""Composites to learn masks from: the crop around one thing, as a detector would have found it, and its mask.

A photograph or a synthetic texture, other things on it, the thing, sometimes another one or a branch before
it, all cut off where the picture ends. The cut-out's alpha channel gives the true mask. All randomness comes
from the generator that is given.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.core.contract.errors import InputError
from models.core.images.codec import from_tensor, to_tensor
from models.core.training.augmentation import blend, recolor, synthetic_background
from models.core.training.composites import NO_CUTOUTS, SPLITS, Bank, halvings, transformed
from models.segmentation.instances.crop import MARGIN, Box, box_map

SKETCH = 48  # pixels: a thing is first drawn this large, to find its box
LARGEST = 480  # pixels of a thing that is cut off on several sides
KIND_SHARES = {"photograph": 0.7, "rendering": 0.2, "drawing": 0.1}  # of the things; others: equally often
JITTER = 0.05  # of the box's sides: a detector's boxes are not exact
CUT_SHARE, CLOSE_UP_SHARE = 0.25, 0.12  # of the crops: cut off on one side; on two to four
LEAST_VISIBLE = 0.3  # of a thing after it was cut off, and again after something covers it
BEHIND, IN_FRONT, SAME_KIND = 0.55, 0.2, 0.35
BRANCH = 0.25  # of the crops that are trained on: behind a branch


@dataclass(frozen=True)
class Example:
    """One crop: (3, S, S) in [0, 1], the box and the true mask (1, S, S), and the thing's subject."""

    image: torch.Tensor
    box: torch.Tensor
    mask: torch.Tensor
    subject: int


class Composer:
    """Draws crops of one split of a bank."""

    def __init__(self, bank: Bank, split: str, size: int, *, augment: bool = True):
        self.bank, self.size, self.augment = bank, size, augment
        where = SPLITS.index(split)
        own = np.flatnonzero((bank.split == where) & (bank.label >= 0))
        self.things: list[list[np.ndarray]] = []  # by kind, by subject
        shares = []
        for label in np.unique(bank.label[own]):
            members = own[bank.label[own] == label]
            subjects = bank.subject[members]
            self.things.append([members[subjects == subject] for subject in np.unique(subjects)])
            shares.append(KIND_SHARES.get(bank.labels[label], 0.1))
        if not self.things:
            raise InputError(NO_CUTOUTS(split=split))
        self.shares = np.array(shares) / sum(shares)
        self.backgrounds = np.flatnonzero((bank.split == where) & (bank.label < 0))
        self._pyramids: dict[int, list[torch.Tensor]] = {}

    def compose(self, random: np.random.Generator) -> Example:
        """One crop with its box and mask."""
        member, seed = self._pick(random), int(random.integers(2**31))
        sketch = self._draw(member, SKETCH, seed)[3] > 0.5
        frame = self._frame(sketch, random)
        box = jittered(bounds(sketch, frame), random)
        scale = min(
            self.size / MARGIN / max(box.width, box.height), LARGEST / SKETCH
        )  # so that the crop is `MARGIN` times the box
        thing = self._draw(member, scale * SKETCH, seed)
        # the center of the drawn thing, in the crop
        middle = (
            np.array([sketch.shape[1] - box.left - box.right, sketch.shape[0] - box.top - box.bottom]) / 2
        )
        center = self.size / 2 + scale * middle
        canvas = self._scene(member, center, scale, random)
        if random.random() < 0.15:
            thing = camouflaged(thing, canvas, random)
        thing[:3] = recolor(thing[:3], random, 0.5, thing[3])
        if random.random() < 0.3:
            thing = softened(thing)
        if random.random() < 0.3:
            cast_shadow(canvas, thing, center, random)
        mask = paste(canvas, thing, center)
        if random.random() < IN_FRONT:
            mask = self._cover(canvas, mask, scale, random)
        if self.augment and random.random() < BRANCH:
            mask = self._branch(canvas, mask, random)
        to_crop = Box(
            *(
                self.size / 2 + scale * (edge - half)
                for edge, half in zip(
                    (frame.left, frame.top, frame.right, frame.bottom),
                    ((box.left + box.right) / 2, (box.top + box.bottom) / 2) * 2,
                    strict=True,
                )
            )
        )
        canvas = degraded(canvas.clamp_(0, 1), random) if self.augment else canvas.clamp_(0, 1)
        inside = box_map(to_crop, self.size)
        half_width, half_height = scale * box.width / 2, scale * box.height / 2
        drawn = Box(*(self.size / 2 + d for d in (-half_width, -half_height, half_width, half_height)))
        return Example(
            canvas * inside,
            box_map(drawn, self.size),
            (mask * inside[0])[None],
            int(self.bank.subject[member]),
        )

    def _pick(self, random: np.random.Generator) -> int:
        """A cut-out: its kind by `KIND_SHARES`, then subjects equally often."""
        subjects = self.things[random.choice(len(self.things), p=self.shares)]
        members = subjects[random.integers(len(subjects))]
        return int(members[random.integers(len(members))])

    def _draw(self, member: int, longer: float, seed: int) -> torch.Tensor:
        """(4, h, w), color times alpha: the same seed gives the same pose at any size."""
        if member not in self._pyramids:
            self._pyramids[member] = halvings(self.bank.pictures[member])
        return transformed(self._pyramids[member], longer, np.random.default_rng(seed), strong=self.augment)

    def _frame(self, sketch: torch.Tensor, random: np.random.Generator) -> Box:
        """The picture's edges in the sketch: cutting the thing off on some sides, or close to it."""
        whole, far = bounds(sketch), 10.0 * SKETCH
        draw = random.random()
        count = 1 if draw < CUT_SHARE else 0
        if CUT_SHARE <= draw < CUT_SHARE + CLOSE_UP_SHARE:
            count = int(random.integers(2, 5))
        sides = random.permutation(4)[:count]
        lengths = (whole.width, whole.height) * 2
        edges = [whole.left, whole.top, whole.right, whole.bottom]
        for side, inward in enumerate((1, 1, -1, -1)):
            if side in sides:
                edges[side] += inward * lengths[side] * random.uniform(0.02, 0.4)
            elif random.random() < 0.1:
                edges[side] -= inward * lengths[side] * random.uniform(0.0, 0.15)  # near, not through it
            else:
                edges[side] -= inward * far
        frame = Box(*edges)
        visible = sketch & (box_map(frame, max(sketch.shape))[0, : sketch.shape[0], : sketch.shape[1]] > 0)
        if visible.sum() < LEAST_VISIBLE * sketch.sum():
            return Box(-far, -far, far, far)
        return frame

    def _scene(
        self, member: int, center: np.ndarray, scale: float, random: np.random.Generator
    ) -> torch.Tensor:
        """(3, S, S): a background with up to three other things, some of them the same cut-out again."""
        canvas = self._background(random)
        count = int(random.integers(1, 4)) if random.random() < BEHIND else 0
        for _ in range(count):
            same = random.random() < SAME_KIND
            longer = min(scale * SKETCH, self.size) * np.exp(random.normal(0.0, 0.15 if same else 0.4))
            other = self._draw(
                member if same else self._pick(random),
                float(np.clip(longer, 16, 240)),
                random.integers(2**31),
            )
            other[:3] = recolor(other[:3], random, 0.3 if same else 1.0, other[3])
            if same:  # beside the thing, partly behind it
                turn = random.uniform(0, 2 * np.pi)
                away = self.size * random.uniform(0.25, 0.6) * np.array([np.cos(turn), 0.5 * np.sin(turn)])
                paste(canvas, other, center + away)
            else:
                paste(canvas, other, random.uniform(-0.1, 1.1, 2) * self.size)
        return canvas

    def _cover(
        self, canvas: torch.Tensor, mask: torch.Tensor, scale: float, random: np.random.Generator
    ) -> torch.Tensor:
        """The mask without what another thing, pasted in front, covers; unchanged if that were too much."""
        longer = float(np.clip(scale * SKETCH * random.uniform(0.25, 0.8), 16, 200))
        other = self._draw(self._pick(random), longer, int(random.integers(2**31)))
        other[:3] = recolor(other[:3], random, 1.0, other[3])
        covered = canvas.clone()
        alpha = paste(covered, other, random.uniform(0.1, 0.9, 2) * self.size)
        left = mask * (1 - alpha)
        if left.sum() < 2 * LEAST_VISIBLE * mask.sum():
            return mask
        canvas.copy_(covered)
        return left

    def _branch(self, canvas: torch.Tensor, mask: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
        """The mask without what a branch, pasted in front, covers; unchanged if that were too much.

        A branch is a bent strip of a background. Stalks, bars and fences look like it, too.
        """
        places = (mask > 0.5).nonzero()
        if not len(places) or not len(self.backgrounds):
            return mask
        alpha, across = strip(self.size, places[random.integers(len(places))].tolist(), random)
        left = mask * (1 - alpha)
        if left.sum() < 2 * LEAST_VISIBLE * mask.sum():
            return mask
        bark = recolor(self._photograph(random), random, 0.5)
        lit = (bark * (1 - 0.5 * random.random() * across)).clamp(0, 1)  # from one side
        canvas.copy_(canvas * (1 - alpha) + lit * alpha)
        return left

    def _background(self, random: np.random.Generator) -> torch.Tensor:
        if not len(self.backgrounds) or (self.augment and random.random() < 0.08):
            return synthetic_background(random, self.size)
        crop = self._photograph(random)
        if self.augment and random.random() < 0.15:
            crop = blend(crop, self._photograph(random), random)
        if random.random() < 0.25:  # out of focus
            crop = blurred(crop, int(random.integers(1, 5)))
        return recolor(crop, random, 0.4 if self.augment else 0.0)

    def _photograph(self, random: np.random.Generator) -> torch.Tensor:
        """A square of a background, large or small: a thing's surroundings show much of a scene or little."""
        pixels = self.bank.pictures[self.backgrounds[random.integers(len(self.backgrounds))]]
        side = int(min(pixels.shape[:2]) * random.uniform(0.25, 1.0))
        top, left = (random.integers(length - side + 1) for length in pixels.shape[:2])
        crop = torch.from_numpy(pixels[top : top + side, left : left + side]).permute(2, 0, 1)[None].float()
        crop = F.interpolate(crop / 255, (self.size, self.size), mode="bilinear", antialias=side > self.size)[
            0
        ]
        return crop.flip(2) if random.random() < 0.5 else crop


def bounds(shape: torch.Tensor, frame: Box | None = None) -> Box:
    """The box around the true pixels of (h, w), of those within `frame` if one is given."""
    if frame is not None:
        height, width = shape.shape
        shape = shape & (box_map(frame, max(height, width))[0, :height, :width] > 0)
    rows, columns = torch.nonzero(shape.any(1)), torch.nonzero(shape.any(0))
    if not len(rows):  # thinner than a pixel of the sketch
        return Box(0.0, 0.0, float(shape.shape[1]), float(shape.shape[0]))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1]) + 1, float(rows[-1]) + 1)


def jittered(box: Box, random: np.random.Generator) -> Box:
    """The box with each side moved as a detector's might be."""
    left, top, right, bottom = np.clip(random.normal(0, JITTER, 4), -0.15, 0.15)
    return Box(
        box.left + left * box.width,
        box.top + top * box.height,
        box.right + right * box.width,
        box.bottom + bottom * box.height,
    )


def paste(canvas: torch.Tensor, thing: torch.Tensor, center: np.ndarray) -> torch.Tensor:
    """Blend `thing` (4, h, w) into the canvas (3, S, S) and return its alpha on the canvas (S, S)."""
    size, (height, width) = canvas.shape[1], thing.shape[1:]
    left, top = round(float(center[0]) - width / 2), round(float(center[1]) - height / 2)
    alpha = torch.zeros(size, size)
    rows, columns = slice(max(0, top), min(size, top + height)), slice(max(0, left), min(size, left + width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return alpha
    part = thing[:, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    alpha[rows, columns] = part[3]
    canvas[:, rows, columns] = canvas[:, rows, columns] * (1 - part[3]) + part[:3]
    return alpha


def strip(size: int, place: Sequence[int], random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A bent strip through a place (row, column): its coverage, and -1 to 1 from one edge to the other.

    Returns:
        Both (size, size). The strip is 2 to 14 % of the size wide there, and wider to one end.
    """
    turn = random.uniform(0, np.pi)
    middles = torch.arange(size) + 0.5
    down, right = torch.meshgrid(middles - place[0], middles - place[1], indexing="ij")
    along = (right * np.cos(turn) + down * np.sin(turn)) / size
    away = down * np.cos(turn) - right * np.sin(turn)
    bend = random.normal(0, 0.25) * along**2 + 0.008 * random.normal() * torch.sin(12 * along)
    half = size * np.exp(random.uniform(np.log(0.01), np.log(0.07))) * (1 + random.normal(0, 0.4) * along)
    away -= size * bend
    return (half - away.abs() + 0.5).clamp(0, 1), (away / half.clamp(min=1)).clamp(-1, 1)


def camouflaged(thing: torch.Tensor, canvas: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """The thing with its mean color moved towards that of the scene."""
    color, alpha = thing[:3], thing[3]
    own = color.sum(dim=(1, 2)) / alpha.sum().clamp(min=1)
    moved = color + (canvas.mean(dim=(1, 2)) - own)[:, None, None] * alpha * random.uniform(0.3, 0.9)
    return torch.cat([torch.minimum(moved.clamp(min=0), alpha), alpha[None]])


def softened(thing: torch.Tensor) -> torch.Tensor:
    """The thing with a blurred edge, as out of focus or moving."""
    return blurred(F.pad(thing, (1, 1, 1, 1)), 1)


def cast_shadow(
    canvas: torch.Tensor, thing: torch.Tensor, center: np.ndarray, random: np.random.Generator
) -> None:
    """Darken the canvas beside the thing."""
    shadow = torch.zeros_like(canvas)
    shape = torch.cat([torch.zeros_like(thing[:3]), thing[3:]])
    alpha = paste(shadow, shape, center + random.uniform(-0.1, 0.1, 2) * canvas.shape[1])
    alpha = blurred(alpha[None], int(random.integers(2, 7)))
    canvas *= 1 - random.uniform(0.2, 0.6) * alpha


def blurred(image: torch.Tensor, radius: int) -> torch.Tensor:
    """A box blur of (c, h, w) with 2 * radius + 1 pixels a side."""
    size = 2 * radius + 1
    return F.avg_pool2d(image[None], size, stride=1, padding=radius, count_include_pad=False)[0]


def degraded(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """The flaws of a photograph: few pixels, blur, noise, JPEG compression."""
    size = image.shape[1]
    if random.random() < 0.15:  # a small thing, enlarged
        small = round(size / random.uniform(1.3, 3.5))
        image = F.interpolate(image[None], (small, small), mode="bilinear", antialias=True)
        image = F.interpolate(image, (size, size), mode="bilinear")[0]
    elif random.random() < 0.25:
        image = blurred(image, 1)
    if random.random() < 0.3:
        noise = torch.from_numpy(random.standard_normal(image.shape, dtype=np.float32))
        image = (image + random.uniform(0.005, 0.06) * noise).clamp_(0, 1)
    if random.random() < 0.5:
        file = io.BytesIO()
        from_tensor(image).save(file, "JPEG", quality=int(random.integers(35, 96)))
        image = to_tensor(Image.open(file).convert("RGB"))
    return image


def batch(examples: list[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images (B, 3, S, S), boxes and masks (B, 1, S, S)."""
    return (
        torch.stack([each.image for each in examples]),
        torch.stack([each.box for each in examples]),
        torch.stack([each.mask for each in examples]),
    )
