"""The facts of pictures or, where they have boxes, of the objects in them. Every picture is decoded once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from models.audit.datasets.copies import Copies
from models.audit.datasets.facts import Facts
from models.core.auditing.attributes import brightness, sharpness
from models.core.auditing.outcomes import Attribute
from models.core.auditing.pictures import reference
from models.core.contract import cancellation
from models.core.contract.dataset import SPLITS, DatasetKind, LabeledObject, Picture
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.contract.progress import Progress
from models.core.datasets.archive import Dataset
from models.core.datasets.near_duplicates import fingerprint, near_duplicates

MAX_PICTURES = 20_000

PICTURES = Text("audit.datasets.pictures", "pictures")
OBJECTS = Text("audit.datasets.objects", "objects")
EMPTY = Text("audit.datasets.errors.empty", "The dataset has no picture that can be read.")
BROKEN = Text(
    "audit.datasets.notes.broken", "{n:,} {n:picture|pictures} cannot be read and {n:is|are} left out."
)
UNLABELED = Text("audit.datasets.notes.unlabeled", "{n:,} of {total:,} pictures {n:has|have} no labels.")
FEWER = Text(
    "audit.datasets.notes.fewer", "The dataset has {total:,} pictures; a random {n:,} of them are audited."
)
CLASS, SPLIT, BRIGHTNESS, SHARPNESS = "class", "split", "brightness", "sharpness"
WIDTH, HEIGHT, ASPECT, BYTES, FORMAT = "width", "height", "aspect ratio", "file size", "file format"
BOX_SIZE, BOX_ASPECT, EDGE, OBJECTS_BESIDE = "box size", "box aspect ratio", "at the edge", "objects"
SPLIT_NAMES = tuple(
    text()
    for text in (
        Text("audit.splits.train", "train"),
        Text("audit.splits.validation", "validation"),
        Text("audit.splits.test", "test"),
    )
)
TITLES = {
    CLASS: Text("audit.attributes.class", "class"),
    SPLIT: Text("audit.attributes.split", "split"),
    BRIGHTNESS: Text("audit.attributes.brightness", "brightness"),
    SHARPNESS: Text("audit.attributes.sharpness", "sharpness"),
    WIDTH: Text("audit.attributes.width", "width"),
    HEIGHT: Text("audit.attributes.height", "height"),
    ASPECT: Text("audit.attributes.aspect", "aspect ratio"),
    BYTES: Text("audit.attributes.bytes", "file size in kB"),
    FORMAT: Text("audit.attributes.format", "file format"),
    BOX_SIZE: Text("audit.attributes.box_size", "box size (share of the picture)"),
    BOX_ASPECT: Text("audit.attributes.box_aspect", "aspect ratio of the box"),
    EDGE: Text("audit.attributes.edge", "at the picture's edge"),
    OBJECTS_BESIDE: Text("audit.attributes.objects", "objects in the picture"),
}
YES, NO = Text("audit.attributes.yes", "yes"), Text("audit.attributes.no", "no")

SEEING = Text("audit.datasets.progress", "Looking at the pictures")


@dataclass(frozen=True)
class Measured:
    """What is kept of one picture."""

    picture: Picture
    fingerprint: int
    kilobytes: float
    brightness: float
    sharpness: float
    of_objects: tuple[tuple[float, float], ...]  # brightness and sharpness within each box


def facts_of_pictures(dataset: Dataset, seed: int, progress: Progress) -> Facts:
    """Of a dataset with boxes or masks: of its objects; else of its pictures.

    Raises:
        InputError: no picture can be read.
        Canceled: the job was canceled.
    """
    chosen, notes = _chosen(dataset.manifest.pictures, seed)
    measured = list(_measured(dataset, chosen, progress))
    if not measured:
        raise InputError(EMPTY())
    if len(measured) < len(chosen):
        notes = (*notes, BROKEN(n=len(chosen) - len(measured)))
    unlabeled = sum(each.picture.annotation is None for each in measured)
    if unlabeled and dataset.manifest.kind != DatasetKind.PICTURES:
        notes = (*notes, UNLABELED(n=unlabeled, total=len(measured)))
    if any(each.of_objects for each in measured):
        return _of_objects(dataset, measured, notes)
    return _of_pictures(dataset, measured, notes)


def _chosen(pictures: Sequence[Picture], seed: int) -> tuple[Sequence[Picture], tuple[Message, ...]]:
    if len(pictures) <= MAX_PICTURES:
        return pictures, ()
    kept = np.sort(np.random.default_rng(seed).permutation(len(pictures))[:MAX_PICTURES])
    return [pictures[index] for index in kept], (FEWER(total=len(pictures), n=MAX_PICTURES),)


def _measured(dataset: Dataset, pictures: Sequence[Picture], progress: Progress) -> Iterator[Measured]:
    """Those that can be read."""
    for done, picture in enumerate(pictures):
        cancellation.check()
        progress(done, len(pictures), message=SEEING())
        try:
            image = dataset.decode(picture)
        except InputError:
            continue
        yield Measured(
            picture,
            fingerprint(image),
            len(dataset.read(picture)) / 1_000,
            brightness(image),
            sharpness(image),
            tuple(_within(image, each) for each in objects_of(picture)),
        )


def objects_of(picture: Picture) -> list[LabeledObject]:
    """Without crowds: a box around many is no object."""
    annotation = picture.annotation
    return [each for each in annotation.objects if not each.is_crowd] if annotation else []


def cropped(image: Image.Image, box: Sequence[float]) -> Image.Image:
    """What is within a box, at least one pixel."""
    left, top = (int(np.clip(start, 0, size - 1)) for start, size in zip(box[:2], image.size, strict=True))
    right, bottom = max(left + 1, round(box[2])), max(top + 1, round(box[3]))
    return image.crop((left, top, min(image.width, right), min(image.height, bottom)))


def _within(image: Image.Image, found: LabeledObject) -> tuple[float, float]:
    crop = cropped(image, found.box)
    return brightness(crop), sharpness(crop)


def _of_pictures(dataset: Dataset, measured: Sequence[Measured], notes: tuple[Message, ...]) -> Facts:
    pictures = [each.picture for each in measured]
    labels = [each.annotation.label if each.annotation else None for each in pictures]
    attributes = _named(
        {
            CLASS: _categories(CLASS, labels, dataset.manifest.classes),
            SPLIT: _categories(SPLIT, [each.split for each in pictures], SPLIT_NAMES),
            BRIGHTNESS: _numbers(BRIGHTNESS, [each.brightness for each in measured]),
            SHARPNESS: _numbers(SHARPNESS, [each.sharpness for each in measured]),
            WIDTH: _numbers(WIDTH, [each.width for each in pictures]),
            HEIGHT: _numbers(HEIGHT, [each.height for each in pictures]),
            ASPECT: _numbers(ASPECT, [each.width / each.height for each in pictures]),
            BYTES: _numbers(BYTES, [each.kilobytes for each in measured]),
            FORMAT: _format(pictures),
        }
    )
    references = [reference(dataset, each) for each in pictures]
    target = CLASS if CLASS in attributes else ""
    return Facts(PICTURES(), attributes, target, references, _copies(measured), notes)


def _of_objects(dataset: Dataset, measured: Sequence[Measured], notes: tuple[Message, ...]) -> Facts:
    found = [(place, each) for place, own in enumerate(measured) for each in objects_of(own.picture)]
    places = np.array([place for place, _ in found])
    pictures = [measured[place].picture for place in places]
    looks = [look for each in measured for look in each.of_objects]
    boxes = np.array([each.box for _, each in found], np.float64)
    sizes = np.array([(each.width, each.height) for each in pictures], np.float64)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6)
    is_cut = (boxes[:, :2] <= 1).any(axis=1) | (boxes[:, 2:] >= sizes - 1).any(axis=1)
    beside = [len(objects_of(each)) for each in pictures]
    attributes = _named(
        {
            CLASS: _categories(CLASS, [each.label for _, each in found], dataset.manifest.classes),
            SPLIT: _categories(SPLIT, [each.split for each in pictures], SPLIT_NAMES),
            BOX_SIZE: _numbers(BOX_SIZE, sides[:, 0] * sides[:, 1] / sizes[:, 0] / sizes[:, 1]),
            BOX_ASPECT: _numbers(BOX_ASPECT, sides[:, 0] / sides[:, 1]),
            BRIGHTNESS: _numbers(BRIGHTNESS, [look[0] for look in looks]),
            SHARPNESS: _numbers(SHARPNESS, [look[1] for look in looks]),
            EDGE: Attribute(TITLES[EDGE](), np.asarray(is_cut, np.int64), (NO(), YES())),
            OBJECTS_BESIDE: _numbers(OBJECTS_BESIDE, beside),
            WIDTH: _numbers(WIDTH, sizes[:, 0]),
            HEIGHT: _numbers(HEIGHT, sizes[:, 1]),
            FORMAT: _format(pictures),
        }
    )
    references = [
        {**reference(dataset, own), "box": list(each.box)}
        for own, (_, each) in zip(pictures, found, strict=True)
    ]
    return Facts(OBJECTS(), attributes, CLASS, references, _copies(measured), notes, places)


def _copies(measured: Sequence[Measured]) -> Copies:
    """Of the pictures. The label of one with objects is all their classes."""
    first: dict[str, int] = {}
    exact = [first.setdefault(each.picture.sha256, place) for place, each in enumerate(measured)]
    labels = [_label(each.picture) for each in measured]
    names = sorted({label for label in labels if label})
    return Copies(
        np.array(near_duplicates([each.fingerprint for each in measured])),
        np.array(exact),
        np.array([SPLITS.index(each.picture.split) if each.picture.split else -1 for each in measured]),
        SPLIT_NAMES,
        np.array([names.index(label) if label else -1 for label in labels]),
        names,
        [{"picture": each.picture.file} for each in measured],
    )


def _label(picture: Picture) -> str:
    """The class, or the classes of all objects; empty: unknown."""
    if picture.annotation is None:
        return ""
    counts = Counter(each.label for each in objects_of(picture))
    return picture.annotation.label or ", ".join(f"{n} × {name}" for name, n in sorted(counts.items()))


def _named(attributes: Mapping[str, Attribute | None]) -> dict[str, Attribute]:
    """Those that the dataset has."""
    return {name: each for name, each in attributes.items() if each is not None}


def _numbers(name: str, values: Sequence[float] | np.ndarray) -> Attribute:
    return Attribute(TITLES[name](), np.asarray(values, np.float64))


def _categories(name: str, values: Sequence[str | None], names: Sequence[str]) -> Attribute | None:
    """None: no example has a value."""
    places = {each: place for place, each in enumerate(names)}
    of = np.array([-1 if value is None else places.get(value, -1) for value in values], np.int64)
    return Attribute(TITLES[name](), of, tuple(names)) if (of >= 0).any() else None


def _format(pictures: Sequence[Picture]) -> Attribute | None:
    endings = [PurePosixPath(each.file).suffix.casefold().removeprefix(".") or None for each in pictures]
    return _categories(FORMAT, endings, sorted({each for each in endings if each}))
