"""What a dataset of pictures holds: counts by class and split, sizes, and pictures that cannot be read."""

from collections.abc import Callable, Sequence
from statistics import median

from models.core.contract import registry
from models.core.contract.dataset import Manifest, Picture
from models.core.contract.dataset_report import (
    ClassCounts,
    Counts,
    Finding,
    Problem,
    Problems,
    Report,
    Sizes,
    SplitCounts,
)
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.images.codec import decode

_BROKEN = Finding(
    "broken", "error", Text("core.datasets.problems.broken", "Pictures that cannot be read: {n:,}.")
)


def near_duplicates(
    manifest: Manifest, read: Callable[[Picture], bytes], progress: Callable[[int, int], None]
) -> tuple[dict[str, str], list[Problem]]:
    """File -> its group of near-duplicates, and the pictures that cannot be read."""
    near = registry.core("datasets.near_duplicates")
    problems = Problems()
    prints: dict[str, int] = {}
    for number, picture in enumerate(manifest.pictures):
        progress(number, len(manifest.pictures))
        try:
            prints[picture.file] = near.fingerprint(decode(read(picture)))
        except InputError:
            problems.add(_BROKEN, picture.file)
    return near.grouped(list(prints), list(prints.values())), problems.listed()


def report(manifest: Manifest, problems: Sequence[Problem]) -> Report:
    """The counts of a manifest with splits."""
    classes = {name: ClassCounts(name=name) for name in manifest.classes}
    splits, objects = SplitCounts(), 0
    for picture in manifest.pictures:
        if picture.split is not None:
            setattr(splits, picture.split, getattr(splits, picture.split) + 1)
        objects += _count(picture, classes)
    labeled = sum(picture.annotation is not None for picture in manifest.pictures)
    counts = Counts(pictures=len(manifest.pictures), labeled=labeled, objects=objects)
    return Report(
        counts=counts,
        classes=list(classes.values()),
        sizes=_sizes(manifest.pictures),
        splits=splits,
        problems=list(problems),
    )


def _count(picture: Picture, classes: dict[str, ClassCounts]) -> int:
    """Add a picture to the counts of its classes; returns the number of its objects."""
    if picture.annotation is None:
        return 0
    labels = [each.label for each in picture.annotation.objects]
    for label in {*labels, picture.annotation.label} - {None}:
        one = classes.setdefault(str(label), ClassCounts(name=str(label)))
        one.pictures += 1
        one.objects += labels.count(label)
        if picture.split is not None:
            setattr(one, picture.split, getattr(one, picture.split) + 1)
    return len(labels)


def _sizes(pictures: Sequence[Picture]) -> Sizes | None:
    if not pictures:
        return None
    widths, heights = [each.width for each in pictures], [each.height for each in pictures]
    return Sizes(
        min=(min(widths), min(heights)),
        median=(int(median(widths)), int(median(heights))),
        max=(max(widths), max(heights)),
    )
