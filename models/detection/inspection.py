"""The steps of one detection, each with its data, and words for somebody who sees it for the first time."""

import numpy as np
import torch

from models.core.contract.card import Kind
from models.core.contract.prediction import Output, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_png_quickly
from models.core.images.letterbox import Letterbox
from models.detection.architecture import SLOT_SIZES, STRIDES, decode
from models.detection.candidates import CAP, Decision
from models.detection.card import PredictParams
from models.detection.network import Input, Raw

INPUT = (
    "Pictures come in every size, the network takes one. The picture is shrunk or enlarged until it "
    "fits, keeping its proportions, and what remains of the square is filled with gray. Detail that is "
    "lost here is lost for good: an object of a few pixels cannot be found any more. The boxes are "
    "carried back to the original pixels at the end."
)
INPUT_COCO = (
    "The picture is resized so that its shorter side has the length that the network was trained with, "
    "unless the longer one would get too long. This is what the network sees. Detail that is lost here "
    "is lost for good: an object of a few pixels cannot be found any more. The boxes are carried back "
    "to the original pixels at the end."
)
BACKBONE = (
    "Layers of small filters turn the picture into feature maps, each of which is bright where one "
    "pattern was found: first edges and colors, deeper ones parts of things. Every few layers height "
    "and width are halved, so that a cell comes to see more of the picture. Three depths are kept: fine "
    "maps for small objects, coarse ones for large."
)
GRID = (
    "The maps are grids of cells, and every cell proposes two boxes around its own place. For each it "
    "tells how sure it is that an object is there, which is the objectness, and how likely each class "
    "would be. Most cells say: nothing. Pick a cell to see its boxes; they may reach far beyond it."
)
CANDIDATES = (
    "All boxes of all cells, most of them nonsense. A box's score is its objectness times the "
    "probability of its likeliest class. Boxes with a score below the threshold are left out. A lower "
    "threshold finds more objects and makes more mistakes: this one number trades the two, and no value "
    "of it is right for every use."
)
CANDIDATES_COCO = (
    "The boxes that the network proposes for each class, with their scores, before duplicates are "
    "removed. The network itself leaves out those that it hardly believes in. Boxes with a score below "
    "your threshold are left out next. A lower threshold finds more objects and makes more mistakes: no "
    "value is right for every use."
)
SUPPRESSION = (
    "Neighboring cells see the same object, so it has many boxes. The one with the best score is kept; "
    "every weaker box of the same class that overlaps it more than the threshold is dropped; then the "
    "next best remaining box is kept, and so on. Overlap is measured as IoU: the shared area divided by "
    "the area of both together."
)
BOXES = (
    "What is left is the answer: for each object a box, a class and a score. A score is not a "
    "probability of being right, only an order that the network learned from its training pictures. A "
    "thing of a kind that it never saw gets the label of whatever it resembles, or no box at all."
)


