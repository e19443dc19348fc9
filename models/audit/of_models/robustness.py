"""The same model under changes of growing strength: a figure along the strength, with the changed pictures.

Hendrycks and Dietterich 2019, arXiv:1903.12261: a model that is right on clean pictures can fail on those
with some noise or blur, which people hardly notice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.audit.inspection import HIGH, LOW, rounded, table
from models.audit.of_models.figures import Figure, figure_of, name_of
from models.audit.of_models.neighbors import Features, neighbor_stages
from models.audit.sheets import Tile, sheet_stage
from models.core.auditing.changes import (
    SHIFT,
    UNITS,
    Change,
    changes_of_pictures,
    changes_of_tables,
)
from models.core.auditing.outcomes import NOTHING, Outcomes
from models.core.contract.audit import ModelAuditParams
from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text, join
from models.core.contract.prediction import Stage
from models.core.contract.progress import Progress
from models.core.datasets.archive import Dataset

MOST_PICTURES = 60  # each is answered thirty times
MOST_SHIFTED = 6  # columns
TRIED = 30  # columns among which those are found
TRIAL = 1.0  # standard deviations
SHOWN_PICTURES = 2

CHANGING = Text("audit.robustness.changing", "Answering changed examples")
UNCHANGED = Text("audit.robustness.unchanged", "unchanged")
OVERVIEW = Text("audit.robustness.overview", "{figure} under changes")
OVERVIEW_ABOUT = Text(
    "audit.robustness.overview.about",
    "Each line is one change of the inputs, in five steps from slight to strong; step 0 is unchanged. {n:,} "
    "{unit} are answered again at every step.",
)
WORST = Text(
    "audit.robustness.worst",
    "Hardest to bear: {change}. {figure} falls from {before:.3g} to {after:.3g} at the strongest step.",
)
BEARS = Text(
    "audit.robustness.bears", "No change lowers {figure} by more than its interval, not even the strongest."
)
STEP = Text("audit.robustness.step", "step")
CURVE = Text("audit.robustness.curve", "{figure}: {change}")
CURVE_ABOUT = Text(
    "audit.robustness.curve.about",
    "The figure along the strength of this change, with both ends of its 95% interval.",
)
AS_TABLE = Text("audit.robustness.table", "Every change and strength")
AS_TABLE_ABOUT = Text(
    "audit.robustness.table.about",
    "A detector can lose objects, which lowers recall, or find what is not there, which lowers precision. "
    "Objects that a rotation takes out of the picture count as missed.",
)
CHANGE = Text("audit.robustness.headings.change", "change")
STRENGTH = Text("audit.robustness.headings.strength", "strength")
PRECISION = Text("audit.robustness.headings.precision", "precision")
PICTURE = Text("audit.robustness.picture", "Changed pictures: {name}")
PICTURE_ABOUT = Text(
    "audit.robustness.picture.about",
    "One picture under every change, the strongest on the right, and the model's answer below it.",
)
ANSWER = Text("audit.robustness.answer", "answer")
FOUND = Text("audit.robustness.found", "{found} of {objects} found")
ROWS, PICTURES = Text("audit.robustness.rows", "rows"), Text("audit.robustness.pictures", "pictures")

OutcomesOf = Callable[[Any, Change | None], Outcomes]  # of a source, under a change


@dataclass(frozen=True)
class Level:
    """The model's answers at one strength of a change; None: unchanged."""

    change: Change | None
    figure: Figure
    found: Outcomes


def robustness(
    outcomes_of: OutcomesOf,
    found: Outcomes,
    source: Any,
    params: ModelAuditParams,
    progress: Progress,
    *,
    features: Features | None = None,
) -> tuple[dict[str, Any], tuple[Stage, ...]]:
    """The result for programs, and the stages.

    Args:
        found: the answers without a change.
        source: a `Dataset`, of which at most 60 of the pictures that were answered are used, or the
            bytes of a table.
        features: of pictures, as the model sees them, for the nearest wrong neighbors.

    Raises:
        Canceled.
    """
    neighbors = neighbor_stages(found, source, features)
    source = _fewer(source, found, params.seed)
    levels = _levels(outcomes_of, found, source, params.seed, progress)
    base = next(levels)
    by_change: dict[str, list[Level]] = {}
    for level in levels:
        assert level.change is not None  # noqa: S101  only the first is unchanged
        by_change.setdefault(level.change.name, [base]).append(level)
    listed = list(by_change.values())
    stages = (
        _overview(listed, source),
        *(_curve(f"robustness-{number}", each) for number, each in enumerate(listed)),
        *(_pictures(listed, source) if isinstance(source, Dataset) else ()),
        _as_table(listed),
        *neighbors,
    )
    result = {
        "figure": name_of(found),
        "examples": len(base.found),
        "unchanged": _as_json(base.figure),
        "changes": [
            {"change": each[1].change.kind, "column": each[1].change.column or None, "levels": _points(each)}
            for each in listed
            if each[1].change is not None
        ],
    }
    return result, stages


