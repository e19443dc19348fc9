"""The stages of a detection by NanoDet up to its candidates."""

from typing import Any

import torch

from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage
from models.core.images import feature_maps
from models.core.images.letterbox import Letterbox
from models.detection.data import Picture, Raw
from models.detection.inspection import (
    BACKBONE,
    BACKBONE_TITLE,
    STRIDE,
    finite,
    grid_data,
    grid_level,
    input_stage,
)
from models.detection.pretrained.nanodet import DISTANCES, STRIDES, Boxes, decode
from models.detection.suppression import Decision

MAX_BOXES = 40  # whose distributions are shown
MAX_CANDIDATES = 5  # of an answer without boxes

INPUT = Text(
    "detection.nanodet.input",
    "Pictures come in all sizes, but the network takes only one. The picture is resized to fit a square of "
    "{side} pixels, with its aspect ratio preserved, and the rest of the square is filled with black. Detail "
    "that is lost here is lost for good. At the end, the boxes are mapped back to the original pixels.",
)
PYRAMID_TITLE = Text("detection.nanodet.pyramid.title", "Pyramid")
PYRAMID = Text(
    "detection.nanodet.pyramid.explanation",
    "Deep maps know what is shown, shallow ones where it is. Each deep map is enlarged and added to the next "
    "shallower one; then the sums are shrunk and added on the way back. Afterwards all three maps know both. "
    "Nothing but resizing and adding happens here, apart from one 1 × 1 convolution that brings each map to "
    "128 channels.",
)
GRID_TITLE = Text("detection.nanodet.grid.title", "Three grids, one box per cell")
GRID = Text(
    "detection.nanodet.grid.explanation",
    "Every cell of three grids predicts one box and a score for each of the {classes} classes. There is no "
    "objectness: the score itself estimates how well the box fits an object of the class. The fine grid is "
    "for small objects, the coarse one for large ones. Cells that won a box of the answer are marked; select "
    "any cell to see its box.",
)
DISTANCES_TITLE = Text("detection.nanodet.distances.title", "Where the sides are")
DISTANCES_ABOUT = Text(
    "detection.nanodet.distances.explanation",
    "For each side of its box, a cell predicts no single number but how likely each distance from its center "
    "is, from 0 to 10 strides. The side is placed at the mean. A clear edge gives a narrow peak; where an "
    "edge is blurred, hidden or outside the picture, the distribution is broad or has two peaks. Select a "
    "box of the answer to see its four distributions.",
)
CANDIDATES = Text(
    "detection.nanodet.candidates",
    "These are the boxes of all cells, each with its best class, and again with every other class whose "
    "score is at least 0.05; most of them are wrong. Boxes with a score below the threshold are discarded. A "
    "lower threshold raises recall and lowers precision: it finds more objects and makes more mistakes. "
    "Duplicates are then suppressed within each class, and finally across classes: of a cat that is also "
    "taken for a dog, the better guess remains.",
)
SIDE_NAMES = (
    Text("detection.nanodet.left", "left"),
    Text("detection.nanodet.top", "top"),
    Text("detection.nanodet.right", "right"),
    Text("detection.nanodet.bottom", "bottom"),
)
HERE = "models.detection.pretrained.nanodet"


def steps(picture: Picture, raw: Raw, decision: Decision) -> tuple[Stage, ...]:
    """Input, feature maps, pyramid, grids and distributions."""
    predicted = decode([grid[None] for grid in raw.grids])
    return (
        input_stage(picture, INPUT(side=picture.scaled.width), "models.core.images.letterbox.letterbox"),
        maps_stage("backbone", BACKBONE_TITLE(), BACKBONE(), raw.features, "C", f"{HERE}.NanoDet.features"),
        maps_stage("pyramid", PYRAMID_TITLE(), PYRAMID(), raw.pyramid, "N", f"{HERE}.Pyramid"),
        grid_stage(raw.grids, predicted, decision, picture.placement),
        distances_stage(predicted, raw.grids, decision, picture.placement),
    )


