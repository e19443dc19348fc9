"""The committed diagram of the detector is the one that its real sizes give."""

from models.core.contract import checkpoint
from models.core.recipe.diagram import FOLDER
from models.detection.architecture import Config
from models.detection.card import WEIGHTS
from models.detection.recipe.diagram import diagram


def test_the_committed_diagram_shows_the_shipped_network() -> None:
    svg = diagram(Config.from_json(checkpoint.load(WEIGHTS)[0]))

    assert (FOLDER / "detection.svg").read_text("utf-8") == svg


def test_the_diagram_follows_the_architecture() -> None:
    config = Config(("cat", "dog"), widths=(4, 8, 8, 12, 16), depths=(0,) * 5, neck=10, image_size=64)
    svg = diagram(config)

    # two boxes of 5 + 2 values; 2 * (64 + 16 + 4) boxes in all
    assert all(f">{size}<" in svg for size in ("3 × 64 × 64", "10 × 8 × 8", "14 × 4 × 4", "168 × 7"))
