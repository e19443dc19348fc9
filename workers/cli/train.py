"""`glassbox train`: a training in this terminal, without a server."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

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
        Path | None, typer.Option(help="What to learn from; the capability's own when left out.")
    ] = None,
    params: Annotated[str, typer.Option(help='JSON, as in {"steps": 300}.')] = "",
    param: Pairs = None,
    weights: Annotated[Path | None, typer.Option(help="Where to write the trained weights.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Written now and then; a training that finds it goes on from there.")
    ] = None,
    device: Device = "",
) -> None:
    """Train a model and write its weights; a training with a checkpoint resumes when started again."""
    card = chosen.card(capability)
    if card.train_params is None:
        raise InputError(f"{card.title} has nothing to train.")
    source = dataset or card.sample_dataset
    if source is None:
        raise InputError(f"{card.title} has no data of its own: name a --dataset.")
    target = weights or Path(f"{capability}.safetensors")
    metrics = registry.code(capability, "train").train(
        source,
        card.train_params.model_validate(arguments.values(param, params)),
        weights=target,
        device=device or devices.pick(),
        progress=Progress(_print),
        checkpoint=checkpoint,
    )
    typer.echo(f"{target}: {json.dumps(metrics)}")


def _print(step: int, total: int, metrics: Mapping[str, float], message: str) -> None:
    numbers = "  ".join(f"{name} {value:.5g}" for name, value in metrics.items())
    typer.echo(f"{step}/{total}  {numbers}  {message}".rstrip())


if __name__ == "__main__":
    entry.run(app)