def _fewer(source: Any, found: Outcomes, seed: int) -> Any:
    """A dataset with at most `MOST_PICTURES` of the pictures that were answered."""
    if not isinstance(source, Dataset):
        return source
    names = [each["picture"] for each in found.pictures]
    chosen = {names[index] for index in np.random.default_rng(seed).permutation(len(names))[:MOST_PICTURES]}
    pictures = [picture for picture in source.manifest.pictures if picture.file in chosen]
    manifest = source.manifest.model_copy(update={"pictures": pictures})
    return Dataset(source.files, manifest, upload_ids=source.upload_ids)


def _levels(
    outcomes_of: OutcomesOf, found: Outcomes, source: Any, seed: int, progress: Progress
) -> Iterator[Level]:
    """Unchanged first, then every change from slight to strong."""
    yield _level(outcomes_of, source, None, seed)
    if isinstance(source, Dataset):
        changes = [change for strengths in changes_of_pictures(seed) for change in strengths]
    else:
        shifted = _most_needed(outcomes_of, found, source, seed)
        changes = [change for strengths in changes_of_tables(shifted, seed) for change in strengths]
    for done, change in enumerate(changes):
        progress(done, len(changes), message=CHANGING())
        yield _level(outcomes_of, source, change, seed)


def _level(outcomes_of: OutcomesOf, source: Any, change: Change | None, seed: int) -> Level:
    found = outcomes_of(source, change)
    return Level(change, figure_of(found, seed), found)


def _most_needed(outcomes_of: OutcomesOf, found: Outcomes, source: Any, seed: int) -> list[str]:
    """The columns of numbers whose shift by a standard deviation costs most, the dearest first."""
    values = found.details[0]["values"] if len(found) else {}
    numbers = [name for name, value in values.items() if isinstance(value, float)][:TRIED]
    if len(numbers) <= MOST_SHIFTED:
        return numbers
    costs = {
        name: _level(outcomes_of, source, Change(SHIFT, TRIAL, name, seed), seed).figure.value or 0.0
        for name in numbers
    }
    return sorted(numbers, key=costs.__getitem__)[:MOST_SHIFTED]


def _overview(listed: Sequence[Sequence[Level]], source: Any) -> Stage:
    base = listed[0][0]
    figure = name_of(base.found)
    series = [
        {
            "name": _name(each),
            "x": list(range(len(each))),
            "y": [_rounded(level.figure.value) for level in each],
        }
        for each in listed
    ]
    unit = PICTURES() if isinstance(source, Dataset) else ROWS()
    count = len(base.found.pictures) if isinstance(source, Dataset) else len(base.found)
    about = OVERVIEW_ABOUT(n=count, unit=unit)
    data = {"x_label": STEP(), "y_label": figure, "series": series}
    code = f"{__name__}.robustness"
    return Stage(
        "robustness",
        Kind.CURVE,
        OVERVIEW(figure=figure),
        join(_finding(listed), about),
        data,
        count=len(series),
        code=code,
    )


def _finding(listed: Sequence[Sequence[Level]]) -> Message:
    """Which change costs most, if it is more than the interval of the figure without one."""
    base = listed[0][0]
    figure = name_of(base.found)
    worst = min(listed, key=lambda each: -1.0 if each[-1].figure.value is None else each[-1].figure.value)
    before, after = base.figure.value, worst[-1].figure.value
    if before is None or after is None or (base.figure.interval and after >= base.figure.interval.low):
        return BEARS(figure=figure)
    return WORST(change=_name(worst), figure=figure, before=before, after=after)


