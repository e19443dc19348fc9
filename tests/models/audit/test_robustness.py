"""A model under changed inputs: what it bears, and what its wrong answers resemble."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.audit.of_models.figures import figure_of
from models.audit.of_models.neighbors import neighbor_stages
from models.audit.of_models.robustness import robustness
from models.core.auditing.changes import MISSING, SHIFT, Change
from models.core.auditing.outcomes import Outcomes
from models.core.contract.audit import ModelAuditParams
from models.core.contract.progress import Progress

RANDOM = np.random.default_rng(0)
ACTUAL = np.arange(120) % 2
CELLS = [
    {"needed": float(4 * own + each), "spare": float(other), "kind": "ab"[own]}
    for own, each, other in zip(ACTUAL, RANDOM.random(120), RANDOM.random(120), strict=True)
]


def outcomes(
    predicted: np.ndarray, task: Any = "classification", actual: np.ndarray = ACTUAL, **fields: Any
) -> Outcomes:
    classes = ("no", "yes") if task != "regression" else ()
    return Outcomes(
        task,
        classes,
        actual,
        predicted,
        rows=np.arange(len(actual)) + 2,
        details=[{"values": each} for each in CELLS],
        **fields,
    )


def by_threshold(_: bytes, change: Change | None) -> Outcomes:
    """A model that answers yes where `needed` is at least 3, and does not look at other columns."""
    values = np.array([each["needed"] for each in CELLS])
    if change is not None and change.kind == SHIFT and change.column == "needed":
        values = values + change.strength * values.std()
    if change is not None and change.kind == MISSING:
        values = np.where(np.random.default_rng(0).random(120) < change.strength, 0, values)
    return outcomes((values >= 3).astype(int))


def test_the_figure_falls_along_the_change_that_matters() -> None:
    found = by_threshold(b"", None)
    result, stages = robustness(by_threshold, found, b"", ModelAuditParams(robustness=True), Progress())

    levels = {
        (each["change"], each["column"]): [level["value"] for level in each["levels"]]
        for each in result["changes"]
    }
    assert result["unchanged"] == {"value": 1.0, "interval": pytest.approx([0.969, 1.0], abs=1e-3)}
    assert levels["shift", "spare"] == [1.0] * 5
    assert levels["shift", "needed"][-1] == 0.5  # all are taken for yes
    assert levels["missing", None] == sorted(levels["missing", None], reverse=True)
    overview = stages[0]
    assert [series["y"][0] for series in overview.data["series"]] == [1.0] * 4
    assert overview.explanation.startswith("Hardest to bear: Shift of needed. Accuracy falls from 1 to 0.5")
    curve = next(stage for stage in stages if stage.title == "Accuracy: Shift of needed")
    assert curve.data["series"][0]["x"] == [0, 0.25, 0.5, 1, 2, 3]
    low, value, high = (curve.data["series"][index]["y"][-1] for index in (1, 0, 2))
    assert low < value < high
    assert all(stage.json for stage in stages)


def test_recall_counts_objects_and_its_interval_resamples_pictures() -> None:
    actual = np.array([0, 0, 1, -1, 0, 0])
    predicted = np.array([0, -1, 1, 1, 0, 0])
    found = outcomes(
        predicted,
        "detection",
        actual,
        picture_of=np.array([0, 0, 0, 0, 1, 1]),
        pictures=[{"picture": "a"}, {"picture": "b"}],
    )
    figure = figure_of(found, seed=0)

    assert (figure.value, figure.precision) == (0.8, 0.8)
    assert figure.interval == pytest.approx((2 / 3, 1.0))
    missed = replace(found, predicted=np.full(6, -1))
    assert figure_of(missed, seed=0).interval == pytest.approx((0.0, 0.434), abs=1e-3)  # of 5 objects


def test_r_squared_has_an_interval_that_covers_it() -> None:
    actual = RANDOM.normal(size=400)
    found = outcomes(actual + RANDOM.normal(scale=0.5, size=400), "regression", actual)
    figure = figure_of(found, seed=0)

    assert figure.interval is not None
    assert figure.interval.low < 0.75 < figure.interval.high
    assert figure_of(outcomes(np.full(400, actual.mean()), "regression", actual), 0).value == pytest.approx(0)
    assert figure_of(outcomes(np.ones(3), "regression", np.ones(3)), 0).value is None


def test_a_wrong_row_stands_beside_the_nearest_one_of_the_predicted_class() -> None:
    predicted = ACTUAL.copy()
    predicted[7] = 0
    (stage,) = neighbor_stages(outcomes(predicted), b"", None)

    wrong, nearest = stage.data["rows"]
    no = [index for index in range(120) if ACTUAL[index] == 0]
    spread = {name: np.std([each[name] for each in CELLS]) for name in ("needed", "spare")}
    closest = min(
        no,
        key=lambda index: sum(((CELLS[index][name] - CELLS[7][name]) / spread[name]) ** 2 for name in spread),
    )
    assert wrong[:3] == [9, "yes", "no"]
    assert nearest[:3] == [closest + 2, "no", "no"]
    assert not list(neighbor_stages(outcomes(ACTUAL), b"", None))
