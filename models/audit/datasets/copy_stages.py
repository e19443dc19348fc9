"""What is shown of near-duplicates: their number, and pairs that should not be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from models.audit.datasets.copies import Copies
from models.audit.inspection import table
from models.audit.sheets import Tile, sheet_stage
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Stage
from models.core.tables import headings

SHOWN_SETS = 12

KIND = Text("audit.datasets.copies.kind", "what")
SETS = Text("audit.datasets.copies.sets", "sets")
EXACT = Text("audit.datasets.copies.exact", "exact copies")
NEAR = Text("audit.datasets.copies.near", "near-duplicates, exact copies included")
OVER = Text("audit.datasets.copies.over", "near-duplicates in several splits")
DIFFERENT = Text("audit.datasets.copies.different", "near-duplicates with different labels")
EXAMPLES = Text("audit.datasets.copies.examples", "examples")
TITLE = Text("audit.datasets.copies.title", "Copies and near-duplicates")
ABOUT_PICTURES = Text(
    "audit.datasets.copies.about_pictures",
    "Pictures whose perceptual hashes differ in at most 6 of 64 bits. A test picture with a near-duplicate "
    "in the training data measures memory instead of skill.",
)
ABOUT_ROWS = Text(
    "audit.datasets.copies.about_rows",
    "Rows that are alike in all columns but the target, identifiers aside; numbers are compared in "
    "hundredths of their range. A random split puts some of a set into the training and some into the test "
    "data, which then measures memory instead of skill.",
)
AGREEMENT = Text(
    "audit.datasets.copies.agreement",
    "{agreeing:,} of {sets:,} {sets:set|sets} of near-duplicates {agreeing:has|have} one label ({low:.0%} to "
    "{high:.0%} with 95% "
    "confidence): no model can be right more often on them.",
)
OVER_TITLE = Text("audit.datasets.copies.over.title", "Near-duplicates in several splits")
OVER_ABOUT = Text("audit.datasets.copies.over.about", "Two of each set, with their splits.")
DIFFERENT_TITLE = Text("audit.datasets.copies.different.title", "Near-duplicates with different labels")
DIFFERENT_ABOUT = Text(
    "audit.datasets.copies.different.about",
    "Two of each set: one of the labels may be wrong, or the classes look the same by what is recorded.",
)
SET = Text("audit.datasets.copies.set", "set {n}")
FIRST, SECOND = Text("audit.datasets.copies.first", "one"), Text("audit.datasets.copies.second", "another")
LABEL = Text("audit.datasets.copies.label", "label")
SPLIT = Text("audit.datasets.copies.split", "split")

Decode = Callable[[Mapping[str, Any]], Image.Image]  # the picture of a reference


@dataclass(frozen=True)
class Pairs:
    """Sets of near-duplicates that differ in something, with the index of each one's name."""

    id: str
    title: Message
    about: Message
    sets: Sequence[np.ndarray]
    values: np.ndarray
    names: Sequence[str]
    shown: Message  # what the names are


def copy_stages(copies: Copies, decode: Decode | None) -> Iterator[Stage]:
    """What was found; then pairs over splits, and pairs whose labels differ. None without any copies.

    Args:
        decode: None: they are rows of a table.
    """
    if not copies.sets:
        return
    listed = {
        EXACT(): copies.exact_sets,
        NEAR(): copies.sets,
        OVER(): copies.over_splits,
        DIFFERENT(): copies.disagreeing,
    }
    rows = [[name, len(sets), sum(map(len, sets))] for name, sets in listed.items()]
    about = ABOUT_ROWS() if decode is None else ABOUT_PICTURES()
    yield table("copies", TITLE(), about, [KIND(), SETS(), EXAMPLES()], rows, "datasets.copies.Copies")
    over = copies.over_splits, copies.parts, copies.part_names, SPLIT()
    different = copies.disagreeing, copies.labels, copies.label_names, LABEL()
    yield from _pair_stages(copies, Pairs("copies-over-splits", OVER_TITLE(), OVER_ABOUT(), *over), decode)
    yield from _pair_stages(
        copies, Pairs("copies-labels", DIFFERENT_TITLE(), DIFFERENT_ABOUT(), *different), decode
    )


def _pair_stages(copies: Copies, pairs: Pairs, decode: Decode | None) -> Iterator[Stage]:
    sets = [each[:2].tolist() for each in pairs.sets[:SHOWN_SETS]]
    if not sets:
        return
    if decode is None:
        rows = [
            [number, copies.references[member]["row"], pairs.names[int(pairs.values[member])]]
            for number, members in enumerate(sets, 1)
            for member in members
        ]
        columns = [SETS(), headings.ROW(), pairs.shown]
        yield table(pairs.id, pairs.title, pairs.about, columns, rows, "datasets.copies.Copies")
        return
    tiles = [
        [
            Tile(decode(copies.references[member]), pairs.names[int(pairs.values[member])])
            for member in members
        ]
        for members in sets
    ]
    yield sheet_stage(
        pairs.id,
        pairs.title,
        pairs.about,
        tiles,
        row_names=[SET(n=number) for number in range(1, len(sets) + 1)],
        column_names=[FIRST(), SECOND()],
        captions_name=pairs.shown,
        code="models.audit.datasets.copies.Copies",
    )
