"""What is wrong with the classes and the splits of a dataset."""

from collections import defaultdict
from collections.abc import Iterator

from models.core.contract.dataset import SPLITS, Annotation, DatasetKind, Manifest, Picture, Split
from models.core.contract.dataset_report import ClassCounts, Finding, Problem, Problems, Report, SplitCounts
from models.core.contract.messages import Text
from models.core.datasets.splits import classes_of

_IMBALANCE = 10  # times as many pictures as the rarest class has
_FEW = 4  # pictures: a class with fewer has none to spare for the validation

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


def with_splits(report: Report, manifest: Manifest) -> Report:
    """The report, with what depends on the splits taken from the manifest."""
    classes = _classes(manifest)
    kept = [problem for problem in report.problems if problem.code not in _OF_SPLITS]
    problems = sorted([*kept, *_split_problems(report, manifest, classes)], key=_by_severity)
    splits = SplitCounts(**{split: len(manifest.of(split)) for split in SPLITS})
    return report.model_copy(
        update={"classes": classes, "splits": splits, "problems": problems, "groups": report.groups}
    )


def _by_severity(problem: Problem) -> int:
    return ("error", "warning", "note").index(problem.severity)


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
