"""The groups of a dataset side by side: how large each is, and what it is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.audit.by_group import Division
from models.audit.datasets.facts import Facts
from models.audit.datasets.inspection import is_missing
from models.audit.groups import Groups
from models.audit.groups_stage import Described, gap_of, groups_data, values_of
from models.audit.inspection import GROUPS_TITLE, SHOWN_ROWS
from models.audit.measures import Share, gaps
from models.core.auditing.outcomes import Attribute
from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Role, Stage

MAX_CLASSES = 6  # that are compared, the most frequent ones
LOW = 0.25  # of the examples: the darkest, the least sharp, the smallest quarter

ABOUT = Text(
    "audit.datasets.groups.about",
    "Each bar is a share of the group's examples with its 95% interval. The gap is the difference between "
    "the highest and the lowest group with enough examples; its interval allows for all pairs. If it "
    "includes 0, chance alone may have made the gap.",
)
SIZE = Text("audit.datasets.measures.size", "Share of all")
SIZE_ABOUT = Text("audit.datasets.measures.size.about", "The share of the examples that is in this group.")
CLASS = Text("audit.datasets.measures.class", "{target}: {name}")
CLASS_ABOUT = Text(
    "audit.datasets.measures.class.about",
    "The share of the group with this class. A model learns that groups differ, even without their column.",
)
ABOVE = Text("audit.datasets.measures.above", "{target} above {median:.4g}")
AFTER = Text("audit.datasets.measures.after", "{target} after {date}")
ABOVE_ABOUT = Text(
    "audit.datasets.measures.above.about", "The share of the group above the median of all examples."
)
MISSING = Text("audit.datasets.measures.missing", "Missing values")
MISSING_ABOUT = Text(
    "audit.datasets.measures.missing.about", "The share of the group in which at least one value is missing."
)
COPIED = Text("audit.datasets.measures.copied", "Near-duplicates")
COPIED_ABOUT = Text(
    "audit.datasets.measures.copied.about", "The share of the group of which there is a near-duplicate."
)
HELD_OUT = Text("audit.datasets.measures.held_out", "In the test split")
HELD_OUT_ABOUT = Text(
    "audit.datasets.measures.held_out.about", "The share of the group with which a model is measured."
)
LOWEST = {
    "brightness": (
        Text("audit.datasets.measures.dark", "Dark"),
        Text("audit.datasets.measures.dark.about", "The share among the darkest quarter of all."),
    ),
    "sharpness": (
        Text("audit.datasets.measures.blurred", "Blurred"),
        Text("audit.datasets.measures.blurred.about", "The share among the least sharp quarter of all."),
    ),
    "box size": (
        Text("audit.datasets.measures.small", "Small"),
        Text("audit.datasets.measures.small.about", "The share among the smallest quarter of all boxes."),
    ),
}


@dataclass(frozen=True)
class Measure:
    """A property that an example has or has not."""

    id: str
    name: Message
    about: Message
    has: np.ndarray  # (N,) bool
    is_known: np.ndarray  # (N,) bool


@dataclass(frozen=True)
class Comparison:
    """Every measure of every group, and the gaps of all but the share of all, which is no treatment."""

    division: Division
    measures: Sequence[Measure]

    @property
    def json(self) -> dict[str, Any]:
        """For programs, as audits of decisions have it."""
        groups = self.division.groups
        return {
            "group": groups.column,
            "groups": [{"group": name, **values_of(self.division.measured[name])} for name in groups.names],
            "gaps": [gap_of(gap) for gap in self.division.gaps],
        }


def compared(facts: Facts, group: str, groups: Groups, least: int) -> Comparison:
    """The groups by all measures that the dataset has, but those that the group itself is made of."""
    measures = [each for each in _measures(facts, group) if each.has.any()]
    own = {name: groups.of == index for index, name in enumerate(groups.names)}
    shares = {name: {each.id: _share(each, rows) for each in measures} for name, rows in own.items()}
    sized = {name: {"size": Share(int(own[name].sum()), len(facts)), **shares[name]} for name in shares}
    return Comparison(Division(groups, sized, tuple(gaps(shares, least))), measures)


def _share(measure: Measure, own: np.ndarray) -> Share:
    return Share(int((measure.has & own).sum()), int((measure.is_known & own).sum()))


def _measures(facts: Facts, group: str) -> Iterator[Measure]:
    everyone = np.ones(len(facts), bool)
    if facts.target and facts.target != group:
        yield from _of_target(facts)
    missing = np.any([is_missing(each) for each in facts.attributes.values()], axis=0)
    yield Measure("missing", MISSING(), MISSING_ABOUT(), missing, everyone)
    yield Measure("copied", COPIED(), COPIED_ABOUT(), facts.is_copied, everyone)
    if facts.is_of_pictures and "split" in facts.attributes and group != "split":
        yield from _held_out(facts.attributes["split"])
    if facts.is_of_pictures:
        for name, (title, about) in LOWEST.items():
            if name in facts.attributes and name != group:
                values = facts.attributes[name].values
                yield Measure(name, title(), about(), values < np.quantile(values, LOW), everyone)


def _held_out(splits: Attribute) -> Iterator[Measure]:
    if "test" in splits.names:
        is_test = splits.values == splits.names.index("test")
        yield Measure("held_out", HELD_OUT(), HELD_OUT_ABOUT(), is_test, splits.values >= 0)


def _of_target(facts: Facts) -> Iterator[Measure]:
    """The most frequent classes; of two only the second one, as the shares add up to 1."""
    target = facts.attributes[facts.target]
    if facts.classes is not None:
        names, of = facts.classes
        frequent = np.argsort(-np.bincount(of[of >= 0], minlength=len(names)), kind="stable")
        chosen = [1] if len(names) == 2 else sorted(frequent[:MAX_CLASSES].tolist())
        for index in chosen:
            name = CLASS(target=target.title, name=names[index])
            yield Measure(f"class-{index}", name, CLASS_ABOUT(), of == index, of >= 0)
    elif not target.names:
        is_known = ~np.isnan(target.values)
        median = float(np.median(target.values[is_known]))
        name = (
            AFTER(target=target.title, date=target.written(median))
            if target.is_date
            else ABOVE(target=target.title, median=median)
        )
        yield Measure("above", name, ABOVE_ABOUT(), is_known & (target.values > median), is_known)


def groups_stage(facts: Facts, found: Comparison, least: int, notes: Sequence[Message]) -> Stage:
    """The answer: every group's bars, the gaps, and the examples behind each bar."""
    groups = found.division.groups
    described = {"size": Described(SIZE(), SIZE_ABOUT())}
    described |= {each.id: Described(each.name, each.about) for each in found.measures}
    behind = [
        {each.id: _examples(facts, each.has & (groups.of == index)) for each in found.measures}
        for index in range(len(groups.names))
    ]
    data = groups_data(found.division, described, behind, least)
    data["outcome_names"] = {each.id: each.name for each in found.measures}
    data["notes"] = list(notes)
    title, code = GROUPS_TITLE(column=groups.column), f"{__name__}.compared"
    count = len(groups.names)
    return Stage("groups", Kind.GROUPS, title, ABOUT(), data, count=count, code=code, role=Role.ANSWER)


def _examples(facts: Facts, chosen: np.ndarray) -> dict[str, Any]:
    references = [facts.references[index] for index in np.flatnonzero(chosen)[:SHOWN_ROWS]]
    return {
        "count": int(chosen.sum()),
        "rows": [each["row"] for each in references if "row" in each],
        "examples": [each for each in references if "row" not in each],
    }
