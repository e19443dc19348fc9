"""`glassbox log`: verify the log of decisions, export it, and delete personal data from it."""

import json
import re
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from backend.migrations.upgrade import upgrade
from backend.services.log import entries, forgetting, sealing
from backend.services.log.verification import Place, verify
from models.core.contract.errors import InputError
from workers.cli import arguments, entry

app = entry.command_line("log")

_PLACE = re.compile(r"([1-9]\d*):([0-9a-f]{64})")


@app.callback()
def log() -> None:
    """The log of decisions in the database that the settings name."""
    upgrade()


@app.command("verify")
def verify_log(
    noted: Annotated[
        str, typer.Option(help="POSITION:HASH of an entry, as an earlier verification printed it.")
    ] = "",
) -> None:
    """Compute every hash again. Exit code 1: entries were changed, deleted, inserted, or moved."""
    place = _PLACE.fullmatch(noted)
    if noted and place is None:
        raise InputError(f"{noted!r} is not POSITION:HASH.")
    found = verify(Place(int(place[1]), place[2]) if place else None)
    waiting = f", {found.waiting} wait to be added" if found.waiting else ""
    deleted = f", {found.deleted_details} details deleted on request" if found.deleted_details else ""
    typer.echo(f"{found.entries:,} entries, {found.first} to {found.last}{waiting}{deleted}")
    for position, text in found.problems:
        typer.echo(f"entry {position}: {text}", err=True)
    if found.problems:
        raise InputError("The log is not valid.")
    typer.echo(f"The log is valid. Note elsewhere: {found.last}:{found.head}")


@app.command()
def export(to: Annotated[Path, typer.Option(help="The file to write, as JSON lines.")]) -> None:
    """Write every entry of the chain, for other programs to verify and keep."""
    arguments.check_target(to)
    sealing.seal()
    number = 0
    with to.open("w", encoding="utf-8") as file:
        for line in entries.lines():
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            number += 1
    typer.echo(f"{to}: {number:,} entries")


@app.command()
def forget(
    who: Annotated[str, typer.Option(help="Name of a key or a person; also in jobs and reviews.")] = "",
    job: Annotated[UUID | None, typer.Option(help="Id of a job: who, which files, which answer.")] = None,
    file: Annotated[str, typer.Option(help="Name or SHA-256 of a file, and the answers to it.")] = "",
) -> None:
    """Delete personal data from the entries; they remain, and the log is still valid."""
    if sum(map(bool, (who, job, file))) != 1:
        raise InputError("Give one of --who, --job and --file.")
    number = (
        forgetting.forget_person(who)
        if who
        else forgetting.forget_job(job)
        if job
        else forgetting.forget_file(file)
    )
    typer.echo(f"{number:,} {'entry no longer has' if number == 1 else 'entries no longer have'} it.")


if __name__ == "__main__":
    entry.run(app)
