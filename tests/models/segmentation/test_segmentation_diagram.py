"""The committed diagrams of the U-Nets are those that their real sizes give."""

from models.core.contract import checkpoint
from models.core.recipe.diagram import FOLDER
from models.segmentation.architecture import Config
from models.segmentation.card import WEIGHTS
from models.segmentation.instances import architecture as instances
from models.segmentation.recipe.diagram import diagram, mask_diagram


def test_the_committed_diagram_shows_the_shipped_network() -> None:
    svg = diagram(Config.from_json(checkpoint.load(WEIGHTS)[0]))

    assert (FOLDER / "segmentation.svg").read_text("utf-8") == svg


def test_the_diagram_follows_the_architecture() -> None:
    config = Config(("background", "bird"), widths=(4, 8, 8, 8, 12), depths=(0,) * 5, image_size=64)
    svg = diagram(config)

    assert all(f">{size}<" in svg for size in ("3 × 64 × 64", "4 × 32 × 32", "12 × 2 × 2", "2 × 32 × 32"))
    assert svg.count(">skip<") == 4


def test_the_diagram_of_the_mask_network_shows_its_real_sizes() -> None:
    assert (FOLDER / "segmentation-instances.svg").read_text("utf-8") == mask_diagram(instances.Config())

    small = mask_diagram(instances.Config(widths=(12, 10, 8, 6, 4), image_size=64))
    assert all(f">{size}<" in small for size in ("512 × 2 × 2", "12 × 2 × 2", "4 × 32 × 32", "1 × 64 × 64"))
