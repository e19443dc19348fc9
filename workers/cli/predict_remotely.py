"""`glassbox predict --server`: one answer, from a running Glassbox."""

import json
from pathlib import Path
from typing import Any

import httpx2
import typer

from models.core.contract.errors import InputError
from workers.cli import arguments, entry
from workers.cli.arguments import Capability, Device, Files, Key, Model, Out, Pairs, Server
from workers.cli.server import checked, connect, finished

app = entry.command_line("predict")


@app.command()
def run(
    capability: Capability,
    files: Files = None,
    param: Pairs = None,
    model: Model = "",
    out: Out = None,
    server: Server = "",
    device: Device = "",  # noqa: ARG001  a setting of the server's workers
    key: Key = "",
) -> None:
    """Compute one answer; the result is printed as JSON."""
    params = arguments.values(param)
    fields = {"params": json.dumps(params)}
    if model:
        fields["model"] = model
    with connect(server, key) as client:
        named = {
            name or "file": (file.name, arguments.content(file))
            for name, file in arguments.named_files(files).items()
        }
        accepts = {"accept": "application/json" if out is None else "image/png, application/json;q=0.9"}
        address = f"/v1/predict/{capability}"
        if named:
            answer = client.post(address, data=fields, files=named, headers=accepts)
        else:
            options = {"params": params, **({"model": model} if model else {})}
            answer = client.post(address, json=options, headers=accepts)
        job = finished(client, checked(answer).headers["location"])
        typer.echo(json.dumps(job["result"], indent=1, ensure_ascii=False))
        if out is not None:
            _write_file(client, job, out)


def _write_file(client: httpx2.Client, job: dict[str, Any], out: Path) -> None:
    if not job["artifacts"]:
        raise InputError("The answer has no file.")
    first = job["artifacts"][0]
    arguments.check_suffix(out, first["name"])
    out.write_bytes(checked(client.get(first["url"])).content)


if __name__ == "__main__":
    entry.run(app)
