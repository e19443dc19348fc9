"""The measures of every group of a division, and what separates the groups."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.audit.data import Decisions
from models.audit.groups import Groups
from models.audit.measures import Gap, Measured, gaps, shares


@dataclass(frozen=True)
class Division:
    """The measures of the groups of one division, in the order of their names, and their gaps."""

    groups: Groups
    measured: Mapping[str, Mapping[str, Measured]]
    gaps: tuple[Gap, ...]

    @property
    def sizes(self) -> list[int]:
        """The number of rows of each group."""
        own = self.groups.of[self.groups.of >= 0]
        return np.bincount(own, minlength=len(self.groups.names)).tolist()


def divided(decisions: Decisions, groups: Groups, least: int) -> Division:
    """The decisions by group. Groups with fewer than `least` rows for a measure have no part in its gap."""
    has_actual = decisions.actual is not None
    measured = {
        name: shares(decisions.counts(groups, index), has_actual=has_actual)
        for index, name in enumerate(groups.names)
    }
    return Division(groups, measured, tuple(gaps(measured, least)))
