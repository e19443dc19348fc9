"""Draws a network as a diagram: its layers with their sizes, joined by arrows, as an SVG file.

A capability lists its layers in `models/<capability>/recipe/diagram.py` and places each on a grid:

    blocks = [
        Block("Input", (3, 64, 64), column=0, row=0, group="Encoder"),
        Block("Features", (32, 32, 32), column=1, row=0, group="Encoder"),
    ]
    save("denoising", draw("Denoiser", blocks, [Arrow("Input", "Features")]))

A block is drawn as a slab: the higher it is, the more rows its map has; the wider, the more channels. Sizes
come from the real network, never from memory: `output_sizes` runs it once and reads them. The drawing follows
the reader's light or dark setting, and its description lists every block and arrow in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import sqrt
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).parents[3] / "docs" / "diagrams"
CELL_WIDTH, CELL_HEIGHT = 170, 122  # pixels of one place in the grid
SLAB_TOP, SLAB_HEIGHT, SLAB_WIDTH = 14, 50, 60  # the largest slab, and its distance from the cell's top
LINE = 16  # pixels from one line of text to the next
MARGIN, TITLE_HEIGHT, LEGEND_HEIGHT = 16, 36, 34
LANE = 9  # pixels between an arrow that leaps over blocks and the next such arrow
# Okabe and Ito's colors, which color-blind readers can distinguish
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
STYLE = """\
.network-diagram { color: #1d2327; font-family: system-ui, sans-serif; font-size: 12px }
.network-diagram text { fill: currentColor; text-anchor: middle }
.network-diagram .title { font-size: 16px; font-weight: 600; text-anchor: start }
.network-diagram .name { font-weight: 600 }
.network-diagram .left { text-anchor: start }
.network-diagram path { fill: none; stroke: currentColor; stroke-width: 1.5 }
.network-diagram .skip { stroke-dasharray: 5 4 }
.network-diagram .head { fill: currentColor; stroke: none }
@media (prefers-color-scheme: dark) { .network-diagram { color: #e6e9ec } }"""


@dataclass(frozen=True)
class Block:
    """One layer, or one group of layers, and the size of what leaves it."""

    name: str  # unique in the diagram; arrows refer to it
    size: tuple[int, ...]  # channels, height, width; or only a vector's length
    column: int
    row: int
    group: str = ""  # blocks of one group share a color, which the legend names
    note: str = ""  # a third line of text, such as what the layer does


@dataclass(frozen=True)
class Arrow:
    """Data that flows from one block to another, both by name."""

    source: str
    target: str
    label: str = ""
    is_skip: bool = False  # drawn dashed: a skip connection


def output_sizes(
    model: nn.Module, example: torch.Tensor, layers: Mapping[str, nn.Module]
) -> dict[str, tuple[int, ...]]:
    """What leaves each of `layers` when `model` runs on `example` (1, ...): its size without the batch."""
    sizes: dict[str, tuple[int, ...]] = {}

    def hook_for(name: str):
        def hook(_module: nn.Module, _inputs: tuple, output: torch.Tensor) -> None:
            sizes[name] = tuple(output.shape[1:])

        return hook

    handles = [layer.register_forward_hook(hook_for(name)) for name, layer in layers.items()]
    try:
        with torch.inference_mode():
            model.eval()(example)
    finally:
        for handle in handles:
            handle.remove()
    return sizes


def save(capability: str, svg: str) -> Path:
    """Write the diagram of `capability` to docs/diagrams, where its page shows it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{capability}.svg"
    path.write_text(svg, "utf-8")
    return path


def draw(title: str, blocks: Sequence[Block], arrows: Sequence[Arrow]) -> str:
    """The SVG document. The same arguments give the same bytes.

    An arrow along a row or a column is straight, or goes around the blocks in between; any other one has one
    bend. Two blocks must not share a place.

    Raises:
        ValueError: two blocks share a name or a place, or an arrow names a block that is missing.
    """
    _check(blocks, arrows)
    slabs = _slabs(blocks)
    groups = list(dict.fromkeys(block.group for block in blocks if block.group))
    width = 2 * MARGIN + (1 + max(block.column for block in blocks)) * CELL_WIDTH
    height = MARGIN + TITLE_HEIGHT + (1 + max(block.row for block in blocks)) * CELL_HEIGHT
    height += LEGEND_HEIGHT if groups else 0
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="network-diagram" role="img" '
        f'aria-labelledby="diagram-title diagram-desc" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">',
        f'<title id="diagram-title">{escape(title)}</title>',
        f'<desc id="diagram-desc">{escape(_description(blocks, arrows))}</desc>',
        f"<style>\n{STYLE}\n</style>",
        f'<text class="title" x="{MARGIN}" y="{MARGIN + 14}">{escape(title)}</text>',
        *_draw_arrows(arrows, slabs),
        *(line for block in blocks for line in _draw_block(slabs[block.name], groups)),
        *_draw_legend(groups, height),
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def _check(blocks: Sequence[Block], arrows: Sequence[Arrow]) -> None:
    names = {block.name for block in blocks}
    if len(names) < len(blocks):
        raise ValueError("two blocks have the same name")
    if len({(block.column, block.row) for block in blocks}) < len(blocks):
        raise ValueError("two blocks lie at the same place")
    missing = {end for arrow in arrows for end in (arrow.source, arrow.target)} - names
    if missing:
        raise ValueError(f"arrows name blocks that are missing: {', '.join(sorted(missing))}")


@dataclass(frozen=True)
class _Slab:
    """Where a block is drawn, in pixels."""

    block: Block
    width: int
    height: int

    @property
    def center(self) -> int:
        return MARGIN + self.block.column * CELL_WIDTH + CELL_WIDTH // 2

    @property
    def middle(self) -> int:
        return MARGIN + TITLE_HEIGHT + self.block.row * CELL_HEIGHT + SLAB_TOP + SLAB_HEIGHT // 2

    @property
    def left(self) -> int:
        return self.center - self.width // 2

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def top(self) -> int:
        return self.middle - self.height // 2

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def text_bottom(self) -> int:
        """Below the block's last line of text."""
        lines = 3 if self.block.note else 2
        return self.middle + SLAB_HEIGHT // 2 + lines * LINE + 3


def _slabs(blocks: Sequence[Block]) -> dict[str, _Slab]:
    """Side lengths grow with the square root, so that small maps stay visible beside large ones."""
    maps = [block.size for block in blocks if len(block.size) == 3]
    most_channels = max((size[0] for size in maps), default=1)
    most_rows = max((size[1] for size in maps), default=1)
    slabs = {}
    for block in blocks:
        width, height = SLAB_WIDTH, SLAB_HEIGHT // 3
        if len(block.size) == 3:
            width = 8 + round((SLAB_WIDTH - 8) * sqrt(block.size[0] / most_channels))
            height = 8 + round((SLAB_HEIGHT - 8) * sqrt(block.size[1] / most_rows))
        slabs[block.name] = _Slab(block, width // 2 * 2, height // 2 * 2)
    return slabs


def size_text(size: Sequence[int]) -> str:
    """A size as the diagram shows it: 64 × 28 × 28."""
    return " × ".join(f"{side:,}" for side in size)


def _draw_block(slab: _Slab, groups: Sequence[str]) -> list[str]:
    block = slab.block
    color = COLORS[groups.index(block.group) % len(COLORS)] if block.group else "currentColor"
    base = slab.middle + SLAB_HEIGHT // 2 + LINE
    lines = [
        f'<rect x="{slab.left}" y="{slab.top}" width="{slab.width}" height="{slab.height}" rx="2" '
        f'fill="{color}" fill-opacity="0.35" stroke="{color}" stroke-width="1.5"/>',
        f'<text class="name" x="{slab.center}" y="{base}">{escape(block.name)}</text>',
        f'<text x="{slab.center}" y="{base + LINE}">{size_text(block.size)}</text>',
    ]
    if block.note:
        lines.append(f'<text x="{slab.center}" y="{base + 2 * LINE}">{escape(block.note)}</text>')
    return lines


def _draw_arrows(arrows: Sequence[Arrow], slabs: Mapping[str, _Slab]) -> list[str]:
    lines, leaps = [], 0
    taken = {(slab.block.column, slab.block.row) for slab in slabs.values()}
    for arrow in arrows:
        source, target = slabs[arrow.source], slabs[arrow.target]
        if _blocks_between(source.block, target.block, taken):
            points, leaps = _around(source, target, leaps * LANE), leaps + 1
        else:
            points = _direct(source, target, taken)
        lines += _draw_arrow(arrow, points)
    return lines


def _blocks_between(source: Block, target: Block, taken: set[tuple[int, int]]) -> bool:
    """Whether another block lies between two of one row or one column."""
    (left, right), (top, bottom) = (
        sorted(pair) for pair in ((source.column, target.column), (source.row, target.row))
    )
    if top == bottom:
        return any((column, top) in taken for column in range(left + 1, right))
    return left == right and any((left, row) in taken for row in range(top + 1, bottom))


Point = tuple[int, int]


def _direct(source: _Slab, target: _Slab, taken: set[tuple[int, int]]) -> list[Point]:
    """A straight line, or one bend: down and across, or across and up, unless a block lies at the corner."""
    rightward = target.center > source.center
    leave = (source.right + 3, source.middle) if rightward else (source.left - 3, source.middle)
    enter = (target.left - 3, target.middle) if rightward else (target.right + 3, target.middle)
    downward = source.block.row < target.block.row
    leave_vertically = (source.center, source.text_bottom if downward else source.top - 3)
    enter_vertically = (target.center, target.top - 3 if downward else target.text_bottom)
    if source.block.row == target.block.row:
        return [leave, enter]
    if source.block.column == target.block.column:
        return [leave_vertically, enter_vertically]
    corner_below, corner_beside = (
        (source.block.column, target.block.row),
        (target.block.column, source.block.row),
    )
    is_vertical_first = corner_below not in taken if downward else corner_beside in taken
    if is_vertical_first:
        return [leave_vertically, (source.center, target.middle), enter]
    return [leave, (target.center, source.middle), enter_vertically]


def _around(source: _Slab, target: _Slab, shift: int) -> list[Point]:
    """Over the blocks of a row, or to the left of those of a column."""
    if source.block.row == target.block.row:
        over = MARGIN + TITLE_HEIGHT + source.block.row * CELL_HEIGHT + 4 - shift
        return [(source.center, source.top - 3), (source.center, over), (target.center, over),
                (target.center, target.top - 3)]  # fmt: skip
    beside = source.center - CELL_WIDTH // 2 + 6 + shift
    return [(source.left - 3, source.middle), (beside, source.middle), (beside, target.middle),
            (target.left - 3, target.middle)]  # fmt: skip


def _draw_arrow(arrow: Arrow, points: Sequence[Point]) -> list[str]:
    path = "M" + " L".join(f"{x} {y}" for x, y in points)
    (before_x, before_y), (x, y) = points[-2:]
    dx, dy = _sign(x - before_x), _sign(y - before_y)
    back_x, back_y = x - 7 * dx, y - 7 * dy
    head = f"{x},{y} {back_x + 4 * dy},{back_y + 4 * dx} {back_x - 4 * dy},{back_y - 4 * dx}"
    style = ' class="skip"' if arrow.is_skip else ""
    lines = [
        f'<path{style} d="{path}"/>',
        f'<polygon class="head" points="{head}"/>',
    ]
    if arrow.label:
        lines.append(_draw_label(arrow.label, points))
    return lines


def _draw_label(label: str, points: Sequence[Point]) -> str:
    """Above the longest horizontal part, or to the right of a vertical line."""
    (x1, y1), (x2, y2) = max(pairwise(points), key=lambda part: abs(part[0][0] - part[1][0]))
    if x1 == x2:
        return f'<text class="left" x="{x1 + 6}" y="{(y1 + y2) // 2 + 4}">{escape(label)}</text>'
    return f'<text x="{(x1 + x2) // 2}" y="{y1 - 5}">{escape(label)}</text>'


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _draw_legend(groups: Sequence[str], height: int) -> list[str]:
    lines, x, y = [], MARGIN, height - MARGIN
    for number, group in enumerate(groups):
        color = COLORS[number % len(COLORS)]
        lines += [
            f'<rect x="{x}" y="{y - 10}" width="12" height="12" rx="2" fill="{color}" fill-opacity="0.35" '
            f'stroke="{color}"/>',
            f'<text class="left" x="{x + 18}" y="{y}">{escape(group)}</text>',
        ]
        x += 40 + 7 * len(group)
    return lines


def _description(blocks: Sequence[Block], arrows: Sequence[Arrow]) -> str:
    """The diagram in words."""
    layers = "; ".join(
        f"{block.name} {size_text(block.size)}{f' ({block.note})' if block.note else ''}" for block in blocks
    )
    links = "; ".join(
        f"{arrow.source} to {arrow.target}"
        f"{f' ({arrow.label})' if arrow.label else ' (skip connection)' if arrow.is_skip else ''}"
        for arrow in arrows
    )
    return f"Layers, each with its channels, height and width: {layers}. Connections: {links}."
