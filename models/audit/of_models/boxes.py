"""What is measured of a detector: recall and precision of boxes, which come in clusters, the pictures.

Boxes of one picture are not independent: all are dark, or crowded. Resampling whole pictures gives the true
variance of a share, and its ratio to that of independent boxes is the design effect, by which the interval
is widened (Rao and Scott, A Simple Method for the Analysis of Clustered Binary Data, Biometrics 48, 1992).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.audit.groups_stage import DECISIONS, Described
from models.audit.measures import Measured, Share
from models.core.auditing.outcomes import NOTHING, Outcomes
from models.core.contract.messages import Message, Text

_DRAWN = 4_000_000  # weights of pictures in all resamples
_MOST, _FEWEST = 1_000, 200  # resamples

RECALL_ABOUT = Text(
    "audit.boxes.recall", "Of the group's objects, the share that is found: a box of their class, IoU 0.5."
)
PRECISION_ABOUT = Text("audit.boxes.precision", "Of the group's boxes, the share that shows an object.")
FOUND = Text("audit.outcomes.found", "found")
MISSED = Text("audit.outcomes.missed", "missed")
FALSE_BOX = Text("audit.outcomes.false_box", "boxes without an object")


@dataclass(frozen=True)
class OfBoxes:
    """True boxes, found or missed, and boxes that show no object."""

    found: Outcomes
    seed: int
    errors = ("recall", "precision")

    @property
    def described(self) -> Mapping[str, Described]:
        return {
            "recall": Described(DECISIONS["recall"].name, RECALL_ABOUT()),
            "precision": Described(DECISIONS["precision"].name, PRECISION_ABOUT()),
        }

    @property
    def outcomes(self) -> Mapping[str, np.ndarray]:
        is_true, is_box = self.found.actual != NOTHING, self.found.predicted != NOTHING
        return {"found": is_true & is_box, "missed": is_true & ~is_box, "false_box": ~is_true & is_box}

    @property
    def outcome_names(self) -> Mapping[str, Message]:
        return {"found": FOUND(), "missed": MISSED(), "false_box": FALSE_BOX()}

    @property
    def severity(self) -> np.ndarray:
        scores = self.found.scores
        return np.zeros(len(self.found)) if scores is None else np.nan_to_num(scores)

    def measured(self, own: np.ndarray) -> dict[str, Measured]:
        found, missed, false = (each & own for each in self.outcomes.values())
        return {"recall": self._share(found, found | missed), "precision": self._share(found, found | false)}

    def _share(self, hits: np.ndarray, rows: np.ndarray) -> Share:
        count, total = int(hits.sum()), int(rows.sum())
        return Share(count, total, self._effect(hits, rows)) if total else Share(0, 0)

    def _effect(self, hits: np.ndarray, rows: np.ndarray) -> float:
        pictures = self.found.picture_of
        assert pictures is not None  # noqa: S101  boxes are in pictures
        of_picture = [
            np.bincount(pictures[each], minlength=len(self.found.pictures)) for each in (hits, rows)
        ]
        total, present = of_picture[1].sum(), int((of_picture[1] > 0).sum())
        share = of_picture[0].sum() / total
        if share in (0.0, 1.0):  # no variance to measure: as many independent boxes as there are pictures
            return float(total / present)
        drawn = [self._weights @ each for each in of_picture]
        is_drawn = drawn[1] > 0
        variance = float((drawn[0][is_drawn] / drawn[1][is_drawn]).var())
        return max(1.0, variance / float(share * (1 - share) / total))

    @cached_property
    def _weights(self) -> np.ndarray:
        """(R, P): how often each resample has each picture."""
        pictures = len(self.found.pictures)
        resamples = int(np.clip(_DRAWN // pictures, _FEWEST, _MOST))
        random = np.random.default_rng(self.seed)
        drawn = random.multinomial(pictures, np.full(pictures, 1 / pictures), resamples)
        return drawn.astype(np.float32)
