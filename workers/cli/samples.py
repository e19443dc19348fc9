"""`glassbox samples build [CAPABILITY]`: computes the answers that ship with the samples."""

import hashlib
import time
from pathlib import Path
from typing import Annotated

import typer

from backend.services.models import pretrained
from models.core.contract import registry, sample_answers
from models.core.contract.card import Card, Params, Sample
from models.core.contract.prediction import Inputs, Opened, Predictor
from models.core.contract.sample_answers import Saved
from workers import device as devices
from workers.cli import chosen, entry
from workers.environment import environment

app = entry.command_line("samples")
REPEATS = 5  # the times of the fastest run are stored


@app.callback()
def samples() -> None:
    """Compute the answers that ship with the samples, so that the first click needs no worker."""


@app.command()
def build(
    capability: Annotated[
        str, typer.Argument(help="Name of a capability; by default all.", show_default=False)
    ] = "",
) -> None:
    """Compute every sample's answer, with the model that it names or the first one of its capability."""
    cards = [chosen.card(capability)] if capability else chosen.cards().values()
    device = devices.select()
    registry.find_fetched_with(pretrained.local)
    for card in cards:
        for sample in card.samples:
            model = sample.model or card.models[0].name
            weights = chosen.weights(card, model)
            predictor = registry.code(card.name, "predict").Predictor(weights, device)
            _build(card, sample, model, predictor, weights, device)
            typer.echo(f"{card.name}: {sample.name}")


def _build(
    card: Card, sample: Sample, model: str, predictor: Predictor, weights: Path | None, device: str
) -> None:
    if sample.answer is None:
        return
    params = card.predict_params()
    inputs = {name: file.read_bytes() for name, file in sample.inputs.items()}
    runs = [_timed(predictor, inputs, params) for _ in range(REPEATS)]
    opened, timings = min(runs, key=lambda run: sum(run[1].values()))
    saved = Saved(
        prediction=opened.prediction,
        stages=opened.stages,
        model=model + (f"@{_digest(weights)}" if weights else ""),
        params=params.model_dump(mode="json"),
        timings_ms=timings,
        environment=environment(device, devices.hardware(device)),
    )
    sample_answers.write(saved, sample.answer)


def _digest(weights: Path) -> str:
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _timed(predictor: Predictor, inputs: Inputs, params: Params) -> tuple[Opened, dict[str, float]]:
    started = time.perf_counter()
    item = predictor.decode(inputs, params)
    decoded = time.perf_counter()
    raw = predictor.forward([item])[0]
    computed = time.perf_counter()
    prediction = predictor.encode(item, raw, params)
    ended = time.perf_counter()
    taken = {"decode": decoded - started, "forward": computed - decoded, "encode": ended - computed}
    timings = {name: round(seconds * 1000, 2) for name, seconds in taken.items()}
    return Opened(prediction, predictor.inspect(item, raw, params)), timings


if __name__ == "__main__":
    entry.run(app)
