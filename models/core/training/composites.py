"""A bank of cut-outs on disk -> composed images with exact boxes and masks.

A composite is a background crop with a few cut-outs, each rotated, sheared, scaled, flipped and recolored. A
box encloses the opaque part inside the image. No cut-out is placed so that it hides another.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch.nn import functional as F

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.training.augmentation import blend, degrade, recolor, synthetic_background

SPLITS = ("train", "validation", "test")
# probabilities of 1, 2, 3, ... objects in an image; training images have more, at no extra cost
OBJECTS = (0.28, 0.28, 0.2, 0.14, 0.1)
TRAINING_OBJECTS = (0.1, 0.14, 0.18, 0.18, 0.16, 0.12, 0.12)
SMALLEST, LARGEST = 0.14, 0.80  # longer side of an object, as a share of the image's side
MIN_VISIBLE = 0.6  # of an object's opaque pixels, not hidden by others
MIN_INSIDE = 0.7  # of an object's opaque pixels, within the image
TRIES = 6
OPAQUE = 0.3

NOT_A_BANK = Text("core.training.not_a_bank", "The dataset is not a bank of cut-outs: {reason}.")
NO_CUTOUTS = Text("core.training.no_cutouts", "The dataset has no cut-outs for the split {split!r}.")


@dataclass(frozen=True)
class Bank:
    """The cut-outs and backgrounds of a dataset, in memory."""

    labels: tuple[str, ...]
    pictures: list[np.ndarray]  # uint8, (h, w, 4) cut-outs and (h, w, 3) backgrounds
    label: np.ndarray  # of each image, -1 for a background
    subject: np.ndarray
    split: np.ndarray

    @classmethod
    def load(cls, path: Path) -> "Bank":
        """Raises InputError: not a bank."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                shape, pixels = arrays["shape"], arrays["pixels"]
                starts = np.concatenate([[0], np.cumsum(shape.astype(np.int64).prod(1))])
                pictures = [pixels[starts[i] : starts[i + 1]].reshape(shape[i]) for i in range(len(shape))]
                labels = tuple(str(label) for label in arrays["labels"])
                return cls(labels, pictures, arrays["label"], arrays["subject"], arrays["split"])
        except (OSError, EOFError, KeyError, ValueError, IndexError, zipfile.BadZipFile, zlib.error) as error:
            raise InputError(NOT_A_BANK(reason=str(error))) from error


class Pictures(Protocol):
    """What a training draws its pictures from: composites, or a user's labeled pictures."""

    labels: tuple[str, ...]

    def compose(self, random: np.random.Generator, size: int) -> "Composite":
        """One image of `size` x `size` pixels with its objects."""
        ...

    def examples(self, size: int, count: int, *, seed: int) -> Iterator["Composite"]:
        """At most `count` images to measure on; the same seed gives the same ones."""
        ...


