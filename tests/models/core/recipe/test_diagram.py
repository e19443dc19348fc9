"""Diagrams of networks: sizes, arrows, errors, and a description in words."""

from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from models.core.recipe.diagram import Arrow, Block, draw, output_sizes

SVG = "{http://www.w3.org/2000/svg}"
BLOCKS = [
    Block("Input", (3, 32, 32), column=0, row=0),
    Block("Maps", (16, 16, 16), column=1, row=0, group="Encoder", note="stride 2"),
    Block("Code", (12,), column=2, row=0, group="Encoder"),
    Block("Output & loss", (3, 32, 32), column=2, row=1, group="Decoder"),
]
ARROWS = [
    Arrow("Input", "Maps"),
    Arrow("Maps", "Code", "flatten"),
    Arrow("Code", "Output & loss"),
    Arrow("Maps", "Output & loss", is_skip=True),
]


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314  made by the code under test


def test_a_diagram_is_svg_with_names_sizes_and_a_description() -> None:
    root = parse(draw("A small network", BLOCKS, ARROWS))
    texts = [element.text for element in root.iter(f"{SVG}text")]

    assert root.findtext(f"{SVG}title") == "A small network"
    assert {"Maps", "16 × 16 × 16", "stride 2", "12", "flatten", "Encoder", "Decoder"} <= set(texts)
    description = root.findtext(f"{SVG}desc")
    assert description
    assert "Maps 16 × 16 × 16 (stride 2)" in description
    assert "Maps to Output & loss (skip connection)" in description
    assert len(root.findall(f"{SVG}path")) == len(ARROWS)
    assert [path.get("class") for path in root.iter(f"{SVG}path")].count("skip") == 1


def test_colors_follow_light_and_dark_settings() -> None:
    svg = draw("A small network", BLOCKS, ARROWS)

    assert "prefers-color-scheme: dark" in svg
    assert "fill: currentColor" in svg


def test_an_arrow_over_other_blocks_goes_around_them() -> None:
    root = parse(draw("Leap", BLOCKS, [Arrow("Input", "Code"), Arrow("Input", "Maps")]))
    around, straight = (str(path.get("d")).count("L") for path in root.iter(f"{SVG}path"))

    assert (around, straight) == (3, 1)


@pytest.mark.parametrize(
    ("blocks", "arrows", "message"),
    [
        ([*BLOCKS, Block("Maps", (1,), column=3, row=3)], [], "same name"),
        ([*BLOCKS, Block("Other", (1,), column=0, row=0)], [], "same place"),
        (BLOCKS, [Arrow("Input", "Nowhere")], "missing: Nowhere"),
    ],
)
def test_mistakes_are_reported(blocks: list[Block], arrows: list[Arrow], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw("Wrong", blocks, arrows)


def test_sizes_are_read_from_the_network() -> None:
    model = nn.Sequential(nn.Conv2d(3, 5, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(5 * 16, 7))

    sizes = output_sizes(model, torch.zeros(1, 3, 8, 8), {"maps": model[0], "code": model[2]})

    assert sizes == {"maps": (5, 4, 4), "code": (7,)}
    assert not model[0]._forward_hooks
