"""A sweep's cells, the best of them, and how much of the difference is chance."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import Any
from uuid import UUID

from backend.schemas.sweeps import AxisRead, CellRead, SettingRead, SpreadRead, SweepRead
from backend.services.capabilities import schema
from backend.services.jobs import tasks
from backend.services.sweeps.requests import combinations
from backend.tables import Status, Task
from models.core.contract import registry
from models.core.contract.figures import greater_is_better
from models.core.contract.trained import TEST, TRAINING, VALIDATION


@dataclass(frozen=True)
class Outcome:
    """What has become of one fit so far.

    Attributes:
        measured_on: the part of the data of `metrics`.
        quality: part of the data -> metrics, where several were measured.
        figure: the metric that chose its weights.
    """

    status: str
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    measured_on: str | None = None
    quality: Mapping[str, Mapping[str, float | None] | None] = field(default_factory=dict)
    figure: str | None = None
    seconds: float | None = None
    message: str | None = None
    message_parts: Sequence[Mapping[str, Any]] = ()
    job_id: UUID | None = None

    def by_part(self) -> dict[str, Mapping[str, float | None]]:
        """Part of the data -> metrics."""
        measured = {self.measured_on: self.metrics} if self.measured_on else {}
        return {**{part: values for part, values in self.quality.items() if values}, **measured}


def summarize(
    outcomes: Sequence[Outcome],
    about: Mapping[str, Any],
    *,
    capability: str,
    name: str,
    status: str,
    figure: str | None = None,
    job_id: UUID | None = None,
    samples: Mapping[str, Any] | None = None,
) -> SweepRead:
    """The sweep with these fits, in the order of its cells.

    Args:
        about: of, params, axes, seeds and figure, as they were requested.
        figure: another metric to compare by.
    """
    axes = [AxisRead(title=_title(capability, about["of"], axis["param"]), **axis) for axis in about["axes"]]
    chosen = _figure(outcomes, figure or about["figure"])
    greater = chosen is None or greater_is_better(chosen)
    part = _part(outcomes, chosen)
    places = combinations(axes, about["seeds"])
    cells = [
        _cell(number, outcome, place, chosen or "", part)
        for number, (outcome, place) in enumerate(zip(outcomes, places, strict=True))
    ]
    compared = [cell for cell in cells if cell.value is not None]
    sign = 1.0 if greater else -1.0
    settings = sorted(_settings(compared), key=lambda setting: -sign * setting.mean)
    names = dict.fromkeys(metric for outcome in outcomes for metric in outcome.metrics)
    return SweepRead.model_validate(
        {
            "job_id": job_id,
            "capability": capability,
            "of": about["of"],
            "name": name,
            "params": about["params"],
            "axes": axes,
            "seeds": about["seeds"],
            "status": status,
            "figure": chosen,
            "figures": [metric for metric in names if not metric.endswith("_rows")],
            "greater_is_better": greater,
            "part": part,
            "cells": cells,
            "best": max(compared, key=lambda cell: sign * (cell.value or 0.0), default=None),
            "settings": settings,
            "spread": _spread(settings),
            "samples": samples,
        }
    )


def _title(capability: str, of: str, param: str) -> str:
    """The title of a param, as the form has it."""
    card = registry.cards().get(capability)
    declared = tasks.REQUIREMENTS[Task(of)].params(card) if card else None
    known = schema(declared)["properties"] if declared else {}
    return known.get(param, {}).get("title", param)


def _figure(outcomes: Sequence[Outcome], requested: str | None) -> str | None:
    """The metric that compares: the requested one, unless fits have ended and none has it."""
    measured = [values for outcome in outcomes for values in (outcome.metrics, *outcome.by_part().values())]
    if requested and (not any(measured) or any(requested in values for values in measured)):
        return requested
    return _main_figure(outcomes)


def _main_figure(outcomes: Iterable[Outcome]) -> str | None:
    """The metric that chose the weights, if it is a metric of the fits, else their first one."""
    for outcome in outcomes:
        if outcome.status == Status.SUCCEEDED and outcome.metrics:
            return outcome.figure if outcome.figure in outcome.metrics else next(iter(outcome.metrics))
    return None


def _part(outcomes: Iterable[Outcome], figure: str | None) -> str | None:
    """The part that compares the fits: the first of these on which the figure of one was measured."""
    measured = {
        part
        for outcome in outcomes
        for part, values in outcome.by_part().items()
        if figure is None or figure in values
    }
    return next((part for part in (VALIDATION, TEST, TRAINING) if part in measured), None)


def _cell(
    number: int, outcome: Outcome, place: tuple[dict[str, Any], int | None], figure: str, part: str | None
) -> CellRead:
    values, seed = place
    measured = {name: _number(metrics.get(figure)) for name, metrics in outcome.by_part().items()}
    return CellRead.model_validate(
        {
            "cell": number,
            "values": values,
            "seed": seed,
            "job_id": outcome.job_id,
            "status": outcome.status,
            "value": measured.get(part) if part else _number(outcome.metrics.get(figure)),
            "validation": measured.get(VALIDATION),
            "test": measured.get(TEST),
            "metrics": outcome.metrics,
            "seconds": None if outcome.seconds is None else round(outcome.seconds, 3),
            "message": outcome.message,
            "message_parts": outcome.message_parts,
        }
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _settings(cells: Sequence[CellRead]) -> list[SettingRead]:
    """The combinations of values, each with the mean over its seeds."""
    together: dict[str, list[CellRead]] = {}
    for cell in cells:
        together.setdefault(repr(sorted(cell.values.items())), []).append(cell)
    return [_setting(group) for group in together.values()]


def _setting(group: Sequence[CellRead]) -> SettingRead:
    values = [cell.value for cell in group if cell.value is not None]
    return SettingRead(
        values=group[0].values,
        cells=[cell.cell for cell in group],
        mean=mean(values),
        deviation=stdev(values) if len(values) > 1 else None,
        validation=_mean(cell.validation for cell in group),
        test=_mean(cell.test for cell in group),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def _spread(settings: Sequence[SettingRead]) -> SpreadRead:
    means = [setting.mean for setting in settings]
    repeated = [setting.deviation**2 for setting in settings if setting.deviation is not None]
    return SpreadRead(
        between_settings=stdev(means) if len(means) > 1 else None,
        between_seeds=math.sqrt(mean(repeated)) if repeated else None,
    )