class Composer:
    """Draws composites of one split of a bank. All randomness comes from the generator it is given."""

    def __init__(self, bank: Bank, split: str, background_split: str | None = None, *, augment: bool = True):
        self.bank, self.augment, self.labels = bank, augment, bank.labels
        self._pyramids: dict[int, list[torch.Tensor]] = {}
        own = np.flatnonzero((bank.split == SPLITS.index(split)) & (bank.label >= 0))
        self.by_label: list[list[np.ndarray]] = []
        for label in range(len(bank.labels)):
            members = own[bank.label[own] == label]
            subjects = bank.subject[members]
            self.by_label.append([members[subjects == subject] for subject in np.unique(subjects)])
        where = SPLITS.index(background_split or split)
        self.backgrounds = np.flatnonzero((bank.split == where) & (bank.label < 0))
        self.filled = [label for label, subjects in enumerate(self.by_label) if subjects]
        if not self.filled:
            raise InputError(NO_CUTOUTS(split=split))

    def pick(self, random: np.random.Generator) -> tuple[int, int]:
        """Label and index of one cut-out: labels equally often, then their subjects equally often."""
        label = self.filled[random.integers(len(self.filled))]
        subjects = self.by_label[label]
        members = subjects[random.integers(len(subjects))]
        return label, int(members[random.integers(len(members))])

    def compose(self, random: np.random.Generator, size: int) -> "Composite":
        """One image of `size` x `size` pixels with its objects."""
        canvas = self._background(random, size)
        owner = np.zeros((size, size), np.int8)  # the number of the object on top, 0 for none
        opaque: list[int] = []  # opaque pixels of each object, hidden ones included
        boxes: list[tuple[float, ...]] = []
        labels: list[int] = []
        subjects: list[int] = []
        shares = TRAINING_OBJECTS if self.augment else OBJECTS
        count = 1 + int(random.choice(len(shares), p=shares))
        for _ in range(count):
            label, member = self.pick(random)
            box = self._place(canvas, owner, opaque, self._pyramid(member), random)
            if box is not None:
                boxes.append(box)
                labels.append(label)
                subjects.append(int(self.bank.subject[member]))
        if self.augment:
            canvas = degrade(canvas, random)
        classes = np.array([0, *(label + 1 for label in labels)], np.uint8)[owner]
        corners = np.array(boxes, np.float32).reshape(-1, 4)
        return Composite(canvas.clamp_(0, 1), corners, labels, subjects, classes, owner)

    def examples(self, size: int, count: int, *, seed: int) -> Iterator["Composite"]:
        """`count` images to measure on. The same seed gives the same ones."""
        for index in range(count):
            yield self.compose(np.random.default_rng([seed, 7, index]), size)

    def _pyramid(self, member: int) -> list[torch.Tensor]:
        if member not in self._pyramids:
            self._pyramids[member] = halvings(self.bank.pictures[member])
        return self._pyramids[member]

    def _background(self, random: np.random.Generator, size: int) -> torch.Tensor:
        if not len(self.backgrounds) or (self.augment and random.random() < 0.25):
            return synthetic_background(random, size)
        crop = self._crop(random, size)
        if self.augment and random.random() < 0.3:  # blending two multiplies a small number of photos
            crop = blend(crop, self._crop(random, size), random)
        return crop

    def _crop(self, random: np.random.Generator, size: int) -> torch.Tensor:
        pixels = self.bank.pictures[self.backgrounds[random.integers(len(self.backgrounds))]]
        side = int(min(pixels.shape[:2]) * random.uniform(0.25 if self.augment else 0.4, 1.0))
        top = random.integers(pixels.shape[0] - side + 1)
        left = random.integers(pixels.shape[1] - side + 1)
        crop = (
            torch.from_numpy(pixels[top : top + side, left : left + side]).permute(2, 0, 1)[None].float()
            / 255
        )
        while crop.shape[2] >= 2 * size:  # halve first: sampling alone would alias
            crop = F.avg_pool2d(crop, 2)
        crop = F.interpolate(crop, (size, size), mode="bilinear", align_corners=False)[0]
        if random.random() < 0.5:
            crop = crop.flip(2)
        return recolor(crop, random, 0.5 if self.augment else 0.0)

    def _place(
        self,
        canvas: torch.Tensor,
        owner: np.ndarray,
        opaque: list[int],
        pyramid: list[torch.Tensor],
        random: np.random.Generator,
    ) -> tuple[float, ...] | None:
        """Place one cut-out on the canvas; its box, or None if it found no place."""
        size = canvas.shape[1]
        for attempt in range(TRIES):
            share = SMALLEST * (LARGEST / SMALLEST) ** random.random() * 0.85**attempt
            moved = transformed(pyramid, max(share, SMALLEST) * size, random, strong=self.augment)
            height, width = moved.shape[1:]
            top = round(random.uniform(-0.25 * height, size - 0.75 * height))
            left = round(random.uniform(-0.25 * width, size - 0.75 * width))
            solid = (moved[3] > OPAQUE).numpy()
            rows = slice(max(0, -top), min(height, size - top))
            columns = slice(max(0, -left), min(width, size - left))
            inside = solid[rows, columns]
            if inside.sum() < max(12, MIN_INSIDE * solid.sum()):
                continue
            place = (
                slice(top + rows.start, top + rows.stop),
                slice(left + columns.start, left + columns.stop),
            )
            if hides_too_much(owner[place][inside], owner, opaque):
                continue
            color = recolor(
                moved[:3, rows, columns], random, 1.0 if self.augment else 0.0, moved[3, rows, columns]
            )
            alpha = moved[3, rows, columns]
            canvas[:, place[0], place[1]] = canvas[:, place[0], place[1]] * (1 - alpha) + color
            opaque.append(int(inside.sum()))
            owner[place][inside] = len(opaque)
            ys, xs = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
            y, x = place[0].start, place[1].start
            return (x + xs[0], y + ys[0], x + xs[-1] + 1, y + ys[-1] + 1)
        return None


