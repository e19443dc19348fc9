"""The finished sweeps that ship with the application."""

import json

from backend.errors import NotFound
from backend.schemas.sweeps import SweepRead
from backend.services.capabilities import card
from backend.services.sweeps.summary import Outcome, summarize
from backend.tables import Status


def read(capability: str, name: str, figure: str | None = None) -> SweepRead:
    """A shipped sweep, as `results.read`. Raises NotFound."""
    shown = card(capability)
    for sweep in shown.sweeps:
        if sweep.name == name:
            data = json.loads(sweep.file.read_text("utf-8"))
            return summarize(
                [Outcome(**cell) for cell in data["cells"]],
                data,
                capability=capability,
                name=sweep.title,
                status=Status.SUCCEEDED,
                figure=figure,
                samples=data.get("samples"),
            )
    raise NotFound(f"{shown.title} has no sweep {name!r}.")
