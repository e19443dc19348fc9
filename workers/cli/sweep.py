"""`glassbox sweep`: one training or prediction with many params, in this terminal, without a server."""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.schemas.sweeps import Axis, CellRead, SweepCreate
from backend.services.sweeps.requests import Cell, cells_of
from backend.services.sweeps.summary import Outcome, summarize
from backend.settings import settings
from backend.tables import Status, Task
from models.core.contract.card import Card
from models.core.contract.errors import InputError
from models.core.recipe.sweeps import FitOutcome, write
from workers.cli import arguments, chosen, entry
from workers.cli.arguments import Capability, Device, Model, Pairs
from workers.training.child_protocol import Instructions, Report
from workers.training.processes import WarmProcess

app = entry.command_line("sweep")
_NEVER = 1e9  # seconds: this process sends no heartbeats
_FAILURES = ("input_error", "weights_error", "disk_full")


@app.command()
def run(
    capability: Capability,
    axis: Annotated[
        list[str], typer.Option(help="param=value,value,...; up to three. Lists as in layers=[8],[16,16].")
    ],
    dataset: Annotated[
        Path | None, typer.Option(help="The data, or the input of predictions; by default the shipped data.")
    ] = None,
    of: Annotated[str, typer.Option(help="train or predict; by default train where that is possible.")] = "",
    seeds: Annotated[str, typer.Option(help="As in 0,1,2.")] = "",
    param: Pairs = None,
    figure: Annotated[str, typer.Option(help="The metric that compares the fits.")] = "",
    model: Model = "",
    out: Annotated[Path | None, typer.Option(help="File for the finished sweep, as JSON.")] = None,
    device: Device = "",
) -> None:
    """Fit every combination of the axes' values, once with each seed, and print the best."""
    card = chosen.card(capability)
    body = SweepCreate.model_validate(
        {
            "capability": capability,
            "of": of or None,
            "params": arguments.values(param),
            "axes": [_axis(text).model_dump() for text in axis],
            "seeds": _list(seeds),
            "figure": figure or None,
        }
    )
    task, cells = cells_of(body)
    source = _source(card, task, dataset)
    weights = chosen.weights(card, model) if task == Task.PREDICT else None
    with tempfile.TemporaryDirectory() as name:
        warm = WarmProcess(Path(name) / "log.txt")
        try:
            fitted = []
            for cell in cells:
                common = _instructions(card, task, source, weights, Path(name), device)
                fitted.append(_fit(warm, common.model_copy(update={"params": dict(cell.params)}), Path(name)))
                typer.echo(_line(cell, fitted[-1]))
        finally:
            warm.end()
    about = {"of": str(task), "params": body.params, "axes": [each.model_dump() for each in body.axes]}
    about |= {"seeds": body.seeds, "figure": body.figure}
    outcomes = [Outcome(**asdict(fit)) for fit in fitted]
    sweep = summarize(outcomes, about, capability=capability, name="", status=Status.SUCCEEDED)
    if sweep.best is not None:
        typer.echo(_best(sweep.best, sweep.figure or "", sweep.part))
    if out is not None:
        axes = {each.param: each.values for each in body.axes}
        write(out, **{**about, "axes": axes, "figure": sweep.figure}, cells=fitted)


def _axis(text: str) -> Axis:
    """Raises InputError."""
    name, equals, values = text.partition("=")
    if not equals or not values:
        raise InputError(f"An axis is written param=value,value, not {text!r}.")
    return Axis(param=name, values=_list(values))


def _list(text: str) -> list[Any]:
    """JSON values separated by commas, or texts."""
    try:
        return json.loads(f"[{text}]")
    except ValueError:
        return text.split(",")


def _source(card: Card, task: Task, dataset: Path | None) -> Path:
    """Raises InputError."""
    shipped = card.sample_dataset if task == Task.TRAIN else None
    source = dataset or shipped
    if source is None:
        raise InputError(f"{card.title} has no shipped data for this: use --dataset.")
    if not source.exists():
        raise InputError(f"{source} does not exist.")
    return source


def _instructions(
    card: Card, task: Task, source: Path, weights: Path | None, folder: Path, device: str
) -> Instructions:
    own = str(folder / "weights.safetensors")
    return Instructions(
        task=str(task),
        capability=card.name,
        capability_packages=settings().capability_packages,
        params={},
        dataset=str(source),
        inputs={card.inputs[0].name: str(source)} if task == Task.PREDICT else {},
        weights=own if task == Task.TRAIN else weights and str(weights),
        checkpoint=str(folder / "checkpoint.safetensors"),
        samples=str(folder / "samples"),
        answer=str(folder / "answer"),
        device=device or settings().device,
        torch_threads=settings().torch_threads,
        checkpoint_seconds=_NEVER,
        lease_seconds=_NEVER,
    )


def _fit(warm: WarmProcess, instructions: Instructions, folder: Path) -> FitOutcome:
    started, log = time.monotonic(), folder / "fit.txt"
    fit, ending = warm.fit(instructions, log), None
    while (line := fit.next_line(1.0)) is not None:
        report = Report.model_validate_json(line) if line else None
        if report is not None and report.kind in ("done", *_FAILURES):
            ending = report
    seconds = round(time.monotonic() - started, 3)
    if ending is None:
        why = log.read_text(errors="replace")[-2_000:] if log.exists() else ""
        return FitOutcome("failed", seconds=seconds, message=f"The process ended with {fit.wait()}. {why}")
    if ending.kind in _FAILURES:
        return FitOutcome("failed", seconds=seconds, message=ending.message, message_parts=ending.parts)
    quality: Mapping[str, Any] = ending.evaluation.get("quality") or {}
    return FitOutcome("succeeded", ending.metrics, ending.part, quality, ending.figure, seconds)


def _line(cell: Cell, fit: FitOutcome) -> str:
    own = {**cell.values, **({} if cell.seed is None else {"seed": cell.seed})}
    settings_shown = "  ".join(f"{name} {value}" for name, value in own.items())
    numbers: Sequence[str] = [
        f"{name} {value:.5g}" for name, value in fit.metrics.items() if value is not None
    ]
    return f"{settings_shown}: {'  '.join(numbers) or fit.message}"


def _best(best: CellRead, figure: str, part: str | None) -> str:
    own = json.dumps({**best.values, **({} if best.seed is None else {"seed": best.seed})})
    on = f" on the {part} data" if part else ""
    test = "" if best.test is None or part == "test" else f", {best.test:.5g} on the test data"
    return f"best: {own}, {figure} {best.value:.5g}{on}{test}"


if __name__ == "__main__":
    entry.run(app)
