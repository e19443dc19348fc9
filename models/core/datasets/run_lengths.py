"""Masks as run lengths, in plain Python: COCO's compressed text, areas and boxes.

The runs of a mask are the lengths of its stretches of zeros and ones, column by column, zeros first (Lin et
al. 2014, arXiv:1405.0312; `maskApi.c` of the COCO API). The compressed text writes each run in groups of five
bits, from the third on as the difference from the run two before it.
"""

from models.core.contract.dataset import Mask

_FIRST = 48  # the text's letters begin at "0"
_MOST_GROUPS = 8  # 40 bits: no picture needs more


class BrokenMask(ValueError):
    """The run lengths make no mask."""


def runs_of(mask: Mask) -> list[int]:
    """The run lengths, zeros first.

    Raises:
        BrokenMask: not COCO's text, a negative length, or not as many pixels as `mask.size` has.
    """
    runs = _decompress(mask.counts) if isinstance(mask.counts, str) else mask.counts
    height, width = mask.size
    if min(runs, default=0) < 0 or sum(runs) != height * width:
        raise BrokenMask
    return runs


def compress(runs: list[int]) -> str:
    """COCO's text for run lengths."""
    letters = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        while True:
            group = value & 0x1F
            value >>= 5
            has_more = value != (-1 if group & 0x10 else 0)
            letters.append(chr((group | 0x20 if has_more else group) + _FIRST))
            if not has_more:
                break
    return "".join(letters)


def _decompress(text: str) -> list[int]:
    runs: list[int] = []
    value = groups = 0
    for letter in text:
        code = ord(letter) - _FIRST
        if not 0 <= code < 64 or groups == _MOST_GROUPS:
            raise BrokenMask
        value |= (code & 0x1F) << 5 * groups
        groups += 1
        if code & 0x20:
            continue
        if code & 0x10:
            value -= 1 << 5 * groups
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = groups = 0
    if groups:
        raise BrokenMask
    return runs


def area(runs: list[int]) -> int:
    """How many pixels the mask has."""
    return sum(runs[1::2])


def box(runs: list[int], height: int) -> tuple[float, float, float, float] | None:
    """(xmin, ymin, xmax, ymax) around the mask's pixels; None: it has none."""
    columns: list[int] = []
    rows: list[int] = []
    start = 0
    for index, run in enumerate(runs):
        if index % 2 and run:
            last = start + run - 1
            columns += [start // height, last // height]
            whole = start // height != last // height  # the run passes the lower edge
            rows += [0, height - 1] if whole else [start % height, last % height]
        start += run
    if not columns:
        return None
    return float(min(columns)), float(min(rows)), float(max(columns) + 1), float(max(rows) + 1)
