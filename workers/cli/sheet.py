"""`glassbox sheet`: real photos before and after a capability, in one picture."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from backend.services.models import pretrained
from models.core.contract import registry
from models.core.contract.errors import InputError
from workers import device as devices
from workers.cli import chosen, entry
from workers.cli.arguments import Capability, Device, Model

app = entry.command_line("sheet")
Raw = Annotated[Path, typer.Option(help="Folder of the packages that models.core.recipe.sources unpacks.")]
Sheet = Annotated[Path, typer.Option(help="The PNG to write.")]


@app.command()
def run(
    capability: Capability,
    raw: Raw = Path("raw"),
    out: Sheet = Path("sheet.png"),
    model: Model = "",
    device: Device = "",
) -> None:
    """Draw 24 real photos before and after a capability, to look at and to count its failures."""
    card = chosen.card(capability)
    try:
        sheet = registry.code(capability, "recipe.photo_sheet").SHEET
    except ModuleNotFoundError as error:
        raise InputError(f"{capability} has no sheet of photos: {error}") from error
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    weights = chosen.weights(card, model)
    registry.find_fetched_with(pretrained.local)
    predictor = registry.code(capability, "predict").Predictor(weights, device or devices.select())
    drawing = registry.core("recipe.photo_sheet")  # loads torch
    drawing.draw(sheet, predictor, card.predict_params(), raw).save(out)


if __name__ == "__main__":
    entry.run(app)
