"""`glassbox samples build [CAPABILITY]`: the answers that samples open with, computed anew and kept."""

import hashlib
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from models.core.contract import registry, sample_answers
from models.core.contract.card import Card, Params, Sample
from models.core.contract.prediction import Prediction, Wants
from models.core.contract.sample_answers import Saved
from workers import device as devices
from workers.cli import chosen, entry
from workers.environment import environment

app = entry.command_line("samples")
REPEATS = 5  # the fastest run's times are kept


@app.callback()
def samples() -> None:
    """Samples ship with their answers, so that the first click needs no worker."""


@app.command()
def build(
    capability: Annotated[str, typer.Argument(help="Whose samples; left out: all.", show_default=False)] = "",
) -> None:
    """Compute every sample's answer with the default model of its capability."""
    cards = [chosen.card(capability)] if capability else chosen.cards().values()
    device = devices.pick()
    for card in cards:
        if card.samples:
            weights = chosen.weights(card, "")
            predictor = registry.code(card.name, "predict").Predictor(weights, device)
            for sample in card.samples:
                _build(card, sample, predictor, weights, device)
                typer.echo(f"{card.name}: {sample.name}")


def _build(card: Card, sample: Sample, predictor: Any, weights: Path, device: str) -> None:
    params = card.predict_params()
    data = sample.file.read_bytes()
    runs = [_timed(predictor, data, params) for _ in range(REPEATS)]
    prediction, timings = min(runs, key=lambda run: sum(run[1].values()))
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    answer = Saved(
        prediction=prediction,
        model=f"{card.models[0].name}@{digest}",
        params=params.model_dump(mode="json"),
        timings_ms=timings,
        environment=environment(device, devices.hardware(device)),
    )
    sample_answers.write(answer, sample_answers.folder_of(sample))


def _timed(predictor: Any, data: bytes, params: Params) -> tuple[Prediction, dict[str, float]]:
    started = time.perf_counter()
    item = predictor.decode(data, params)
    decoded = time.perf_counter()
    raw = predictor.forward([item])[0]
    computed = time.perf_counter()
    prediction = predictor.encode(item, raw, params, Wants(inspection=True))
    ended = time.perf_counter()
    taken = {"decode": decoded - started, "forward": computed - decoded, "encode": ended - computed}
    return prediction, {name: round(seconds * 1000, 2) for name, seconds in taken.items()}


if __name__ == "__main__":
    entry.run(app)
