"""Divisions of examples by one of their attributes."""

import numpy as np

from models.audit.card import MAX_GROUPS
from models.audit.data import QUARTERS_FROM, TOO_MANY_GROUPS, Groups, quarters, with_missing
from models.core.auditing.outcomes import Attribute
from models.core.contract.errors import InputError


def division(attribute: Attribute) -> Groups:
    """The groups of an attribute: its values, or quarters of many numbers; missing values are a group.

    Raises InputError: more groups than an audit compares.
    """
    names, of = _named(attribute)
    if len(names) > MAX_GROUPS:
        raise InputError(TOO_MANY_GROUPS(name=attribute.title, n=len(names), most=MAX_GROUPS))
    return with_missing(attribute.title, names, of)


def group_count(attribute: Attribute) -> int:
    """How many groups the values make, missing ones aside."""
    return len(_named(attribute)[0])


def _named(attribute: Attribute) -> tuple[tuple[str, ...], np.ndarray]:
    """The names that occur, and (N,) the index of each example's; -1 where missing."""
    values = attribute.values
    if attribute.names:
        present = np.unique(values[values >= 0])
        of = np.where(values < 0, -1, np.searchsorted(present, values))
        return tuple(attribute.names[index] for index in present), of
    is_known = ~np.isnan(values)
    present = np.unique(values[is_known])
    if len(present) > QUARTERS_FROM:
        return quarters(values, attribute.written)
    of = np.where(is_known, np.searchsorted(present, np.where(is_known, values, 0)), -1)
    return tuple(attribute.written(value) for value in present), of
