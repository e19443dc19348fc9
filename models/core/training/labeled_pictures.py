"""A user's labeled pictures as a training takes them: images with boxes and class maps, as composites are.

A picture to learn from is drawn anew each time: mirrored, scaled, moved, cut off and recolored at random. A
picture to measure on is always the same: it is fitted into the square, as an upload is.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from models.core.contract.dataset import DatasetKind, LabeledObject, Split
from models.core.contract.dataset import Picture as Entry
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.datasets.archive import Dataset
from models.core.images.codec import to_tensor
from models.core.images.letterbox import BORDER, Color, letterbox
from models.core.training.augmentation import degrade, recolor
from models.core.training.composites import Composite

WRONG_KIND = Text(
    "core.training.wrong_kind", "The dataset has labels of the kind {kind}; this training takes {kinds}."
)
NOT_MEASURED = Text(
    "core.training.not_measured",
    "No labeled picture was held out, so nothing was measured: how good this model is on new pictures is "
    "unknown.",
)
NO_PICTURE = Text(
    "core.training.no_picture",
    "The dataset has no labeled picture in the part {split!r}, which a training needs.",
)
NO_OBJECT = Text(
    "core.training.no_object",
    "No picture in the part {split!r} of the dataset shows an object, so nothing can be learned from it.",
)

SMALLEST, LARGEST = 0.65, 1.6  # scale of a training picture, relative to the one that fits it into the square
STRETCH = 0.1  # standard deviation of the logarithm of its aspect ratio
MIN_VISIBLE = 0.4  # of an object's box: what is cut off further is no object to learn
LONGEST = 1.3  # side of a picture that is kept in memory, relative to the square's
MEMORY = 300_000_000  # bytes of the pictures that are kept; others are decoded again each time


def is_bank(path: Path) -> bool:
    """Whether a file is a bank of cut-outs, by its content, and not a dataset: both are ZIPs."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "pixels.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def check_kind(dataset: Dataset, kinds: tuple[DatasetKind, ...]) -> None:
    """Raises InputError: the dataset has other labels than a training takes, or nothing to learn from."""
    manifest = dataset.manifest
    if manifest.kind not in kinds:
        raise InputError(WRONG_KIND(kind=manifest.kind, kinds=", ".join(kinds)))
    labels = [picture.annotation for picture in manifest.of("train") if picture.annotation is not None]
    if not labels:
        raise InputError(NO_PICTURE(split="train"))
    if not any(each.objects for each in labels):
        raise InputError(NO_OBJECT(split="train"))


