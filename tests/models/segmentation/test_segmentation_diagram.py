"""The committed diagram of the U-Net is the one that its real sizes give."""

from models.core.contract import checkpoint
from models.core.recipe.diagram import FOLDER
from models.segmentation.architecture import Config
from models.segmentation.card import WEIGHTS
from models.segmentation.recipe.diagram import diagram


def test_the_committed_diagram_shows_the_shipped_network() -> None:
    svg = diagram(Config.from_json(checkpoint.load(WEIGHTS)[0]))

    assert (FOLDER / "segmentation.svg").read_text("utf-8") == svg


def test_the_diagram_follows_the_architecture() -> None:
    config = Config(("background", "bird"), widths=(4, 8, 8, 8, 12), depths=(0,) * 5, image_size=64)
    svg = diagram(config)

    assert all(f">{size}<" in svg for size in ("3 × 64 × 64", "4 × 32 × 32", "12 × 2 × 2", "2 × 32 × 32"))
    assert svg.count(">skip<") == 4
