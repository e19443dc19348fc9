"""`glassbox datasets`: check an archive of labeled pictures, and exchange datasets with a server."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.settings import settings
from models.core.contract.dataset_report import Report
from models.core.contract.errors import InputError
from models.core.datasets import checks, importing, splits
from models.core.datasets.writing import Form
from workers.cli import arguments, entry
from workers.cli.arguments import Key
from workers.cli.server import checked, connect, finished

app = entry.command_line("datasets")

_DEFAULT_SERVER = "http://127.0.0.1:8000"
_SHOWN_FILES = 3  # of a problem

Archive = Annotated[
    Path, typer.Argument(help="A ZIP archive in any recognized form; to import, also a table.")
]
Server = Annotated[str, typer.Option(help=f"Address of a running Glassbox; by default {_DEFAULT_SERVER}.")]


@app.command()
def check(file: Archive) -> None:
    """Recognize an archive, and print what is in it and what is wrong with it. Exit code 1: an error."""
    if not file.is_file():
        raise InputError(f"{file} is not a file.")
    with importing.read(file, settings().limits()) as archive:
        typer.echo(archive.recognized)
        report = checks.check(archive.manifest, archive.read, _progress)
        pictures = splits.split(archive.manifest.pictures, report.groups)
        divided = archive.manifest.model_copy(update={"pictures": pictures})
        report = checks.with_splits(report, divided)
        problems = [*archive.problems, *report.problems]
    for line in _lines(report, problems):
        typer.echo(line)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


def _lines(report: Report, problems: Iterable[Any]) -> Iterable[str]:
    of = report.splits
    yield f"train {of.train:,}, validation {of.validation:,}, test {of.test:,}"
    for each in report.classes:
        objects = f", {each.objects:,} objects" if each.objects else ""
        held_out = f"validation {each.validation:,}, test {each.test:,}"
        yield f"  {each.name}: {each.pictures:,} pictures{objects} (train {each.train:,}, {held_out})"
    for problem in problems:
        yield f"{problem.severity}: {problem.message}"
        yield from (f"  {name}" for name in problem.files[:_SHOWN_FILES])
        if problem.count > _SHOWN_FILES and problem.files:
            yield f"  and {problem.count - min(_SHOWN_FILES, len(problem.files)):,} more"


@app.command("import")
def import_dataset(
    file: Archive,
    name: Annotated[str, typer.Option(help="The dataset's name; by default that of the file.")] = "",
    server: Server = _DEFAULT_SERVER,
    key: Key = "",
) -> None:
    """Send an archive or a table to a server, which makes version 1 of it; prints the dataset's id."""
    try:
        opened = file.open("rb")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    with opened, connect(server, key) as client:
        upload = checked(client.post("/v1/uploads", files={"file": (file.name, opened)})).json()
        body = {"name": name or file.stem, "upload_id": upload["id"]}
        dataset = checked(client.post("/v1/datasets", json=body)).json()
        job = finished(client, f"/v1/jobs/{dataset['job']['id']}", _print_progress)
        for problem in job["result"]["report"]["problems"]:
            typer.echo(f"{problem['severity']}: {problem['message']}", err=True)
        if "recognized" in job["result"]:
            typer.echo(job["result"]["recognized"], err=True)
    typer.echo(dataset["id"])


@app.command()
def export(
    dataset: Annotated[str, typer.Argument(help="The dataset's id.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
    form: Annotated[Form, typer.Option(help="glassbox, coco or yolo.")] = "glassbox",
    version: Annotated[int, typer.Option(help="The version; by default the newest.")] = 0,
    server: Server = _DEFAULT_SERVER,
    key: Key = "",
) -> None:
    """Write a version of a server's dataset as a ZIP archive."""
    arguments.check_target(to)
    with connect(server, key) as client:
        newest = version or checked(client.get(f"/v1/datasets/{dataset}")).json()["newest_version"]
        if newest is None:
            raise InputError("The dataset has no version yet.")
        address = f"/v1/datasets/{dataset}/versions/{newest}/export"
        with client.stream("GET", address, params={"form": form}) as answer:
            if answer.is_error:
                answer.read()
            checked(answer)
            partial = to.with_name(f".{to.name}.partial")
            try:
                with partial.open("wb") as file:
                    for piece in answer.iter_bytes():
                        file.write(piece)
                partial.replace(to)
            finally:
                partial.unlink(missing_ok=True)
    typer.echo(f"{to}: version {newest}")


def _print_progress(job: dict[str, Any]) -> None:
    _progress(job["progress"]["step"], job["progress"]["total"], job["progress"]["message"])


def _progress(done: int, total: int, message: str = "Checking the pictures") -> None:
    """On a terminal one line that is overwritten."""
    if sys.stderr.isatty() and total:
        end = "\n" if done >= total else ""
        typer.echo(f"\r{message} {done:,} of {total:,}   {end}", nl=False, err=True)


if __name__ == "__main__":
    entry.run(app)