class LabeledPictures:
    """The labeled pictures of one split. All randomness comes from the generator that `compose` gets.

    Args:
        size: side of the largest squares that are asked for.
        augment: draw each picture differently every time.
        border: around a picture in its square.
        with_classes: also read the masks of the objects, for class maps.
    """

    def __init__(
        self,
        dataset: Dataset,
        split: Split,
        size: int,
        *,
        augment: bool,
        border: Color = BORDER,
        with_classes: bool = False,
    ):
        self.dataset, self.augment, self.border, self.with_classes = dataset, augment, border, with_classes
        self.labels = tuple(dataset.manifest.classes)
        self.entries = [entry for entry in dataset.manifest.of(split) if entry.annotation is not None]
        self.longest = round(LONGEST * size)
        self._kept: dict[int, tuple[Image.Image, Image.Image | None]] = {}
        self._room = MEMORY

    def __len__(self) -> int:
        return len(self.entries)

    def compose(self, random: np.random.Generator, size: int) -> Composite:
        """One picture of the split in a square of `size` pixels, changed at random where that is asked."""
        index = int(random.integers(len(self)))
        return self.draw(index, random, size) if self.augment else self.fitted(index, size)

    def examples(self, size: int, count: int, *, seed: int) -> Iterator[Composite]:
        """The first `count` pictures, each as it is: they are mixed, and the same for every `seed`."""
        del seed  # that of composites, which are drawn anew
        for index in np.random.default_rng(0).permutation(len(self))[:count].tolist():
            yield self.fitted(index, size)

    def fitted(self, index: int, size: int) -> Composite:
        """A picture in a square of `size` pixels, centered."""
        picture, classes = self._read(index)
        square, placement = letterbox(picture, size, self.border)
        scales = placement.scale_x, placement.scale_y
        return self._composite(index, square, classes, (*scales, placement.left, placement.top), size)

    def draw(self, index: int, random: np.random.Generator, size: int) -> Composite:
        """The same, changed at random."""
        picture, classes = self._read(index)
        scale = size / max(picture.size) * SMALLEST * (LARGEST / SMALLEST) ** random.random()
        stretch = float(np.exp(random.normal(0, STRETCH)))
        scale_x, scale_y = scale * stretch, scale / stretch
        left, top = (
            random.uniform(min(0.0, size - length), max(0.0, size - length))
            for length in (picture.width * scale_x, picture.height * scale_y)
        )
        if random.random() < 0.5:  # mirrored
            scale_x, left = -scale_x, left + picture.width * scale_x
        matrix = (1 / scale_x, 0, -left / scale_x, 0, 1 / scale_y, -top / scale_y)
        square = picture.transform(
            (size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=self.border
        )
        composite = self._composite(index, square, classes, (scale_x, scale_y, left, top), size)
        image = degrade(recolor(composite.image, random, 0.5), random).clamp_(0, 1)
        return Composite(image, composite.boxes, composite.labels, composite.subjects, composite.classes)

    def _composite(
        self,
        index: int,
        square: Image.Image,
        classes: Image.Image | None,
        placement: tuple[float, float, float, float],
        size: int,
    ) -> Composite:
        """The square with its boxes, labels and class map; `placement` is scale x and y, left and top."""
        scale_x, scale_y, left, top = placement
        entry, (picture, _) = self.entries[index], self._read(index)
        objects = self._objects(entry)
        corners = np.array([each.box for each in objects], np.float64).reshape(-1, 4)
        ratio = np.array([picture.width / entry.width, picture.height / entry.height] * 2)
        moved = corners * ratio * [scale_x, scale_y, scale_x, scale_y] + [left, top, left, top]
        moved = np.concatenate(  # mirrored ones have their sides in order again
            [np.minimum(moved[:, :2], moved[:, 2:]), np.maximum(moved[:, :2], moved[:, 2:])], axis=1
        )
        inside = moved.clip(0, size)
        areas = [(each[:, 2:] - each[:, :2]).prod(1) for each in (moved, inside)]
        is_shown = (areas[1] > 1) & (areas[1] >= MIN_VISIBLE * areas[0])
        labels = [
            self.labels.index(each.label) for each, shown in zip(objects, is_shown, strict=True) if shown
        ]
        class_map = np.zeros((size, size), np.uint8)
        if classes is not None:
            matrix = (1 / scale_x, 0, -left / scale_x, 0, 1 / scale_y, -top / scale_y)
            class_map = np.asarray(classes.transform((size, size), Image.Transform.AFFINE, matrix))
        return Composite(
            to_tensor(square),
            inside[is_shown].astype(np.float32),
            labels,
            [index] * len(labels),  # intervals are over pictures
            class_map,
        )

    def _objects(self, entry: Entry) -> list[LabeledObject]:
        """The objects of a picture, without crowds: a box around many is none to learn."""
        return [each for each in entry.annotation.objects if not each.is_crowd] if entry.annotation else []

    def _read(self, index: int) -> tuple[Image.Image, Image.Image | None]:
        """A picture and its class map, shrunk to `longest`, decoded once where the memory suffices."""
        if index in self._kept:
            return self._kept[index]
        entry = self.entries[index]
        picture = self.dataset.decode(entry)
        classes = self._class_map(entry) if self.with_classes else None
        if max(picture.size) > self.longest:
            scale = self.longest / max(picture.size)
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
            classes = classes.resize(size, Image.Resampling.NEAREST) if classes else None
        needed = picture.width * picture.height * (4 if classes else 3)
        if needed <= self._room:
            self._room -= needed
            self._kept[index] = picture, classes
        return picture, classes

    def _class_map(self, entry: Entry) -> Image.Image:
        """0 for the background, else 1 + the label of the object on top: the last one in the annotation."""
        classes = np.zeros((entry.height, entry.width), np.uint8)
        for each in self._objects(entry):
            classes[self.dataset.mask(entry, each)] = 1 + self.labels.index(each.label)
        return Image.fromarray(classes)
