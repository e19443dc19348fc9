"""What a dataset holds, and what is wrong with it, before anything is trained on it."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator

from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Manifest, Picture, Split
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
from models.core.contract.messages import Text, message_of
from models.core.datasets.forms.contents import Progress, silent
from models.core.datasets.near_duplicates import fingerprint, grouped
from models.core.datasets.splits import classes_of
from models.core.images.codec import read as decode

_TOLERATED = 1.0  # pixels outside of the picture, for rounding
_IMBALANCE = 10  # times as many pictures as the rarest class has
_FEW = 4  # pictures: a class with fewer has none to spare for the validation
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
IN_TWO_SPLITS = Finding(
    "in_two_splits",
    "error",
    Text(
        "core.datasets.in_two_splits",
        "Pictures whose copy or near-duplicate is in another split: {n:,}. Figures measured there are "
        "too good. Make the splits anew.",
    ),
)
NO_EXAMPLES = Finding(
    "no_examples",
    "warning",
    Text("core.datasets.no_examples", "Classes that no picture shows: {n:,} ({names})."),
)
FEW_EXAMPLES = Finding(
    "few_examples",
    "warning",
    Text("core.datasets.few_examples", "Classes with fewer than 4 pictures: {n:,} ({names})."),
)
NOT_TRAINED = Finding(
    "not_trained",
    "error",
    Text("core.datasets.not_trained", "Classes without a picture in the training split: {n:,} ({names})."),
)
NOT_MEASURED = Finding(
    "not_measured",
    "warning",
    Text("core.datasets.not_measured", "Classes without a picture in the validation split: {n:,} ({names})."),
)
IMBALANCED = Finding(
    "imbalanced",
    "warning",
    Text(
        "core.datasets.imbalanced",
        "The classes are imbalanced: {largest!r} is in {most:,} pictures, {smallest!r} in {fewest:,}.",
    ),
)
ONE_CLASS = Finding(
    "one_class",
    "error",
    Text(
        "core.datasets.one_class", "All labeled pictures are of one class: there is nothing to distinguish."
    ),
)
NOTHING_HELD_OUT = Finding(
    "no_validation",
    "warning",
    Text(
        "core.datasets.no_validation",
        "No labeled picture is held out for validation, so nothing can be measured.",
    ),
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


def with_splits(report: Report, manifest: Manifest) -> Report:
    """The report, with what depends on the splits taken from the manifest."""
    classes = _classes(manifest)
    kept = [problem for problem in report.problems if problem.code not in _OF_SPLITS]
    problems = sorted([*kept, *_split_problems(report, manifest, classes)], key=_by_severity)
    splits = SplitCounts(**{split: len(manifest.of(split)) for split in ("train", "validation", "test")})
    return report.model_copy(
        update={"classes": classes, "splits": splits, "problems": problems, "groups": report.groups}
    )


def _by_severity(problem: Problem) -> int:
    return ("error", "warning", "note").index(problem.severity)


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


def _classes(manifest: Manifest) -> list[ClassCounts]:
    counts = {name: ClassCounts(name=name) for name in manifest.classes}
    for picture in manifest.pictures:
        for name in classes_of(picture.annotation):
            own = counts.setdefault(name, ClassCounts(name=name))
            own.pictures += 1
            if picture.split is not None:
                setattr(own, picture.split, getattr(own, picture.split) + 1)
        for found in (picture.annotation or Annotation()).objects:
            counts[found.label].objects += 1
    return list(counts.values())


def _split_problems(report: Report, manifest: Manifest, classes: list[ClassCounts]) -> Iterator[Problem]:
    yield from _leaks(manifest, report.groups)
    if manifest.kind == DatasetKind.PICTURES:
        return
    shown = [each for each in classes if each.pictures]
    yield from _named(NO_EXAMPLES, [each.name for each in classes if not each.pictures])
    yield from _named(FEW_EXAMPLES, [each.name for each in shown if each.pictures < _FEW])
    if shown and max(each.pictures for each in shown) >= _IMBALANCE * min(each.pictures for each in shown):
        largest = max(shown, key=lambda each: each.pictures)
        smallest = min(shown, key=lambda each: each.pictures)
        yield _problem(
            IMBALANCED,
            largest=largest.name,
            most=largest.pictures,
            smallest=smallest.name,
            fewest=smallest.pictures,
        )
    if manifest.kind == DatasetKind.CLASSES and len(shown) == 1:
        yield _problem(ONE_CLASS)
    if any(picture.split for picture in manifest.pictures):
        yield from _uneven(manifest, shown)


def _uneven(manifest: Manifest, shown: list[ClassCounts]) -> Iterator[Problem]:
    """Problems of splits that exist."""
    yield from _named(NOT_TRAINED, [each.name for each in shown if not each.train])
    if not any(picture.annotation for picture in manifest.of("validation")):
        yield _problem(NOTHING_HELD_OUT)
    else:
        yield from _named(NOT_MEASURED, [each.name for each in shown if not each.validation])


def _leaks(manifest: Manifest, groups: dict[str, str]) -> Iterator[Problem]:
    """Pictures that have a copy or a near-duplicate in another split."""
    splits: dict[str, set[Split]] = defaultdict(set)
    for picture in manifest.pictures:
        if picture.split is not None:
            for key in _keys(picture, groups):
                splits[key].add(picture.split)
    problems = Problems()
    for picture in manifest.pictures:
        if picture.split and any(len(splits[key]) > 1 for key in _keys(picture, groups)):
            problems.add(IN_TWO_SPLITS, picture.file)
    yield from problems.listed()


def _keys(picture: Picture, groups: dict[str, str]) -> tuple[str, str]:
    return f"sha256 {picture.sha256}", f"near {groups.get(picture.file, picture.file)}"


def _named(finding: Finding, names: list[str]) -> Iterator[Problem]:
    if names:
        listed = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        yield _problem(finding, n=len(names), names=listed)


def _problem(finding: Finding, n: int = 1, **values: object) -> Problem:
    return Problem.of(finding, [], n, **values)


_OF_SPLITS = {
    each.code
    for each in (
        IN_TWO_SPLITS,
        NO_EXAMPLES,
        FEW_EXAMPLES,
        NOT_TRAINED,
        NOT_MEASURED,
        IMBALANCED,
        ONE_CLASS,
        NOTHING_HELD_OUT,
    )
}
