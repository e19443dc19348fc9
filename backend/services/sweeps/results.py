"""What a sweep has found so far: its cells, the best of them, and how much of the difference is chance."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, stdev
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from backend.database import reading
from backend.errors import NotFound
from backend.schemas.sweeps import AxisRead, CellRead, SettingRead, SpreadRead, SweepRead
from backend.services.capabilities import schema
from backend.services.jobs import fits, tasks
from backend.services.sweeps.requests import combinations
from backend.tables import Status, Task, jobs
from models.core.contract import registry
from models.core.contract.figures import greater_is_better
from models.core.contract.messages import Text
from models.core.contract.trained import TEST, TRAINING, VALIDATION

_NO_SWEEP = Text("core.sweeps.not_found", "The sweep {job_id} does not exist.")

# of the result only what is compared: the answers of 500 predictions are large
_FITS = select(
    *(jobs.c[name] for name in ("id", "cell", "status", "metrics", "error", "error_message")),
    (jobs.c.finished_at - jobs.c.started_at).label("seconds"),
    jobs.c.result["measured_on"].label("measured_on"),
    jobs.c.result["quality"].label("quality"),
    jobs.c.result["best"].label("best"),
)


def read(job_id: UUID, figure: str | None = None) -> SweepRead:
    """The sweep so far; `figure`: another metric to compare by. Raises NotFound."""
    with reading() as connection:
        return of_job(connection, job_id, figure)


def of_job(connection: Connection, job_id: UUID, figure: str | None = None) -> SweepRead:
    """As `read`, within a transaction."""
    job = connection.execute(select(jobs).where(jobs.c.id == job_id, jobs.c.task == Task.SWEEP)).one_or_none()
    if job is None:
        raise NotFound(_NO_SWEEP(job_id=str(job_id)))
    rows = connection.execute(_FITS.where(fits.of(job_id)).order_by(jobs.c.cell)).all()
    about = job.params
    axes = [
        AxisRead(title=_title(job.capability, Task(about["of"]), axis["param"]), **axis)
        for axis in about["axes"]
    ]
    places = list(combinations(axes, about["seeds"]))
    chosen = figure or about["figure"] or _main_figure(rows)
    part = _part(rows)
    cells = [_cell(row, places[row.cell], chosen, part) for row in rows]
    return summarize(
        cells,
        job_id=job_id,
        capability=job.capability,
        of=about["of"],
        name=job.name,
        params=about["params"],
        axes=axes,
        seeds=about["seeds"],
        status=job.status,
        figure=chosen,
        figures=list(dict.fromkeys(name for row in rows for name in row.metrics or {})),
        part=part,
    )


def _title(capability: str, task: Task, param: str) -> str:
    """The title of a param, as the form has it."""
    card = registry.cards().get(capability)
    declared = tasks.REQUIREMENTS[task].params(card) if card else None
    known = schema(declared)["properties"] if declared else {}
    return known.get(param, {}).get("title", param)


def summarize(cells: Sequence[CellRead], *, figure: str | None, **about: Any) -> SweepRead:
    """The sweep of these cells, with the best fit, the settings in order, and their spread."""
    greater = figure is None or greater_is_better(figure)
    succeeded = [cell for cell in cells if cell.value is not None]
    sign = 1.0 if greater else -1.0
    settings = sorted(_settings(succeeded), key=lambda setting: -sign * setting.mean)
    return SweepRead(
        **about,
        figure=figure,
        greater_is_better=greater,
        cells=list(cells),
        best=max(succeeded, key=lambda cell: sign * (cell.value or 0.0), default=None),
        settings=settings,
        spread=_spread(settings),
    )


def _cell(
    row: Row[Any], place: tuple[dict[str, Any], int | None], figure: str | None, part: str | None
) -> CellRead:
    values, seed = place
    by_part = _by_part(row)
    measured = {name: _number((of_part or {}).get(figure or "")) for name, of_part in by_part.items()}
    own = _number((row.metrics or {}).get(figure or ""))
    return CellRead(
        cell=row.cell,
        values=values,
        seed=seed,
        job_id=row.id,
        status=row.status,
        value=measured.get(part) if part else own,
        validation=measured.get(VALIDATION),
        test=measured.get(TEST),
        metrics=row.metrics or {},
        seconds=None if row.seconds is None else round(row.seconds, 3),
        message=row.error,
        message_parts=row.error_message or [],
    )


def _by_part(row: Row[Any]) -> dict[str, Mapping[str, Any]]:
    """Part of the data -> the metrics that the fit has on it."""
    measured = {row.measured_on: row.metrics or {}} if row.measured_on else {}
    return {**(row.quality or {}), **measured}


def _part(rows: Iterable[Row[Any]]) -> str | None:
    """The part that compares the fits: the first of these on which one was measured."""
    measured = {part for row in rows for part in _by_part(row)}
    return next((part for part in (VALIDATION, TEST, TRAINING) if part in measured), None)


def _main_figure(rows: Iterable[Row[Any]]) -> str | None:
    """The metric that chose the weights, if it is a metric of the fits, else their first one."""
    for row in rows:
        if row.status == Status.SUCCEEDED and row.metrics:
            chosen = (row.best or {}).get("figure")
            return chosen if chosen in row.metrics else next(iter(row.metrics))
    return None


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
