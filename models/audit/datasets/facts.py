"""What an audit of a dataset knows of its examples: attributes, copies, and where each is found.

An example is a row of a table, a picture, or an object in one. N examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.audit.card import MAX_GROUPS
from models.audit.datasets.copies import Copies
from models.audit.groups import Groups, division, group_count, is_divided
from models.core.auditing.outcomes import Attribute
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text

MAX_CLASSES = 100

ALL = Text("audit.datasets.all", "all")
NO_ATTRIBUTE = Text(
    "audit.datasets.errors.no_attribute", "There is no group {name!r} in this dataset. It has: {known}."
)
TARGET_IS_QUANTITY = Text(
    "audit.datasets.notes.quantity", "{name!r} has {n:,} values and is taken as a quantity, not as classes."
)


Classes = tuple[tuple[str, ...], np.ndarray]  # names, and (N,) indices among them


@dataclass(frozen=True)
class Facts:
    """The examples of a dataset.

    Attributes:
        unit: what an example is, in the plural.
        attributes: by name.
        target: the name of the attribute to be predicted; "": the examples have no labels.
        references: where each example is found, such as {"row": 17} or {"picture": "a.jpg"}.
        copies: of the examples themselves or, of objects, of the pictures.
        picture_of: (N,) of objects: the index of each one's picture among those of `copies`.
    """

    unit: Message
    attributes: Mapping[str, Attribute]
    target: str
    references: Sequence[Mapping[str, Any]]
    copies: Copies
    notes: tuple[Message, ...] = ()
    picture_of: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.references)

    def groups(self, chosen: str, preferred: Sequence[str] = ()) -> tuple[str, Groups]:
        """The division by the chosen attribute or, without one, by the first that makes two groups or more.

        Attributes whose values are groups themselves come before ranges of numbers, and the target comes last
        of either. Without any, all examples are one group. The name is that of the attribute.

        Raises:
            InputError: there is no such attribute, or it makes too many groups.
        """
        if chosen:
            if chosen not in self.attributes:
                known = ", ".join(repr(name) for name in list(self.attributes)[:MAX_GROUPS])
                raise InputError(NO_ATTRIBUTE(name=chosen, known=known))
            return chosen, division(self.attributes[chosen])
        others = [name for name in self.attributes if name not in preferred and name != self.target]
        known = [name for name in (*preferred, *others, self.target) if name in self.attributes]
        named = [name for name in known if name in preferred or not is_divided(self.attributes[name])]
        for name in (*named, *known):
            if 2 <= group_count(self.attributes[name]) <= MAX_GROUPS:
                return name, division(self.attributes[name])
        return "", Groups(ALL(), (ALL(),), np.zeros(len(self), np.int64))

    @property
    def is_of_pictures(self) -> bool:
        """Whether the examples are pictures or objects in them, and not rows."""
        return not self.references or "picture" in self.references[0]

    @cached_property
    def is_copied(self) -> np.ndarray:
        """(N,) bool: another example, or the object's picture, is nearly the same."""
        return self.copies.is_copied if self.picture_of is None else self.copies.is_copied[self.picture_of]

    @cached_property
    def classes(self) -> Classes | None:
        """The classes of the target; None: it has none."""
        return classes_of(self.attributes[self.target]) if self.target in self.attributes else None


def classes_of(attribute: Attribute) -> Classes | None:
    """The classes that occur and (N,) the index of each example's, -1 where unknown.

    None: numbers with more than two values are quantities, and more than 100 names are no classes.
    """
    values = attribute.values
    if attribute.names:
        present = np.unique(values[values >= 0])
        of = np.where(values < 0, -1, np.searchsorted(present, values))
        names = tuple(attribute.names[index] for index in present)
        return (names, of) if len(names) <= MAX_CLASSES else None
    is_known = ~np.isnan(values)
    present = np.unique(values[is_known])
    of = np.where(is_known, np.searchsorted(present, np.where(is_known, values, 0)), -1)
    return (tuple(attribute.written(value) for value in present), of) if len(present) <= 2 else None
