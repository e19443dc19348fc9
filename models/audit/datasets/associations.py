"""How closely each attribute is tied to the groups, and how much of the target it reveals alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.audit.association import correlation_ratio, cramers_v
from models.audit.datasets.determination import SUSPICIOUS, binned, error_reduction, explained_variance
from models.audit.datasets.facts import Facts
from models.audit.groups import Groups
from models.audit.intervals import LEVEL
from models.audit.significance import p_of_categories, p_of_numbers
from models.core.auditing.outcomes import Attribute

MAX_CATEGORIES = 1_000  # of an attribute that is compared
WEAK = 0.1  # an association below it is too small to matter, however certain
_SAMPLED = 20_000  # examples, for the target
_FEWEST = 10  # examples
_LEAST = 5  # of a group, for the tests to hold


@dataclass(frozen=True)
class Association:
    """Of one attribute with the groups. `p` is the probability of one as large where there is none."""

    name: str
    attribute: Attribute
    value: float
    p: float
    level: float  # that p must stay below, for all attributes together

    @property
    def is_distinct(self) -> bool:
        return self.p < self.level and self.value >= WEAK


@dataclass(frozen=True)
class Determination:
    """Which share of the errors of guessing the target is avoided by one attribute alone."""

    name: str
    attribute: Attribute
    value: float

    @property
    def is_suspicious(self) -> bool:
        return self.value >= SUSPICIOUS


def associations(facts: Facts, group: str, groups: Groups, seed: int) -> list[Association]:
    """Of every other attribute, the closest first. Groups with fewer than five examples are left out.

    The level is divided by the number of attributes (Bonferroni): where none is tied to the groups, at most
    one audit in twenty finds one.
    """
    sizes = np.bincount(groups.of, minlength=len(groups.names))
    is_used = (sizes >= _LEAST)[groups.of]
    if len(np.unique(groups.of[is_used])) < 2:
        return []
    single = is_used & _one_of_each_picture(facts, seed)
    found = []
    for name, attribute in facts.attributes.items():
        is_known = _is_known(attribute)
        if name == group or _is_unusable(attribute, is_known & is_used):
            continue
        measured, tested = is_known & is_used, is_known & single
        value = _association(attribute, measured, groups.of)
        found.append((name, attribute, value, _p(attribute, tested, groups.of)))
    level = (1 - LEVEL) / max(1, len(found))
    tied = [Association(name, attribute, value, p, level) for name, attribute, value, p in found]
    return sorted(tied, key=lambda each: -each.value)


def determinations(facts: Facts, seed: int) -> Iterator[Determination]:
    """Of every attribute but the target, the most revealing first; none without a target."""
    if facts.target not in facts.attributes:
        return
    numbers = facts.attributes[facts.target].values
    classes = facts.classes
    if classes is None and facts.attributes[facts.target].names:
        return
    is_labeled = classes[1] >= 0 if classes else ~np.isnan(numbers)
    found = []
    for name, attribute in facts.attributes.items():
        rows = np.flatnonzero(is_labeled & _is_known(attribute))
        if name == facts.target or len(rows) < _FEWEST:
            continue
        if len(rows) > _SAMPLED:
            rows = np.random.default_rng(seed).permutation(rows)[:_SAMPLED]
        values = attribute.values[rows] if attribute.names else binned(attribute.values[rows])
        value = (
            error_reduction(values, classes[1][rows])
            if classes
            else explained_variance(values, numbers[rows])
        )
        found.append(Determination(name, attribute, value))
    yield from sorted(found, key=lambda each: -each.value)


def _is_known(attribute: Attribute) -> np.ndarray:
    return attribute.values >= 0 if attribute.names else np.isfinite(attribute.values)


def _is_unusable(attribute: Attribute, is_used: np.ndarray) -> bool:
    present = np.unique(attribute.values[is_used])
    return len(present) < 2 or (bool(attribute.names) and len(present) > MAX_CATEGORIES)


def _association(attribute: Attribute, is_used: np.ndarray, of: np.ndarray) -> float:
    values = attribute.values[is_used]
    measure = cramers_v if attribute.names else correlation_ratio
    return measure(values, of[is_used])


def _p(attribute: Attribute, is_used: np.ndarray, of: np.ndarray) -> float:
    if is_used.sum() < _FEWEST:
        return 1.0
    test = p_of_categories if attribute.names else p_of_numbers
    return test(attribute.values[is_used], of[is_used])


def _one_of_each_picture(facts: Facts, seed: int) -> np.ndarray:
    """(N,) bool: objects of one picture are not independent, so the tests take one of each."""
    if facts.picture_of is None:
        return np.ones(len(facts), bool)
    order = np.random.default_rng(seed).permutation(len(facts))
    _, first = np.unique(facts.picture_of[order], return_index=True)
    chosen = np.zeros(len(facts), bool)
    chosen[order[first]] = True
    return chosen