def input_stage(given: Input, words: str, code: str) -> Stage:
    """What the network sees."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(given.seen), "image/png")
    data = {
        "file": file.name,
        "width": given.seen.width,
        "height": given.seen.height,
        "alt": f"The picture at {given.seen.width} by {given.seen.height} pixels, as the network sees it.",
    }
    return Stage("input", Kind.IMAGE, "Input", words, data, (file,), code=code)


def backbone_stage(features: tuple[torch.Tensor, ...]) -> Stage:
    """All feature maps of the three depths, one picture of tiles a depth."""
    levels, files = feature_maps.levels(
        (f"stride {stride}", maps, f"stride{stride}.png")
        for maps, stride in zip(features, STRIDES, strict=True)
    )
    count = sum(len(maps) for maps in features)
    return Stage(
        "backbone",
        Kind.FEATURE_MAPS,
        "Backbone",
        BACKBONE,
        {"levels": levels},
        files,
        count,
        "models.core.training.backbone.Backbone",
    )


def grid_stage(grids: tuple[torch.Tensor, ...], labels: tuple[str, ...], placed: Letterbox) -> Stage:
    """What every cell of every grid says."""
    levels, total = [], 0
    predicted = decode([grid[None] for grid in grids])
    boxes = placed.to_upload(predicted.boxes[0])
    objectness, classes = predicted.objectness[0].sigmoid(), predicted.classes[0].sigmoid()
    for grid, stride in zip(grids, STRIDES, strict=True):
        slots, _, rows, columns = grid.shape
        part = slice(total, total + rows * columns * slots)
        shape = (rows, columns, slots)
        sure = objectness[part].view(shape)
        said = torch.cat([boxes[part].round(decimals=1), objectness[part, None], classes[part]], dim=1)
        levels.append(
            {
                "name": f"stride {stride}",
                "stride": stride,
                "rows": rows,
                "columns": columns,
                "left": round(-placed.left / placed.scale_x, 2),
                "top": round(-placed.top / placed.scale_y, 2),
                "cell_width": round(stride / placed.scale_x, 3),
                "cell_height": round(stride / placed.scale_y, 3),
                "objectness": short(sure.amax(dim=2), 4),
                "boxes_per_cell": slots,
                "cells": short(said.view(*shape, -1), 4),
            }
        )
        total = part.stop
    data = {"width": placed.width, "height": placed.height, "labels": list(labels), "levels": levels}
    title = f"Grid of cells, {len(SLOT_SIZES)} boxes each"
    return Stage("grid", Kind.GRID, title, GRID, data, (), total, "models.detection.architecture.decode")


def box_stages(decision: Decision, params: PredictParams, words: str) -> tuple[Stage, Stage, Stage]:
    """Candidates, suppression, and the boxes that are left."""
    boxes = decision.items()
    candidates = decision.candidates
    nothing = [None] * len(boxes)  # of a network without cells
    sure = nothing if candidates.objectness is None else candidates.objectness[: len(boxes)].tolist()
    cells = nothing if candidates.cells is None else candidates.cells[: len(boxes)].tolist()
    for item, objectness, cell in zip(boxes, sure, cells, strict=True):
        item["objectness"] = objectness and round(objectness, 4)
        item["cell"] = cell and dict(zip(("level", "row", "column", "slot"), cell, strict=True))
    data = {
        "width": candidates.width,
        "height": candidates.height,
        "total": len(decision.status),
        "cap": CAP,
        "defaults": {"score": params.score, "iou": params.iou, "max_objects": params.max_objects},
        "boxes": boxes,
    }
    funnel = decision.funnel
    return (
        Stage("candidates", Kind.BOXES, "Candidates", words, data | {"show": "candidates"},
              count=funnel["candidates"], code="models.detection.candidates.decide"),
        Stage("suppression", Kind.BOXES, "Suppression", SUPPRESSION, data | {"show": "suppressed"},
              count=funnel["suppressed"], code="models.detection.suppression.suppress"),
        Stage("boxes", Kind.BOXES, "Boxes", BOXES, data | {"show": "kept"},
              count=funnel["kept"], code="models.detection.candidates.decide"),
    )  # fmt: skip


def inspect(given: Input, raw: Raw, decision: Decision, params: PredictParams) -> tuple[Stage, ...]:
    """All stages of one detection, in order."""
    if not raw.grids:
        resize = input_stage(given, INPUT_COCO, "models.detection.pretrained.torchvision.CocoNetwork.prepare")
        return (resize, *box_stages(decision, params, CANDIDATES_COCO))
    return (
        input_stage(given, INPUT, "models.core.images.letterbox.letterbox"),
        backbone_stage(raw.features),
        grid_stage(raw.grids, decision.candidates.names, given.placed),
        *box_stages(decision, params, CANDIDATES),
    )


def short(values: torch.Tensor, digits: int) -> np.ndarray:
    """Numbers short enough for JSON, as float32; not finite ones become 0."""
    return values.nan_to_num(0.0, 0.0, 0.0).round(decimals=digits).cpu().numpy()
