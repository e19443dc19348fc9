"""Sweep requests, checked before anything is written: every fit's params, and how many fits there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import orjson

from backend.errors import Invalid, NotFound
from backend.schemas.sweeps import MAX_FITS, Axis, AxisRead, SweepCreate
from backend.services.jobs import tasks
from backend.services.jobs.validation import ONLY, JobRequest, check_request, fitting
from backend.tables import Task
from models.core.contract import registry
from models.core.contract.card import Card, Params
from models.core.contract.messages import Message, Text

SEED = "seed"

_TOO_MANY = Text("core.sweeps.too_many", "The sweep would have {count:,} fits; at most {most} are allowed.")
_NO_SEED = Text(
    "core.sweeps.no_seed", "{title} has no param 'seed' for this task; send the sweep without seeds."
)
_NO_PARAM = Text("core.sweeps.no_param", "{title} has no param {param!r} for this task.")
_TWICE = Text("core.sweeps.twice", "{param!r} is there twice, or has a value twice.")
_CELL = Text("core.sweeps.cell", "Fit {cell} ({values}): {problem}")
_NO_TRAINING = Text("core.sweeps.no_training", "{title} cannot be trained; send of: predict.")
_NO_MODEL = Text("core.sweeps.no_model", "model names the model of predictions; a training makes its own.")


@dataclass(frozen=True)
class Cell:
    """One fit of a sweep: its place among the axes and seeds, and its complete params."""

    values: Mapping[str, Any]
    seed: int | None
    params: Mapping[str, Any]


@dataclass(frozen=True)
class SweepRequest:
    """A checked request. `request` is that of the first fit, whose inputs and model all fits have."""

    body: SweepCreate
    task: Task
    request: JobRequest
    cells: Sequence[Cell]

    @property
    def about(self) -> dict[str, Any]:
        """The params of the sweep's job."""
        body = self.body
        return {
            "of": str(self.task),
            "params": body.params,
            "axes": [axis.model_dump() for axis in body.axes],
            "seeds": body.seeds,
            "figure": body.figure,
            "minutes": body.minutes,
            "fits": body.fits,
        }


def check(body: SweepCreate, **options: Any) -> SweepRequest:
    """All checks that need no database; `options` are further fields of `JobRequest`.

    Raises:
        NotFound: no such capability.
        Invalid: too many fits, a fit whose params do not match the card, or inputs that do not.
    """
    task, cells = cells_of(body)
    request = check_request(
        body.capability,
        task,
        cells[0].params,
        {**body.inputs, **({ONLY: body.upload_id} if body.upload_id else {})},
        dataset_id=body.dataset_id,
        dataset_version=body.dataset_version,
        model=body.model,
        name=body.name,
        description=body.description,
        tags=tuple(body.tags),
        **options,
    )
    return SweepRequest(body, task, request, cells)


def cells_of(body: SweepCreate) -> tuple[Task, list[Cell]]:
    """The task of the fits, and each with its complete params.

    Raises:
        NotFound: no such capability.
        Invalid: too many fits, or one whose params do not match the card.
    """
    card = registry.cards().get(body.capability)
    if card is None:
        raise NotFound(f"Capability {body.capability!r} does not exist.")
    task = _task_of(body, card)
    declared = tasks.REQUIREMENTS[task].params(card)
    assert declared is not None  # noqa: S101  _task_of has refused it
    _check_size(body)
    _check_names(body, card, declared)
    shared = {**(card.sweep_params if task == Task.TRAIN else {}), **body.params}
    cells = [
        _cell(number, declared, shared, values, seed)
        for number, (values, seed) in enumerate(combinations(body.axes, body.seeds))
    ]
    _check_different(body.axes, cells)
    return task, cells


def combinations(
    axes: Sequence[Axis | AxisRead], seeds: Sequence[int]
) -> Iterator[tuple[dict[str, Any], int | None]]:
    """The values and the seed of each fit, in the order of the cells; None: the seed of the params."""
    names = [axis.param for axis in axes]
    for values in product(*(axis.values for axis in axes)):
        for seed in seeds or (None,):
            yield dict(zip(names, values, strict=True)), seed


def _cell(
    number: int, declared: type[Params], shared: Mapping[str, Any], values: dict[str, Any], seed: int | None
) -> Cell:
    own = values if seed is None else {**values, SEED: seed}
    try:
        params = fitting(declared, {**shared, **own})
    except Invalid as error:
        shown = ", ".join(f"{name} {value}"[:80] for name, value in own.items())
        detail = _CELL(cell=number, values=shown, problem=error.detail)
        raise Invalid(detail, errors=[{**each, "detail": detail} for each in error.errors]) from error
    return Cell(values, seed, params.model_dump(mode="json"))


def _task_of(body: SweepCreate, card: Card) -> Task:
    """The task of the fits. Raises Invalid."""
    task = Task(body.of) if body.of else Task.TRAIN if card.train_params else Task.PREDICT
    if task == Task.TRAIN and card.train_params is None:
        raise _refused("/of", _NO_TRAINING(title=card.title))
    if task == Task.TRAIN and body.model is not None:
        raise _refused("/model", _NO_MODEL())
    return task


def _check_size(body: SweepCreate) -> None:
    """Raises Invalid: too many fits. None of them is made before."""
    count = prod(len(axis.values) for axis in body.axes) * max(1, len(body.seeds))
    if count > MAX_FITS:
        raise _refused("/axes", _TOO_MANY(count=count, most=MAX_FITS))


def _check_names(body: SweepCreate, card: Card, declared: type[Params]) -> None:
    """Raises Invalid: an axis or the seeds name no param, or something is there twice."""
    if body.seeds and SEED not in declared.model_fields:
        raise _refused("/seeds", _NO_SEED(title=card.title))
    if len(set(body.seeds)) < len(body.seeds):
        raise _refused("/seeds", _TWICE(param=SEED))
    names = [axis.param for axis in body.axes] + ([SEED] if body.seeds else [])
    for number, axis in enumerate(body.axes):
        at = f"/axes/{number}"
        if axis.param not in declared.model_fields:
            raise _refused(f"{at}/param", _NO_PARAM(title=card.title, param=axis.param))
        if names.count(axis.param) > 1:
            raise _refused(f"{at}/param", _TWICE(param=axis.param))


def _check_different(axes: Sequence[Axis], cells: Sequence[Cell]) -> None:
    """Raises Invalid: two values of an axis are the same param, as 2, 2.0 and "2" are for a number."""
    for number, axis in enumerate(axes):
        different = {orjson.dumps(cell.params[axis.param]) for cell in cells}
        if len(different) < len(axis.values):
            raise _refused(f"/axes/{number}/values", _TWICE(param=axis.param))


def _refused(at: str, detail: Message) -> Invalid:
    return Invalid(detail, errors=[{"pointer": at, "detail": detail}])
