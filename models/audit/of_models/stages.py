"""The stages of an audit of a model: calibration, further divisions, and the comparison of the groups."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from models.audit.data import Decided
from models.audit.groups import Groups
from models.audit.groups_stage import groups_data, values_of
from models.audit.inspection import (
    GROUP,
    GROUPS_ABOUT,
    GROUPS_TITLE,
    HIGH,
    IMPOSSIBLE,
    LOW,
    SHOWN_ROWS,
    calibration_stages,
    fairness_stage,
    rounded,
    table,
    thresholds,
)
from models.audit.intervals import bootstrap_mean
from models.audit.of_models.equal_recall import equal_recall
from models.audit.of_models.finding import finding_of
from models.audit.of_models.measured import Audit, Part
from models.audit.of_models.views import confidence
from models.core.auditing.outcomes import NOTHING, Outcomes
from models.core.contract.card import Kind
from models.core.contract.messages import Text, join
from models.core.contract.prediction import Role, Stage

FALSE_TITLE = Text("audit.stages.false_boxes", "Boxes without an object, per picture")
FALSE_ABOUT = Text(
    "audit.stages.false_boxes.about",
    "Precision hides how many they are: the mean number in a picture, with its bootstrap interval over "
    "pictures.",
)
PICTURES = Text("audit.headings.pictures", "pictures")
FALSE_BOXES = Text("audit.headings.false_boxes", "boxes without an object")
PER_PICTURE = Text("audit.headings.per_picture", "per picture")
CONFIDENCE_ABOUT = Text(
    "audit.stages.confidence.about",
    "Answers with about the same probability, and the share of them that is right. On the diagonal a "
    "probability means what it states; below it, the model is too sure of itself for that group.",
)


def stages_of(audit: Audit) -> tuple[Stage, ...]:
    """The comparison by the group is the answer, and last."""
    first = audit.parts[0]
    return (
        *_calibration(audit, first.division.groups),
        *_false_boxes(audit, first),
        *(_groups_stage(audit, part, f"groups-{index}") for index, part in enumerate(audit.parts) if index),
        *(fairness_stage(first.division) if audit.decided is not None else ()),
        *_equal_recall(audit, first.division.groups),
        _groups_stage(audit, first, "groups", role=Role.ANSWER),
    )


def _groups_stage(audit: Audit, part: Part, name: str, role: Role | None = None) -> Stage:
    groups = part.division.groups
    outcomes = [_outcomes(audit, part, index) for index in range(len(groups.names))]
    view = part.views[0]
    data = groups_data(part.division, view.described, outcomes, audit.params.least)
    data["outcome_names"] = view.outcome_names
    everything = np.ones(len(audit.found), bool)
    if part.views[0] is audit.view:
        data["overall"] = values_of(audit.view.measured(everything))
    decided = audit.decided
    if decided is not None and decided.scores is not None and part.views[0] is audit.view:
        data["thresholds"] = thresholds(decided, groups, _threshold(audit))
    if role:
        finding = finding_of(part.strict, view, audit.params.least)
        data["notes"] = [finding, *audit.notes]
    base = next((gap for gap in part.division.gaps if gap.measure == "base_rate" and gap.is_distinct), None)
    warns = base is not None and decided is not None and part.views[0] is audit.view
    about = join(GROUPS_ABOUT(), IMPOSSIBLE(gap=round(100 * base.difference, 1)) if warns and base else "")
    title, code = GROUPS_TITLE(column=groups.column), "models.audit.measures.gaps"
    return Stage(name, Kind.GROUPS, title, about, data, count=len(groups.names), code=code, role=role)


def _threshold(audit: Audit) -> float:
    return 0.5 if audit.params.threshold is None else audit.params.threshold


def _outcomes(audit: Audit, part: Part, index: int) -> dict[str, dict[str, Any]]:
    """Of one group by outcome: how many examples, and the most telling ones."""
    view, own = part.views[index], part.division.groups.of == index
    is_shared = view is audit.view  # else the view is of this class alone, with outcomes of all groups
    found = {}
    for name, part_of in view.outcomes.items():
        chosen = np.flatnonzero(part_of & own if is_shared else part_of)
        listed = chosen[np.argsort(-view.severity[chosen], kind="stable")][:SHOWN_ROWS]
        examples = [_example(audit.found, int(each)) for each in listed]
        rows = [each["row"] for each in examples if "row" in each]
        found[name] = {"count": len(chosen), "rows": rows, "examples": examples}
    return found


def _example(found: Outcomes, index: int) -> dict[str, Any]:
    """Where it is found, its actual and its predicted class or number, and the score of the latter."""
    example = found.reference(index)
    actual, predicted = found.actual[index], found.predicted[index]
    if not found.classes:
        return {**example, "actual": float(actual), "predicted": float(predicted)}
    names = {
        name: found.classes[int(each)]
        for name, each in (("actual", actual), ("predicted", predicted))
        if each != NOTHING
    }
    score = {} if found.scores is None or "predicted" not in names else {"score": _score(found, index)}
    return {**example, **names, **score}


def _score(found: Outcomes, index: int) -> float:
    assert found.scores is not None  # noqa: S101  checked by the caller
    own = found.scores[index]
    return round(float(own if found.scores.ndim == 1 else own[found.predicted[index]]), 4)


def _calibration(audit: Audit, groups: Groups) -> Iterator[Stage]:
    """Of the positive class; else of the answer itself: is it right as often as its probability states?"""
    found = audit.found
    if audit.decided is not None and audit.decided.scores is not None:
        yield from calibration_stages(audit.decided, groups, audit.params.seed)
    elif found.classes and found.scores is not None:
        is_answer = found.predicted != NOTHING
        decided = Decided(found.is_right[is_answer], found.is_right[is_answer], confidence(found)[is_answer])
        own = Groups(groups.column, groups.names, groups.of[is_answer])
        yield from calibration_stages(decided, own, audit.params.seed, about=CONFIDENCE_ABOUT())


def _false_boxes(audit: Audit, part: Part) -> Iterator[Stage]:
    found, groups = audit.found, part.division.groups
    if found.task != "detection" or found.picture_of is None:
        return
    rows = []
    for index, name in enumerate(groups.names):
        own = groups.of == index
        # a property of whole pictures divides them; others are looked for in all pictures
        pictures = np.unique(found.picture_of[own]) if _is_of_pictures(found, groups) else None
        false = found.picture_of[own & (found.actual == NOTHING)]
        counts = np.bincount(false, minlength=len(found.pictures)).astype(float)
        counts = counts if pictures is None else counts[pictures]
        low, high = bootstrap_mean(counts, seed=audit.params.seed) or (None, None)
        rows.append([name, len(counts), int(counts.sum()), float(counts.mean()), low, high])
    columns = [GROUP(), PICTURES(), FALSE_BOXES(), PER_PICTURE(), LOW(), HIGH()]
    yield table(
        "false-boxes", FALSE_TITLE(), FALSE_ABOUT(), columns, rounded(rows), "intervals.bootstrap_mean"
    )


def _is_of_pictures(found: Outcomes, groups: Groups) -> bool:
    return any(
        each.title == groups.column and each.of_pictures is not None for each in found.attributes.values()
    )


def _equal_recall(audit: Audit, groups: Groups) -> Iterator[Stage]:
    decided = audit.decided
    if decided is not None and decided.scores is not None and decided.actual is not None:
        yield from equal_recall(decided, groups, _threshold(audit), audit.params.least)