@dataclass(frozen=True)
class Composite:
    """One composed image: (3, size, size) in [0, 1], boxes (n, 4) in pixels, and their contents."""

    image: torch.Tensor
    boxes: np.ndarray
    labels: list[int]
    subjects: list[int]  # the subject of each object
    classes: np.ndarray  # (size, size) uint8: 0 for background, else 1 + the label on top
    owner: np.ndarray | None = None  # (size, size): 0 for background, else the number of the object, from 1


def hides_too_much(covered: np.ndarray, owner: np.ndarray, opaque: list[int]) -> bool:
    """Whether an object over the pixels `covered` would leave too little of another one visible."""
    counts = np.bincount(covered, minlength=len(opaque) + 1)
    for number in np.flatnonzero(counts[1:]) + 1:
        visible = int((owner == number).sum()) - counts[number]
        if visible < MIN_VISIBLE * opaque[number - 1]:
            return True
    return False


def halvings(pixels: np.ndarray) -> list[torch.Tensor]:
    """The cut-out, color times alpha, at full, half, quarter ... size; uint8, (4, h, w)."""
    source = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
    source[:, :3] *= source[:, 3:] / 255
    sizes = [source]
    while min(sizes[-1].shape[2:]) >= 16:
        sizes.append(F.avg_pool2d(sizes[-1], 2))
    return [each[0].round().to(torch.uint8) for each in sizes]


def level(pyramid: list[torch.Tensor], longer: float) -> tuple[torch.Tensor, float]:
    """The smallest level with at least three quarters of the target length, (1, 4, h, w), and its scale."""
    for each in reversed(pyramid):
        scale = longer / max(each.shape[1:])
        if scale <= 4 / 3:
            break
    else:
        each, scale = pyramid[0], longer / max(pyramid[0].shape[1:])
    return each[None].float() / 255, scale


def transformed(
    pyramid: list[torch.Tensor], longer: float, random: np.random.Generator, *, strong: bool
) -> torch.Tensor:
    """(4, h, w) color times alpha, and alpha: the cut-out at `longer` pixels, rotated, sheared, flipped."""
    source, scale = level(pyramid, longer)
    spread = 1.0 if strong else 0.4
    angle = random.normal(0, 12 * spread) if random.random() < 0.85 else random.normal(0, 40 * spread)
    stretch = np.exp(random.normal(0, 0.13 * spread))
    shear = random.normal(0, 0.12 * spread)
    flip = -1.0 if random.random() < 0.5 else 1.0
    turn = np.deg2rad(angle)
    forward = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
        [[flip * scale * stretch, shear * scale], [0.0, scale / stretch]]
    )
    height, width = source.shape[2:]
    corners = forward @ np.array([[width, width], [height, -height]]) / 2
    out_width, out_height = (max(2, int(np.ceil(2 * np.abs(row).max()))) for row in corners)
    inverse = np.linalg.inv(forward)
    # affine_grid measures in halves of an image
    theta = inverse * np.array(
        [[out_width / width, out_height / width], [out_width / height, out_height / height]]
    )
    matrix = torch.tensor([[*theta[0], 0.0], [*theta[1], 0.0]], dtype=torch.float32)[None]
    grid = F.affine_grid(matrix, [1, 4, out_height, out_width], align_corners=False)
    return F.grid_sample(source, grid, mode="bilinear", padding_mode="zeros", align_corners=False)[0]