def _curve(name: str, levels: Sequence[Level]) -> Stage:
    figure, change = name_of(levels[0].found), levels[1].change
    assert change is not None  # noqa: S101  only the first is unchanged
    x = [0.0 if level.change is None else level.change.amount for level in levels]
    intervals = [level.figure.interval for level in levels]
    series = [
        {"name": figure, "x": x, "y": [_rounded(level.figure.value) for level in levels]},
        {"name": LOW(), "x": x, "y": [_rounded(each and each.low) for each in intervals]},
        {"name": HIGH(), "x": x, "y": [_rounded(each and each.high) for each in intervals]},
    ]
    data = {"x_label": UNITS[change.kind](), "y_label": figure, "series": series}
    title = CURVE(figure=figure, change=change.name)
    return Stage(
        name, Kind.CURVE, title, CURVE_ABOUT(), data, code="models.core.auditing.changes.Change", count=len(x)
    )


def _as_table(listed: Sequence[Sequence[Level]]) -> Stage:
    base = listed[0][0]
    rows = [_row(UNCHANGED(), base)]
    rows += [_row(_name(each), level) for each in listed for level in each[1:]]
    columns = [CHANGE(), STRENGTH(), name_of(base.found), LOW(), HIGH()]
    columns += [PRECISION()] if base.found.task == "detection" else []
    rows = [row[: len(columns)] for row in rows]
    code = "of_models.figures.figure_of"
    return table("robustness-table", AS_TABLE(), AS_TABLE_ABOUT(), columns, rounded(rows), code)


def _row(name: str, level: Level) -> list[Any]:
    low, high = level.figure.interval or (None, None)
    strength = None if level.change is None else level.change.strength
    return [name, strength, level.figure.value, low, high, level.figure.precision]


def _pictures(listed: Sequence[Sequence[Level]], source: Dataset) -> Iterator[Stage]:
    """The first pictures that are answered rightly, one of each class, under every change."""
    base = listed[0][0].found
    for number, picture in enumerate(_shown(base)):
        name = base.pictures[picture]["picture"]
        entry = next(each for each in source.manifest.pictures if each.file == name)
        image = source.decode(entry)
        rows = [
            [
                Tile(
                    image if level.change is None else level.change.picture(image, name),
                    _answer(level, picture),
                )
                for level in each
            ]
            for each in listed
        ]
        steps = [UNCHANGED(), *(f"{STEP()} {index}" for index in range(1, len(listed[0])))]
        yield sheet_stage(
            f"robustness-pictures-{number}",
            PICTURE(name=name.rpartition("/")[2]),
            PICTURE_ABOUT(),
            rows,
            row_names=[_name(each) for each in listed],
            column_names=steps,
            captions_name=ANSWER(),
            code="models.core.auditing.changes.Change.picture",
        )


def _shown(base: Outcomes) -> list[int]:
    """Indices of pictures with right answers, of different classes where there are several."""
    assert base.picture_of is not None  # noqa: S101  the examples are in pictures
    right = np.flatnonzero(base.is_right)
    _, first = np.unique(base.actual[right], return_index=True)
    ordered = [*right[np.sort(first)], *right]
    pictures = list(dict.fromkeys(base.picture_of[ordered].tolist()))
    return pictures[:SHOWN_PICTURES] or [0][: len(base.pictures)]


def _answer(level: Level, picture: int) -> str:
    """The predicted class, or how many objects were found."""
    found = level.found
    assert found.picture_of is not None  # noqa: S101  the examples are in pictures
    own = np.flatnonzero(found.picture_of == picture)
    if found.task == "detection":
        objects = own[found.actual[own] != NOTHING]
        return FOUND(found=int(found.is_right[objects].sum()), objects=len(objects))
    return found.classes[int(found.predicted[own[0]])]


def _name(levels: Sequence[Level]) -> Message:
    change = levels[1].change
    assert change is not None  # noqa: S101  only the first is unchanged
    return change.name


def _points(levels: Sequence[Level]) -> list[dict[str, Any]]:
    return [
        {"strength": level.change.strength, **_as_json(level.figure)}
        for level in levels
        if level.change is not None
    ]


def _as_json(figure: Figure) -> dict[str, Any]:
    return {
        "value": figure.value,
        "interval": figure.interval and list(figure.interval),
        **({} if figure.precision is None else {"precision": figure.precision}),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
