"""The measures of a model's answers by one group, by a second one, and by both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.audit.by_group import Division
from models.audit.data import (
    CHOSEN_POSITIVE,
    NO_POSITIVE,
    ONE_GROUP,
    Decided,
    usual_positive,
)
from models.audit.groups import Groups, division
from models.audit.measures import Gap, Measured, gaps
from models.audit.of_models.boxes import OfBoxes
from models.audit.of_models.views import OfClasses, OfNumbers, OfOneClass, OfPositive, View, confidence
from models.core.auditing.outcomes import Outcomes
from models.core.contract.audit import NONE, ModelAuditParams
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.tables.csv_reader import list_names

NO_ATTRIBUTE = Text("audit.of_models.no_attribute", "There is no group {name!r}; choose one of: {known}.")
SAME_GROUP = Text("audit.of_models.same_group", "Both groups are {name!r}; choose two different ones.")
NO_EXAMPLES = Text("audit.of_models.no_examples", "There are no examples to audit.")


@dataclass(frozen=True)
class Part:
    """One division of the examples, and what was measured of each group.

    Attributes:
        views: of each group.
        strict: the gaps of the error measures, whose intervals allow for all of them.
    """

    division: Division
    views: Sequence[View]
    strict: tuple[Gap, ...]


@dataclass(frozen=True)
class Audit:
    """Everything that was measured. `parts`: by the group; with a second one also by that, and by both."""

    found: Outcomes
    params: ModelAuditParams
    view: View
    positive: str  # "": no class is
    decided: Decided | None  # of the positive class
    parts: tuple[Part, ...]
    notes: tuple[Message, ...]


def audit_of(found: Outcomes, params: ModelAuditParams) -> Audit:
    """All measures.

    Raises:
        InputError: no examples, an unknown group, one group only, or too many.
    """
    if found.task == "detection" and params.positive:
        found = _of_class(found, params.positive)
    if len(found) == 0:
        raise InputError(NO_EXAMPLES())
    names = _chosen(found, params)
    divisions = [division(found.attributes[name]) for name in names]
    if len(divisions[0].names) < 2:
        raise InputError(ONE_GROUP(name=divisions[0].column))
    by_class = [name == found.target and found.task == "classification" for name in names]
    if len(divisions) == 2:
        divisions.append(divisions[0].combined_with(divisions[1]))
        by_class.append(False)
    positive, notes = _positive(found, params, is_usual=not any(by_class))
    decided = _decided(found, params, positive)
    view = _view(found, decided, params.seed)
    parts = [
        _by_class(found, groups, params) if is_class else _part(view, groups, params)
        for groups, is_class in zip(divisions, by_class, strict=True)
    ]
    return Audit(found, params, view, positive, decided, tuple(parts), (*found.notes, *notes))


def _chosen(found: Outcomes, params: ModelAuditParams) -> list[str]:
    """The names of one or two attributes."""
    if not found.attributes:
        raise InputError(NO_ATTRIBUTE(name=params.group, known="–"))
    names = [params.group or next(iter(found.attributes))]
    names += [params.second_group] if params.second_group not in ("", NONE) else []
    for name in names:
        if name not in found.attributes:
            raise InputError(NO_ATTRIBUTE(name=name, known=list_names(list(found.attributes))))
    if len(names) > len(set(names)):
        raise InputError(SAME_GROUP(name=names[0]))
    return names


def _of_class(found: Outcomes, name: str) -> Outcomes:
    """Only the boxes of one class. Raises InputError: the model has none of this name."""
    if name not in found.classes:
        raise InputError(NO_POSITIVE(name="class", value=name, known=list_names(found.classes)))
    index = found.classes.index(name)
    own = np.flatnonzero((found.actual == index) | (found.predicted == index))
    return replace(
        found,
        actual=found.actual[own],
        predicted=found.predicted[own],
        scores=None if found.scores is None else found.scores[own],
        picture_of=None if found.picture_of is None else found.picture_of[own],
        details=[found.details[int(each)] for each in own] if found.details else (),
        attributes={name: replace(each, values=each.values[own]) for name, each in found.attributes.items()},
    )


def _positive(found: Outcomes, params: ModelAuditParams, *, is_usual: bool) -> tuple[str, list[Message]]:
    """The positive class, "" for none. Of two classes one is chosen. Raises InputError: it is unknown."""
    if found.task != "classification":
        return "", []
    if params.positive:
        if params.positive not in found.classes:
            known = list_names(found.classes)
            raise InputError(NO_POSITIVE(name=found.target, value=params.positive, known=known))
        return params.positive, []
    if len(found.classes) != 2 or not is_usual:
        return "", []
    positive = usual_positive(found.classes)
    return positive, [CHOSEN_POSITIVE(value=positive)]


def _decided(found: Outcomes, params: ModelAuditParams, positive: str) -> Decided | None:
    """One class against the rest, by a threshold; of several classes, by the most probable one without."""
    if not positive:
        return None
    index = found.classes.index(positive)
    actual = found.actual == index
    if found.scores is None or (len(found.classes) > 2 and params.threshold is None):
        return Decided(found.predicted == index, actual, None)
    scores = found.scores[:, index]
    # of two equally probable classes the first one is predicted
    decided = found.predicted == index if params.threshold is None else scores >= params.threshold
    return Decided(decided, actual, scores)


def _view(found: Outcomes, decided: Decided | None, seed: int) -> View:
    if found.task == "detection":
        return OfBoxes(found, seed)
    if found.task == "regression":
        return OfNumbers(found, seed)
    if decided is not None:
        return OfPositive(decided, confidence(found))
    return OfClasses(found, seed)


def _part(view: View, groups: Groups, params: ModelAuditParams) -> Part:
    measured = {name: view.measured(groups.of == index) for index, name in enumerate(groups.names)}
    return _measured(groups, measured, [view] * len(groups.names), params)


def _by_class(found: Outcomes, groups: Groups, params: ModelAuditParams) -> Part:
    """By the actual class: what is taken for a class without being of it counts there as well."""
    everything = np.ones(len(found), bool)
    views = [OfOneClass(found, found.classes.index(name)) for name in groups.names]
    measured = {name: view.measured(everything) for name, view in zip(groups.names, views, strict=True)}
    return _measured(groups, measured, views, params)


def _measured(
    groups: Groups,
    measured: Mapping[str, Mapping[str, Measured]],
    views: Sequence[View],
    params: ModelAuditParams,
) -> Part:
    division = Division(groups, measured, tuple(gaps(measured, params.least)))
    errors = {
        name: {each: own[each] for each in views[0].errors if each in own} for name, own in measured.items()
    }
    strict = tuple(gaps(errors, params.least, tests=len(views[0].errors)))
    return Part(division, views, strict)
