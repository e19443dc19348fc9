"""`glassbox predict`: one answer, computed here."""

import json

import typer

from backend.services.models import pretrained
from models.core.contract import registry
from models.core.contract.prediction import answer
from workers import device as devices
from workers.cli import arguments, chosen, entry
from workers.cli.arguments import Capability, Device, Files, Key, Model, Out, Pairs, Server

app = entry.command_line("predict")


@app.command()
def run(
    capability: Capability,
    files: Files = None,
    param: Pairs = None,
    model: Model = "",
    out: Out = None,
    server: Server = "",  # noqa: ARG001  workers.cli.main passes those to workers.cli.predict_remotely
    device: Device = "",
    key: Key = "",  # noqa: ARG001  as server
) -> None:
    """Compute one answer; the result is printed as JSON."""
    card = chosen.card(capability)
    params = arguments.fitting(card.predict_params, arguments.values(param))
    inputs = {name: arguments.content(file) for name, file in chosen.inputs(card, files).items()}
    weights = chosen.weights(card, model)
    registry.find_fetched_with(pretrained.local)
    predictor = registry.code(capability, "predict").Predictor(weights, device or devices.select())
    prediction = answer(predictor, inputs, params, picture=out is not None)
    typer.echo(json.dumps(prediction.result, indent=1, ensure_ascii=False))
    if out is not None:
        if not prediction.outputs:
            entry.fail(f"{card.title} returns no file.")
        arguments.check_suffix(out, prediction.outputs[0].name)
        out.write_bytes(prediction.outputs[0].data)


if __name__ == "__main__":
    entry.run(app)
