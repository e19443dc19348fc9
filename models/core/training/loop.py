"""The parts of every training loop: when it reports, validates and saves, and its log.

The loop itself stays in each capability's train.py, to be read from top to bottom:

    while state.step < params.steps:
        ...  # one step of the optimizer
        state.step += 1
        recent.append(numbers(losses, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if validation_due(state.step, params.steps, VALIDATIONS):
                metrics = measure(...)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row)
        save_if_due(state, model.config.to_json(), checkpoint, progress)
"""

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.training.state import State

DIVERGED = Text(
    "core.training.diverged",
    "The training diverged: at step {step:,}, its {name} is {value}. No model was saved. Train again with a "
    "lower learning rate.",
)
STOPPED = Text(
    "core.training.stopped",
    "The training ended after step {step:,} of {steps:,}: the last {n} measurements brought nothing better.",
)
REPORTS = 200  # in one training, approximately


def layers_in_bfloat16(device: str, enabled: bool) -> torch.autocast:
    """A block in which layers compute in bfloat16 if `enabled`; operations that need float32 keep it."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=enabled)


def numbers(losses: Mapping[str, torch.Tensor], step: int) -> dict[str, float]:
    """The losses of one step as plain numbers.

    Raises:
        InputError: one is not finite: the training has diverged, and its weights are worth nothing.
    """
    values = {name: value.item() for name, value in losses.items()}
    for name, value in values.items():
        if not math.isfinite(value):
            raise InputError(DIVERGED(step=step, name=name, value=value))
    return values


def report_due(step: int, steps: int) -> bool:
    """Whether a loop reports after `step` of its `steps` steps; it always does after the last."""
    return step == steps or step % max(1, steps // REPORTS) == 0


def validation_due(step: int, steps: int, times: int) -> bool:
    """Whether a report includes validation metrics: about `times` times, and after the last step."""
    every = max(1, steps // REPORTS)
    return step == steps or step % max(every, steps // times // every * every) == 0


def is_exhausted(
    state: State, best_step: int, steps: int, times: int, patience: int, *, since: int = 0
) -> bool:
    """Whether the last `patience` of `times` validations brought no better weights than those of `best_step`.

    Validations before the step `since` do not count.
    """
    return state.step - max(best_step, since) > patience * max(1, steps // times)


def take_average(recent: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each number over the steps since the last report; `recent` is emptied."""
    row = {name: sum(step[name] for step in recent) / len(recent) for name in recent[0]}
    recent.clear()
    return row


def report(
    progress: Progress,
    log_file: Path,
    step: int,
    steps: int,
    row: Mapping[str, float],
    message: str = "",
    **columns: float,
) -> None:
    """Append the row, after the step and `columns`, to the log and pass it to `progress`."""
    append_row(log_file, {"step": step, **columns, **row})
    progress(step, steps, row, message)


def save_if_due(state: State, config: Mapping[str, Any], checkpoint: Path | None, progress: Progress) -> None:
    """Write the checkpoint if the training has one and it is due. Raises Preempted."""
    if checkpoint and progress.checkpoint_due:
        state.save(checkpoint, config)
        progress.saved()


def append_row(path: Path, row: Mapping[str, float]) -> None:
    """Append one row to a CSV log; columns that appear later, such as validation metrics, are added."""
    previous: list[dict[str, str]] = []
    columns: list[str] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            previous, columns = list(reader), list(reader.fieldnames or ())
    new = [name for name in row if name not in columns]
    with path.open("w" if new else "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*columns, *new], lineterminator="\n")
        if new:
            writer.writeheader()
            writer.writerows(previous)
        writer.writerow(
            {name: value if isinstance(value, int) else f"{value:.5g}" for name, value in row.items()}
        )
