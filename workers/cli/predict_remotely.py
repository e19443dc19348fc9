"""`glassbox predict --server`: one answer, from a running Glassbox."""

import json
import time
from pathlib import Path
from typing import Any

import httpx2
import typer

from backend.settings import settings
from models.core.contract.errors import InputError
from workers.cli import arguments, entry
from workers.cli.arguments import Capability, Device, Files, Key, Model, Out, Pairs, Server

app = entry.command_line("predict")
ANSWER_SECONDS = 120.0
POLL_SECONDS = 0.5


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
    try:
        with _client(server, key) as client:
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
            job = _finished(client, _checked(answer))
            typer.echo(json.dumps(job["result"], indent=1, ensure_ascii=False))
            if out is not None:
                _write_file(client, job, out)
    except httpx2.HTTPError as error:
        raise InputError(f"{server} does not respond as a Glassbox server: {error}") from error


def _client(server: str, key: str) -> httpx2.Client:
    known = [each.get_secret_value() for each in (settings().api_key, *settings().api_keys)]
    chosen = next(filter(None, [key, *known]), None)
    headers = {"authorization": f"Bearer {chosen}"} if chosen else {}
    return httpx2.Client(base_url=server.rstrip("/"), headers=headers, timeout=ANSWER_SECONDS)


def _finished(client: httpx2.Client, answer: httpx2.Response) -> dict[str, Any]:
    """The job of the answer, once it has finished."""
    while True:
        job = _checked(client.get(answer.headers["location"])).json()
        if job["status"] == "succeeded":
            return job
        if job["status"] not in ("queued", "running"):
            raise InputError(job["error"] or f"The job was {job['status']}.")
        time.sleep(POLL_SECONDS)


def _write_file(client: httpx2.Client, job: dict[str, Any], out: Path) -> None:
    if not job["artifacts"]:
        raise InputError("The answer has no file.")
    first = job["artifacts"][0]
    arguments.check_suffix(out, first["name"])
    out.write_bytes(_checked(client.get(first["url"])).content)


def _checked(answer: httpx2.Response) -> httpx2.Response:
    """The response. Raises InputError with the server's error."""
    if not answer.is_error:
        return answer
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = answer.reason_phrase
    raise InputError(f"{detail} (HTTP {answer.status_code})")


if __name__ == "__main__":
    entry.run(app)
