"""The pictures of a dataset with their classes, as the training takes them."""

import io
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from models.classification.features import shrunk
from models.core.contract.dataset import SPLITS, Picture, Split
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.datasets.archive import Dataset
from models.core.images.codec import encode_jpeg

THUMBNAIL = 64  # pixels of the longer side of the copies that a model keeps
QUALITY = 85  # of JPEG
AHEAD = 2  # pictures that are decoded while the network computes

TWO_CLASSES = Text(
    "classification.two_classes",
    "Training needs labeled pictures of at least two classes; this dataset has {n:,} ({names}).",
)
HELD_OUT = Text(
    "classification.held_out",
    "Training needs pictures of at least two classes in the split train; {n:,} labeled pictures are in "
    "validation or test.",
)


@dataclass(frozen=True)
class Example:
    """One labeled picture."""

    picture: Picture
    label: int  # index of its class
    split: Split

    @property
    def group(self) -> str:
        """Pictures of one group, and all views of one picture, are on the same side of every split."""
        return self.picture.group or self.picture.sha256


@dataclass(frozen=True)
class Decoded:
    """A picture in memory, shrunk, and a copy of it as a JPEG file."""

    image: Image.Image
    copy: bytes


def examples_of(dataset: Dataset) -> tuple[list[Example], tuple[str, ...]]:
    """The labeled pictures by split, and the classes that the training pictures have.

    Pictures of a class without training pictures are left out; those without a split are trained on.

    Raises:
        InputError: fewer than two classes.
    """
    labels = {picture.file: _label(picture) for picture in dataset.manifest.pictures}
    trained = {labels[each.file] for each in dataset.manifest.pictures if each.split in (None, "train")}
    classes = tuple(name for name in dataset.manifest.classes if name in trained)
    if len(classes) < 2:
        labeled = {label for label in labels.values() if label is not None}
        if len(labeled) > 1:
            raise InputError(HELD_OUT(n=sum(_is_held_out(each) for each in dataset.manifest.pictures)))
        raise InputError(TWO_CLASSES(n=len(classes), names=", ".join(classes) or "–"))
    found = [
        Example(picture, classes.index(label), picture.split or "train")
        for picture in dataset.manifest.pictures
        if (label := labels[picture.file]) in classes
    ]
    return sorted(found, key=lambda each: SPLITS.index(each.split)), classes


def without_validation(examples: list[Example]) -> list[Example]:
    """The same with the validation pictures among those to learn from, if others are left to measure on."""
    if all(each.split != "test" for each in examples):
        return examples
    return [replace(each, split="train") if each.split == "validation" else each for each in examples]


def _is_held_out(picture: Picture) -> bool:
    return _label(picture) is not None and picture.split in ("validation", "test")


def _label(picture: Picture) -> str | None:
    return picture.annotation.label if picture.annotation else None


def decoded(dataset: Dataset, examples: list[Example], side: int) -> Iterator[Decoded]:
    """The pictures, decoded by other threads ahead of the caller, with copies of `side` pixels.

    Raises:
        InputError: a picture is broken.
    """

    def decode(example: Example) -> Decoded:
        image = shrunk(dataset.decode(example.picture))
        return Decoded(image, jpeg(image, side))

    with ThreadPoolExecutor(AHEAD) as threads:
        waiting = deque(threads.submit(decode, each) for each in examples[:AHEAD])
        for following in [*examples[AHEAD:], *[None] * min(AHEAD, len(examples))]:
            yield waiting.popleft().result()
            if following:
                waiting.append(threads.submit(decode, following))


def jpeg(image: Image.Image, side: int) -> bytes:
    """A copy of at most `side` pixels as a JPEG file."""
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.BICUBIC)
    return encode_jpeg(copy, QUALITY)


def opened(copy: bytes) -> Image.Image:
    """A kept copy as a picture."""
    return Image.open(io.BytesIO(copy)).convert("RGB")


def folds(examples: list[Example], count: int, seed: int) -> np.ndarray:
    """(N,) the fold of each picture: each class is spread evenly, and a group is in one fold."""
    order = np.random.default_rng(seed).permutation(len(examples))
    fold_of: dict[str, int] = {}
    sizes: dict[int, np.ndarray] = {}  # class -> its pictures in each fold so far
    found = np.zeros(len(examples), int)
    for position in order:
        example = examples[position]
        taken = sizes.setdefault(example.label, np.zeros(count))
        fold = fold_of.setdefault(example.group, int(taken.argmin()))
        taken[fold] += 1
        found[position] = fold
    return found
