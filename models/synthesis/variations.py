"""The same drawing changed a little, and the answers: what does the network respond to?

For lines: mirrored, thicker, broken, outlines alone. For a label map: two parts swapped, which shows that the
network follows the map rather than the place.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch

from models.core.contract.messages import Text
from models.core.contract.prediction import Stage
from models.core.generative.sample_history import SampleHistory
from models.synthesis import edges
from models.synthesis.architecture import Networks
from models.synthesis.data import to_bytes
from models.synthesis.label_map import Painted
from models.synthesis.pictures import flat_colors, part_name

SWAPS = (("hair", "clothes"), ("hair", "skin"), ("skin", "clothes"))
REMOVED = (("beard", "skin"), ("eyes", "skin"), ("hair", "background"))
MOST = 6  # drawings in the stage: more would be too small to look at

TITLE = Text("synthesis.variations.title", "If the drawing were different")
EDGES_ABOUT = Text(
    "synthesis.variations.edges",
    "The drawing, changed in five ways, and the answer to each. A network that only filled between lines "
    "would do the same everywhere; this one has also learned how people leave gaps and press on the pen.",
)
MAP_ABOUT = Text(
    "synthesis.variations.map",
    "Parts exchanged or removed, and the answer to each. Where hair is painted, hair appears, even on a "
    "shoulder; how plausible that looks shows which maps the network has never seen.",
)
DRAWINGS = Text("synthesis.variations.drawings", "drawing")
ANSWERS = Text("synthesis.variations.answers", "answer")
AS_IT_IS = Text("synthesis.variations.same", "as it is")
MIRRORED = Text("synthesis.variations.mirrored", "mirrored")
UPSIDE_DOWN = Text("synthesis.variations.upside_down", "upside down")
THICK = Text("synthesis.variations.thick", "three pixels wide")
GAPS = Text("synthesis.variations.gaps", "with gaps")
HALF = Text("synthesis.variations.half", "left half only")
SWAPPED = Text("synthesis.variations.swapped", "{one} ↔ {other}")
WITHOUT = Text("synthesis.variations.without", "without {part}")


def variations_stage(
    networks: Networks,
    condition: torch.Tensor,
    painted: Painted | None,
    with_adversary: bool,
) -> Stage:
    """Changed drawings in the first row, the answers in the second."""
    if painted is None:
        names, lines = zip(*changed_lines(condition), strict=True)
        conditions = torch.stack(lines)
        drawings = 2 * conditions - 1
    else:
        names, maps = zip(*changed_maps(painted.labels, networks.config.parts), strict=True)
        changed = [Painted(each, painted.palette) for each in maps]
        conditions = torch.stack([each.condition for each in changed])
        drawings = torch.stack([flat_colors(each, networks.config) for each in changed])
    network = networks.generator if with_adversary else networks.twin
    device = next(network.parameters()).device
    answers = network(conditions.to(device)).float().cpu()
    side = networks.config.side
    sheet = SampleHistory(
        (side, side),
        len(names),
        row_names=(DRAWINGS(), ANSWERS()),
        column_names=names,
    )
    sheet.add(0, to_bytes(torch.cat([drawings, answers])))
    stage = sheet.stage(
        id="variations",
        title=TITLE(),
        explanation=MAP_ABOUT() if painted else EDGES_ABOUT(),
        code=f"{__name__}.{'changed_maps' if painted else 'changed_lines'}",
    )
    file = replace(stage.files[0], name="variations.png")
    data = {**stage.data, "steps": [{"step": None, "file": file.name}]}  # a single sheet has no step
    return replace(stage, data=data, files=(file,), count=len(names))


def changed_lines(lines: torch.Tensor) -> Sequence[tuple[str, torch.Tensor]]:
    """(1, S, S) -> names and changed lines."""
    random = np.random.default_rng(0)  # the same gaps in every inspection
    half = lines.clone()
    half[..., lines.shape[-1] // 2 :] = 0
    return [
        (AS_IT_IS(), lines),
        (MIRRORED(), lines.flip(2)),
        (UPSIDE_DOWN(), lines.flip(1)),
        (THICK(), edges.thicken(lines[None], 3, random)[0]),
        (GAPS(), edges.with_gaps(lines[None], random)[0]),
        (HALF(), half),
    ]


def changed_maps(labels: torch.Tensor, parts: tuple[str, ...]) -> Sequence[tuple[str, torch.Tensor]]:
    """(S, S) -> names and changed maps, of parts that the map has; those of other banks are exchanged in "
    "turn."""
    present = {parts[index] for index in labels.unique().tolist()}
    changed: list[tuple[str, torch.Tensor]] = [(AS_IT_IS(), labels)]
    swaps = [pair for pair in SWAPS if set(pair) <= present]
    if not swaps:
        shown = [name for name in parts if name in present]
        swaps = list(pairwise(shown))
    for one, other in swaps:
        first, second = parts.index(one), parts.index(other)
        swapped = torch.where(labels == first, second, torch.where(labels == second, first, labels))
        changed.append((SWAPPED(one=part_name(one), other=part_name(other)), swapped))
    for part, instead in REMOVED:
        if {part, instead} <= present:
            without = torch.where(labels == parts.index(part), parts.index(instead), labels)
            changed.append((WITHOUT(part=part_name(part)), without))
    return changed[:MOST]
