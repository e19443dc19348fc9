"""Pictures to train from, to choose the best weights by (validation), and to measure the result by (test).

Iterative stratification (Sechidis et al., On the Stratification of Multi-Label Data, ECML PKDD 2011): the
rarest class is dealt out first, each of its pictures to the split that lacks most of it. Near-duplicates and
pictures of one group are dealt as one: a network must not be measured on pictures that it has nearly seen.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from models.core.contract.dataset import SPLITS, Annotation, Picture, Split

_HELD_OUT_FROM = 4  # pictures: a class with as many has one in the validation split


@dataclass
class _Unit:
    """Pictures that stay together."""

    pictures: list[int]
    classes: Counter[str]  # class -> its pictures
    split: Split | None = None
    is_fixed: bool = False


@dataclass
class _Deal:
    """Units as they are dealt out."""

    units: list[_Unit]
    shares: Mapping[Split, float]
    by_class: dict[str, list[_Unit]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for unit in self.units:
            for label in unit.classes:
                self.by_class[label].append(unit)

    def in_split(self, label: str, split: Split) -> list[_Unit]:
        return [unit for unit in self.by_class[label] if unit.split == split]

    def lacking(self, label: str, split: Split) -> float:
        """How many more pictures of a class the split should have."""
        own = self.by_class[label]
        total = sum(unit.classes[label] for unit in own)
        return self.shares[split] * total - sum(unit.classes[label] for unit in own if unit.split == split)


def split(
    pictures: Sequence[Picture],
    groups: Mapping[str, str],
    *,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
    keep_chosen: bool = True,
) -> list[Picture]:
    """The pictures, each with a split; the same for the same content and seed, in whatever order they come.

    Args:
        groups: file -> group of near-duplicates; the groups of the pictures themselves count, too.
        validation: share of the pictures; a class with 4 pictures or more has at least one.
        test: share of the pictures. Every class is among those to train from, whatever the shares.
        keep_chosen: leave pictures in the splits that they have.
    """
    units = _units(pictures, groups, keep_chosen)
    random.Random(seed).shuffle(units)
    units.sort(key=lambda unit: -len(unit.pictures))  # the large ones first, while there is room
    deal = _Deal(units, {"train": 1 - validation - test, "validation": validation, "test": test})
    _deal_out(deal)
    if validation:
        _fill_validation(deal)
    _fill_training(deal)
    chosen: list[Picture] = list(pictures)
    for unit in units:
        for index in unit.pictures:
            kept = pictures[index].split if keep_chosen else None
            chosen[index] = pictures[index].model_copy(update={"split": kept or unit.split})
    return chosen


def classes_of(annotation: Annotation | None) -> set[str]:
    """The classes that a picture shows."""
    if annotation is None:
        return set()
    return {each.label for each in annotation.objects} | ({annotation.label} if annotation.label else set())


def _units(pictures: Sequence[Picture], groups: Mapping[str, str], keep_chosen: bool) -> list[_Unit]:
    parents = list(range(len(pictures)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    first: dict[tuple[str, str], int] = {}
    for index, picture in enumerate(pictures):
        for key in (("group", picture.group), ("near", groups.get(picture.file)), ("same", picture.sha256)):
            if key[1]:
                parents[root(index)] = root(first.setdefault((key[0], key[1]), index))
    members: dict[int, list[int]] = defaultdict(list)
    for index in range(len(pictures)):
        members[root(index)].append(index)
    units = [_unit(pictures, indices, keep_chosen) for indices in members.values()]
    return sorted(units, key=lambda unit: min(pictures[index].sha256 for index in unit.pictures))


def _unit(pictures: Sequence[Picture], indices: list[int], keep_chosen: bool) -> _Unit:
    # pictures without any class are dealt out evenly, too
    classes = Counter(
        label
        for index in indices
        for label in classes_of(pictures[index].annotation)
        or {"none" if pictures[index].annotation is None else "empty"}
    )
    given: Counter[Split] = Counter(own for index in indices if (own := pictures[index].split))
    chosen = given.most_common(1)[0][0] if keep_chosen and given else None
    return _Unit(indices, classes, chosen, chosen is not None)


def _deal_out(deal: _Deal) -> None:
    splits = sorted(SPLITS, key=lambda each: -deal.shares[each])
    sizes = {split: sum(len(unit.pictures) for unit in deal.units if unit.split == split) for split in SPLITS}
    total = sum(len(unit.pictures) for unit in deal.units)
    for label in sorted(deal.by_class, key=lambda label: (len(deal.by_class[label]), label)):
        lacking = {split: deal.lacking(label, split) for split in SPLITS}
        for unit in deal.by_class[label]:
            if unit.split is not None:
                continue
            unit.split = max(
                splits, key=lambda each: (lacking[each], deal.shares[each] * total - sizes[each])
            )
            lacking[unit.split] -= unit.classes[label]
            sizes[unit.split] += len(unit.pictures)


def _fill_validation(deal: _Deal) -> None:
    for label, units in sorted(deal.by_class.items()):
        enough = sum(unit.classes[label] for unit in units) >= _HELD_OUT_FROM
        if enough and not deal.in_split(label, "validation"):
            _move(deal, label, ("test", "train"), "validation")


def _fill_training(deal: _Deal) -> None:
    for label in sorted(deal.by_class):
        if not deal.in_split(label, "train"):
            _move(deal, label, ("test", "validation"), "train")


def _move(deal: _Deal, label: str, sources: Iterable[Split], target: Split) -> None:
    """Move the smallest unit with the class whose leaving takes no class from the training."""
    for source in sources:
        movable = [unit for unit in deal.in_split(label, source) if not unit.is_fixed]
        if source == "train":
            movable = [
                unit for unit in movable if all(len(deal.in_split(own, "train")) > 1 for own in unit.classes)
            ]
        if movable:
            min(movable, key=lambda unit: len(unit.pictures)).split = target
            return
