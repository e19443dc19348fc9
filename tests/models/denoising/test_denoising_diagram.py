"""The diagram on the page of denoising."""

from pathlib import Path

from models.core.contract import checkpoint
from models.denoising.architecture import Config
from models.denoising.card import WEIGHTS
from models.denoising.recipe.diagram import diagram

ROOT = Path(__file__).parents[3]


def test_the_diagram_in_the_documentation_shows_the_shipped_network() -> None:
    config = Config.from_json(checkpoint.load(WEIGHTS)[0])

    assert (ROOT / "docs" / "diagrams" / "denoising.svg").read_text("utf-8") == diagram(config)
    assert "(diagrams/denoising.svg)" in (ROOT / "docs" / "denoising.md").read_text("utf-8")
