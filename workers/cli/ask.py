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
from workers.cli.arguments import Capability, Device, File, Model, Out, Pairs, Server

app = entry.command_line("predict")
ANSWER_SECONDS = 120.0
LOOK_SECONDS = 0.5


@app.command()
def run(
    capability: Capability,
    file: File,
    param: Pairs = None,
    model: Model = "",
    out: Out = None,
    server: Server = "",
    device: Device = "",  # noqa: ARG001  the server's workers have theirs
) -> None:
    """Answer for one file; the result is printed as JSON. The key sent is the first of GLASSBOX_API_KEYS."""
    fields = {"params": json.dumps(arguments.values(param)), "inspect": "false"}
    if model:
        fields["model"] = model
    try:
        with _client(server) as client:
            files = {"file": (file.name, arguments.content(file))}
            accepts = {"accept": "application/json" if out is None else "image/png"}
            answer = client.post(f"/v1/predict/{capability}", data=fields, files=files, headers=accepts)
            job = _finished(client, _checked(answer))
            if out is not None:
                _write_picture(client, job, out)
    except httpx2.HTTPError as error:
        raise InputError(f"{server} does not answer as a Glassbox: {error}") from error
    typer.echo(json.dumps(job["result"], indent=1, ensure_ascii=False))


def _client(server: str) -> httpx2.Client:
    keys = settings().api_keys
    headers = {"authorization": f"Bearer {keys[0].get_secret_value()}"} if keys else {}
    return httpx2.Client(base_url=server.rstrip("/"), headers=headers, timeout=ANSWER_SECONDS)


def _finished(client: httpx2.Client, answer: httpx2.Response) -> dict[str, Any]:
    """The job that the answer came from, once it is over."""
    while True:
        job = _checked(client.get(answer.headers["location"])).json()
        if job["status"] == "succeeded":
            return job
        if job["status"] not in ("queued", "running"):
            raise InputError(job["error"] or f"The job was {job['status']}.")
        time.sleep(LOOK_SECONDS)


def _write_picture(client: httpx2.Client, job: dict[str, Any], out: Path) -> None:
    pictures = [artifact for artifact in job["artifacts"] if artifact["media_type"].startswith("image/")]
    if not pictures:
        raise InputError("The answer has no picture.")
    out.write_bytes(_checked(client.get(pictures[0]["url"])).content)


def _checked(answer: httpx2.Response) -> httpx2.Response:
    """Raises InputError with what the server says is wrong."""
    if not answer.is_error:
        return answer
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = answer.reason_phrase
    raise InputError(f"{detail} (HTTP {answer.status_code})")


if __name__ == "__main__":
    entry.run(app)