def maps_stage(
    name: str, title: str, explanation: str, maps: tuple[torch.Tensor, ...], letter: str, code: str
) -> Stage:
    """Maps at three strides; in the papers C3, C4 and C5, or N3, N4 and N5."""
    levels, files = feature_maps.levels(
        (f"{letter}{level} · {STRIDE(n=stride)}", each, f"{name}{stride}.png")
        for level, (each, stride) in enumerate(zip(maps, STRIDES, strict=True), 3)
    )
    count = sum(len(each) for each in maps)
    return Stage(name, Kind.FEATURE_MAPS, title, explanation, {"levels": levels}, files, count, code)


def grid_stage(
    grids: tuple[torch.Tensor, ...], predicted: Boxes, decision: Decision, placement: Letterbox
) -> Stage:
    """The box and scores of every cell; the brightness of a cell is its best score."""
    levels, start = [], 0
    boxes, scores = placement.to_upload(predicted.boxes[0]), predicted.scores[0]
    for grid, stride in zip(grids, STRIDES, strict=True):
        _, rows, columns = grid.shape
        part = slice(start, start := start + rows * columns)
        best = finite(scores[part].amax(dim=1).view(rows, columns), 3)
        values = torch.cat([boxes[part].round(decimals=1), scores[part, :1], scores[part]], dim=1)
        cells = finite(values.view(rows, columns, 1, -1), 3)
        cells[..., 4] = float("nan")  # no objectness: null in JSON
        levels.append(grid_level(stride, placement, best, cells))
    return Stage(
        "grid",
        Kind.GRID,
        GRID_TITLE(),
        GRID(classes=scores.shape[1]),
        grid_data(levels, decision, placement),
        count=start,
        code=f"{HERE}.decode",
    )


def distances_stage(
    predicted: Boxes, grids: tuple[torch.Tensor, ...], decision: Decision, placement: Letterbox
) -> Stage:
    """The four distributions of each box in the answer, or of the best candidates where it has none."""
    starts = torch.tensor([0, *(grid.shape[1] * grid.shape[2] for grid in grids)]).cumsum(0)
    shown = []
    for index in decision.kept[:MAX_BOXES] or range(min(MAX_CANDIDATES, len(decision.status))):
        assert decision.candidates.cells is not None  # noqa: S101  NanoDet has cells
        level, row, column, _ = decision.candidates.cells[index].tolist()
        if level < 0:  # of a slice
            continue
        cell = int(starts[level]) + row * grids[level].shape[2] + column
        shown.append(
            decision.item(index)
            | distances_of(predicted.distances[0, cell], STRIDES[level], row, column, placement)
        )
    data = {"width": placement.width, "height": placement.height, "steps": DISTANCES - 1, "boxes": shown}
    return Stage(
        "distances",
        Kind.DISTRIBUTIONS,
        DISTANCES_TITLE(),
        DISTANCES_ABOUT(),
        data,
        count=len(shown),
        code=f"{HERE}.decode",
    )


def distances_of(
    probabilities: torch.Tensor, stride: int, row: int, column: int, placement: Letterbox
) -> dict[str, Any]:
    """Probabilities (4, 11) as JSON, with the cell's center and the length of a stride in the upload."""
    distances = torch.arange(DISTANCES, dtype=torch.float32)
    means = (probabilities * distances).sum(dim=1)
    deviations = (probabilities * (distances - means[:, None]) ** 2).sum(dim=1).sqrt()
    scales = (placement.scale_x, placement.scale_y, placement.scale_x, placement.scale_y)
    sides = [
        {
            "name": name(),
            "step": round(stride / scale, 3),
            "mean": round(float(mean), 2),
            "deviation": round(float(deviation), 2),
            "probabilities": finite(each, 4),
        }
        for name, scale, mean, deviation, each in zip(
            SIDE_NAMES, scales, means, deviations, probabilities, strict=True
        )
    ]
    center = {
        "x": round(((column + 0.5) * stride - placement.left) / placement.scale_x, 2),
        "y": round(((row + 0.5) * stride - placement.top) / placement.scale_y, 2),
    }
    return {"stride": stride, "center": center, "sides": sides}
