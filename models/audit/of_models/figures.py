"""One figure for all answers of a model: what it loses when its inputs are changed."""

from dataclasses import dataclass

import numpy as np

from models.audit.groups_stage import NAMES
from models.audit.intervals import LEVEL, RESAMPLES, Interval, wilson
from models.core.auditing.outcomes import NOTHING, Outcomes
from models.core.contract.messages import Message, Text
from models.core.training.bootstrap import expanded

R_SQUARED = Text("audit.measures.r_squared", "R²")
_MAX_DRAWN = 20_000_000  # units in all resamples


@dataclass(frozen=True)
class Figure:
    """Accuracy, recall of objects or R², with its 95 % interval; None: it cannot be computed."""

    value: float | None
    interval: Interval | None
    precision: float | None = None  # of a detector's boxes


def name_of(found: Outcomes) -> Message:
    """What the figure is called."""
    names = {
        "classification": NAMES["accuracy"],
        "detection": NAMES["recall"],
        "regression": R_SQUARED,
    }
    return names[found.task]()


def figure_of(found: Outcomes, seed: int) -> Figure:
    """Accuracy has Wilson's interval; recall and R² a bootstrap interval over pictures or rows."""
    if found.task == "classification":
        hits = int(found.is_right.sum())
        return Figure(hits / len(found) if len(found) else None, wilson(hits, len(found)))
    if found.task == "regression":
        errors = np.square(found.predicted - found.actual)
        return _ratio(errors, np.square(found.actual - found.actual.mean()), seed, one_less=True)
    is_object, is_found = found.actual != NOTHING, found.is_right
    assert found.picture_of is not None  # noqa: S101  boxes lie in pictures
    hits, objects = (
        np.bincount(found.picture_of[each], minlength=len(found.pictures)) for each in (is_found, is_object)
    )
    boxes = int((found.predicted != NOTHING).sum())
    figure, found_all = _ratio(hits, objects, seed), int(is_found.sum())
    interval = figure.interval
    if found_all in (0, int(is_object.sum())):  # every resample is the same
        interval = wilson(found_all, int(is_object.sum()))
    return Figure(figure.value, interval, found_all / boxes if boxes else None)


def _ratio(hits: np.ndarray, of: np.ndarray, seed: int, *, one_less: bool = False) -> Figure:
    """The ratio of the sums of (N,) values, or 1 less it."""
    if not of.sum() > 0:
        return Figure(None, None)
    units = len(of)
    resamples = int(np.clip(_MAX_DRAWN // units, 100, RESAMPLES))
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        chosen = random.integers(0, units, units)
        total = of[chosen].sum()
        drawn.append(hits[chosen].sum() / total if total > 0 else np.nan)
    level = expanded(LEVEL, units) if units > 1 else LEVEL
    ends = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    value = float(hits.sum() / of.sum())
    if one_less:
        return Figure(1 - value, Interval(1 - ends[1], 1 - ends[0]))
    return Figure(value, Interval(*ends))
