"""`glassbox train`: a training in this terminal, without a server."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from backend.services.models import pretrained
from models.core.contract import registry
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from workers import device as devices
from workers.cli import arguments, chosen, entry
from workers.cli.arguments import Capability, Device, Pairs

app = entry.command_line("train")


@app.command()
def run(
    capability: Capability,
    dataset: Annotated[
        Path | None, typer.Option(help="The training data; by default the shipped data.")
    ] = None,
    params: Annotated[str, typer.Option(help='JSON, as in {"steps": 300}.')] = "",
    param: Pairs = None,
    weights: Annotated[Path | None, typer.Option(help="File for the trained weights.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="File for checkpoints; if it exists, the training resumes from it.")
    ] = None,
    device: Device = "",
) -> None:
    """Train a model and write its weights; with a checkpoint, the training can be resumed."""
    card = chosen.card(capability)
    if card.train_params is None:
        raise InputError(f"{card.title} cannot be trained.")
    source = dataset or card.sample_dataset
    if source is None:
        raise InputError(f"{card.title} has no shipped data: use --dataset.")
    if dataset is not None and not dataset.exists():
        raise InputError(f"{source} does not exist.")
    target = weights or Path(f"{capability}.safetensors")
    target.parent.mkdir(parents=True, exist_ok=True)
    registry.find_fetched_with(pretrained.local)
    metrics = registry.code(capability, "train").train(
        source,
        arguments.fitting(card.train_params, arguments.values(param, params)),
        weights=target,
        device=device or devices.select(),
        progress=Progress(_print),
        checkpoint=checkpoint,
    )
    typer.echo(f"{target}: {json.dumps(metrics)}")


def _print(step: int, total: int, metrics: Mapping[str, float], message: str) -> None:
    numbers = "  ".join(f"{name} {value:.5g}" for name, value in metrics.items())
    typer.echo(f"{step}/{total}  {numbers}  {message}".rstrip())


if __name__ == "__main__":
    entry.run(app)
