"""What a dataset holds, and what is wrong with it, before anything is trained on it."""

import statistics
from collections.abc import Callable, Iterator

from models.core.contract.dataset import DatasetKind, LabeledObject, Manifest, Picture
from models.core.contract.dataset_report import (
    Counts,
    Finding,
    Problems,
    Report,
    Sizes,
    SplitCounts,
)
from models.core.contract.errors import InputError
from models.core.contract.messages import Text, message_of
from models.core.datasets.forms.contents import Progress, silent
from models.core.datasets.near_duplicates import fingerprint, grouped
from models.core.datasets.split_checks import with_splits
from models.core.datasets.splits import classes_of
from models.core.images.codec import read as decode

_TOLERATED = 1.0  # pixels outside of the picture, for rounding
_SHORTEST_SIDE = 16  # pixels

BROKEN = Finding(
    "broken", "error", Text("core.datasets.broken", "Pictures that cannot be decoded: {n:,}. {reason}")
)
OTHER_SIZE = Finding(
    "size_differs",
    "error",
    Text("core.datasets.size_differs", "Pictures whose size is not the recorded one: {n:,}."),
)
GUESSED = Finding("guessed", "note", Text("core.datasets.guessed", "{note} Pictures: {n:,}."))
TINY = Finding(
    "tiny", "warning", Text("core.datasets.tiny", "Pictures with a side of less than 16 pixels: {n:,}.")
)
OUTSIDE = Finding(
    "box_outside",
    "error",
    Text("core.datasets.box_outside", "Objects whose box reaches outside of the picture: {n:,}."),
)
NO_EXTENT = Finding(
    "box_empty",
    "error",
    Text("core.datasets.box_empty", "Objects whose box has no width or no height: {n:,}."),
)
MASK_SIZE = Finding(
    "mask_size",
    "error",
    Text("core.datasets.mask_size", "Objects whose mask has another size than their picture: {n:,}."),
)
UNKNOWN_CLASS = Finding(
    "unknown_class",
    "error",
    Text(
        "core.datasets.class_not_listed",
        "Pictures labeled with a class that the dataset does not have: {n:,}.",
    ),
)
UNLABELED = Finding(
    "unlabeled",
    "note",
    Text(
        "core.datasets.unlabeled",
        "Pictures without labels: {n:,}. Trainings that need labels leave them out.",
    ),
)
SAME = Finding(
    "duplicate",
    "warning",
    Text("core.datasets.duplicate", "Exact copies of other pictures: {n:,}. They are kept in one split."),
)
ALIKE = Finding(
    "near_duplicate",
    "note",
    Text(
        "core.datasets.near_duplicate",
        "Near-duplicates of other pictures: {n:,}. They are kept in the same split as their originals.",
    ),
)
CONTRADICTION = Finding(
    "contradiction",
    "warning",
    Text("core.datasets.contradiction", "Exact copies with different labels: {n:,}."),
)


def check(manifest: Manifest, read: Callable[[Picture], bytes], progress: Progress = silent) -> Report:
    """Decodes every picture once.

    `progress` gets the pictures done and their number, and may raise. The report's `groups` are what
    `splits.split` needs; after a split, `with_splits` brings the report up to date.
    """
    problems = Problems()
    hashes: dict[str, int] = {}
    for done, picture in enumerate(manifest.pictures):
        progress(done, len(manifest.pictures))
        _check_annotation(manifest, picture, problems)
        found = _fingerprint(picture, read, problems)
        if found is not None:
            hashes[picture.file] = found
    groups = grouped(list(hashes), list(hashes.values()))
    _check_copies(manifest, groups, problems)
    progress(len(manifest.pictures), len(manifest.pictures))
    report = Report(
        counts=_counts(manifest),
        classes=[],
        sizes=_sizes(manifest.pictures),
        splits=SplitCounts(),
        problems=problems.listed(),
        groups=groups,
    )
    return with_splits(report, manifest)


def _check_annotation(manifest: Manifest, picture: Picture, problems: Problems) -> None:
    if picture.annotation is None:
        if manifest.kind != DatasetKind.PICTURES:
            problems.add(UNLABELED, picture.file)
        return
    if not classes_of(picture.annotation) <= set(manifest.classes):
        problems.add(UNKNOWN_CLASS, picture.file)
    for found in picture.annotation.objects:
        for finding in _faults(found, picture):
            problems.add(finding, picture.file)


def _faults(found: LabeledObject, picture: Picture) -> Iterator[Finding]:
    xmin, ymin, xmax, ymax = found.box
    right, bottom = picture.width + _TOLERATED, picture.height + _TOLERATED
    if min(xmin, ymin) < -_TOLERATED or xmax > right or ymax > bottom:
        yield OUTSIDE
    if xmin >= xmax or ymin >= ymax:
        yield NO_EXTENT
    if found.mask is not None and tuple(found.mask.size) != (picture.height, picture.width):
        yield MASK_SIZE


def _fingerprint(picture: Picture, read: Callable[[Picture], bytes], problems: Problems) -> int | None:
    try:
        decoded = decode(read(picture))
    except InputError as error:
        problems.add(BROKEN, picture.file, reason=message_of(error))
        return None
    for note in decoded.notes:
        problems.add(GUESSED, picture.file, note=note)
    if decoded.color.size != (picture.width, picture.height):
        problems.add(OTHER_SIZE, picture.file)
    if min(decoded.color.size) < _SHORTEST_SIDE:
        problems.add(TINY, picture.file)
    return fingerprint(decoded.on_white)


def _check_copies(manifest: Manifest, groups: dict[str, str], problems: Problems) -> None:
    first: dict[str, Picture] = {}
    for picture in manifest.pictures:
        original = first.setdefault(picture.sha256, picture)
        if original is not picture:
            problems.add(SAME, f"{picture.file} = {original.file}")
            if picture.annotation != original.annotation and picture.annotation and original.annotation:
                problems.add(CONTRADICTION, f"{picture.file} = {original.file}")
        elif groups.get(picture.file, picture.file) != picture.file:
            problems.add(ALIKE, f"{picture.file} ≈ {groups[picture.file]}")


def _counts(manifest: Manifest) -> Counts:
    annotations = [picture.annotation for picture in manifest.pictures if picture.annotation is not None]
    return Counts(
        pictures=len(manifest.pictures),
        labeled=len(annotations),
        objects=sum(len(annotation.objects) for annotation in annotations),
    )


def _sizes(pictures: list[Picture]) -> Sizes | None:
    if not pictures:
        return None
    widths, heights = [each.width for each in pictures], [each.height for each in pictures]
    return Sizes(
        min=(min(widths), min(heights)),
        median=(int(statistics.median(widths)), int(statistics.median(heights))),
        max=(max(widths), max(heights)),
    )
