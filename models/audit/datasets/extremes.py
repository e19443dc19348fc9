"""The pictures of each class that differ most from the others: the darkest, the least sharp, the smallest."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from PIL import Image

from models.audit.datasets.copy_stages import Decode
from models.audit.datasets.facts import Facts
from models.audit.groups import Groups
from models.audit.sheets import Tile, sheet_stage
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage

SHOWN_GROUPS = 10  # the largest ones

TITLE = Text("audit.datasets.extremes", "Extremes by {column}")
ABOUT = Text(
    "audit.datasets.extremes.about",
    "The examples of each group at both ends of brightness, sharpness and size. An odd one may be broken or "
    "labeled wrongly; if one group has only such, a model may learn that instead.",
)
VALUE = Text("audit.datasets.extremes.value", "value")
ENDS = {
    "brightness": (
        Text("audit.datasets.extremes.darkest", "darkest"),
        Text("audit.datasets.extremes.brightest", "brightest"),
    ),
    "sharpness": (
        Text("audit.datasets.extremes.least_sharp", "least sharp"),
        Text("audit.datasets.extremes.sharpest", "sharpest"),
    ),
    "box size": (
        Text("audit.datasets.extremes.smallest", "smallest box"),
        Text("audit.datasets.extremes.largest", "largest box"),
    ),
}


def extremes_stage(facts: Facts, groups: Groups, decode: Decode) -> Iterator[Stage]:
    """A row for each of the largest groups."""
    sizes = np.bincount(groups.of, minlength=len(groups.names))
    shown = [int(index) for index in np.argsort(-sizes, kind="stable")[:SHOWN_GROUPS]]
    present = [name for name in ENDS if name in facts.attributes]
    kept: dict[str, Image.Image] = {}
    rows = []
    for index in shown:
        own = np.flatnonzero(groups.of == index)
        row = []
        for name in present:
            values = facts.attributes[name].values[own]
            for place in (int(values.argmin()), int(values.argmax())):
                image = _decoded(facts.references[own[place]], decode, kept)
                row.append(Tile(image, f"{values[place]:.3g}"))
        rows.append(row)
    if present:
        yield sheet_stage(
            "extremes",
            TITLE(column=groups.column),
            ABOUT(),
            rows,
            row_names=[groups.names[index] for index in shown],
            column_names=[end() for name in present for end in ENDS[name]],
            captions_name=VALUE(),
            code=f"{__name__}.extremes_stage",
        )


def _decoded(reference: Mapping[str, Any], decode: Decode, kept: dict[str, Image.Image]) -> Image.Image:
    """Once for each example."""
    key = repr(reference)
    if key not in kept:
        kept[key] = decode(reference)
    return kept[key]
