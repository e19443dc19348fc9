"""The stages of one detection: each step with its data and an explanation for a first-time reader."""

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from PIL import ImageDraw

from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Output, Role, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_png_quickly
from models.core.images.letterbox import Letterbox
from models.detection.architecture import SLOT_SIZES, STRIDES, decode
from models.detection.card import PredictParams
from models.detection.data import Picture, Raw
from models.detection.suppression import CAP, Decision, number_of

CELL = ("level", "row", "column", "slot")
OVERVIEW = 1600  # pixels of the longer side of the picture with its slices

INPUT_TITLE = Text("detection.input.title", "Input")
INPUT = Text(
    "detection.input.explanation",
    "Pictures come in all sizes, but the network takes only one. The picture is resized to fit a square, "
    "with its aspect ratio preserved, and the rest of the square is filled with gray. Detail that is lost "
    "here is lost for good: an object that shrinks to a few pixels can no longer be found. At the end, the "
    "boxes are mapped back to the original pixels.",
)
INPUT_COCO = Text(
    "detection.input.explanation_coco",
    "The picture is resized until its shorter side has the length that the network was trained with, unless "
    "the longer side would become too long. This is what the network receives. Detail that is lost here is "
    "lost for good: an object that shrinks to a few pixels can no longer be found. At the end, the boxes are "
    "mapped back to the original pixels.",
)
INPUT_ALT = Text("detection.input.alt", "The picture as the network receives it, {width} by {height} pixels.")
SLICES_TITLE = Text("detection.slices.title", "{count} {count:slice|slices}")
SLICES = Text(
    "detection.slices.explanation",
    "Scaled as a whole, a large picture loses the detail of its small objects. The network is therefore run "
    "on every slice as well, each scaled to the network's input like a picture of its own. Neighboring "
    "slices overlap by a third, so that an object at the edge of one lies whole in the other. A box that the "
    "edge of a slice cuts is dropped where another box shows the same object more completely. The remaining "
    "boxes of all slices and of the whole picture are the candidates.",
)
SLICES_ALT = Text("detection.slices.alt", "The picture with the outlines of its {count} overlapping slices.")
BACKBONE_TITLE = Text("detection.backbone.title", "Backbone")
BACKBONE = Text(
    "detection.backbone.explanation",
    "Layers of small filters turn the picture into feature maps. Each map is bright where the network found "
    "one particular pattern: edges and colors in the first layers, parts of objects in deeper ones. Every "
    "few layers, height and width are halved, so that each cell covers more of the picture. Three levels "
    "are used: fine maps for small objects, coarse maps for large ones.",
)
STRIDE = Text("detection.backbone.stride", "stride {n}")
GRID_TITLE = Text("detection.grid.title", "Grid of cells, {boxes} boxes each")
GRID = Text(
    "detection.grid.explanation",
    "Each map is a grid, and every cell predicts {boxes} boxes near its own position. Each box has an "
    "objectness, which estimates Pr(object) × IoU: how likely it is that an object is there, times how well "
    "the box fits it. It also has a probability for each class. In most cells the objectness is close to "
    "zero. Select a cell to see its boxes; they may extend far beyond it.",
)
CANDIDATES_TITLE = Text("detection.candidates.title", "Candidates")
CANDIDATES = Text(
    "detection.candidates.explanation",
    "These are the boxes of all cells; most of them are wrong. The score of a box is its objectness times "
    "the probability of its most likely class. Boxes with a score below the threshold are discarded. A lower "
    "threshold raises recall and lowers precision: it finds more objects and makes more mistakes. No single "
    "value is right for every use.",
)
CANDIDATES_COCO = Text(
    "detection.candidates.explanation_coco",
    "These are the boxes that the network proposes for each class, with their scores, before duplicates are "
    "removed. The network itself has already dropped the least likely ones. Boxes with a score below your "
    "threshold are discarded next. A lower threshold raises recall and lowers precision: it finds more "
    "objects and makes more mistakes.",
)
SUPPRESSION_TITLE = Text("detection.suppression.title", "Suppression")
SUPPRESSION = Text(
    "detection.suppression.explanation",
    "Neighboring cells detect the same object, so an object has many boxes. Non-maximum suppression keeps "
    "the box with the highest score and removes every other box of the same class whose IoU with it exceeds "
    "the threshold. Then it keeps the best of the remaining boxes, and so on. IoU (intersection over union) "
    "is the area shared by two boxes divided by the area that they cover together.",
)
BOXES_TITLE = Text("detection.boxes.title", "Boxes")
BOXES = Text(
    "detection.boxes.explanation",
    "The remaining boxes are the answer: a box, a class and a score for each object. A score is not the "
    "probability that the box is correct; it only ranks the boxes, as learned from the training pictures. "
    "An object of an unknown class gets the label of whatever it resembles, or no box at all.",
)


def grid_steps(picture: Picture, raw: Raw, decision: Decision) -> tuple[Stage, ...]:
    """The steps of the grid detector up to its candidates."""
    return (
        input_stage(picture, INPUT(), "models.core.images.letterbox.letterbox"),
        backbone_stage(raw.features),
        grid_stage(raw.grids, decision, picture.placement),
    )


def input_stage(picture: Picture, explanation: Message, code: str) -> Stage:
    """The picture as the network receives it."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(picture.scaled), "image/png")
    width, height = picture.scaled.size
    data = {
        "file": file.name,
        "width": width,
        "height": height,
        "alt": INPUT_ALT(width=width, height=height),
    }
    return Stage("input", Kind.IMAGE, INPUT_TITLE(), explanation, data, (file,), code=code, role=Role.INPUT)


def slices_stage(picture: Picture) -> Stage:
    """The picture, at a size for a screen, with the outline of every slice."""
    image = picture.upload.copy()
    image.thumbnail((OVERVIEW, OVERVIEW))
    scale = image.width / picture.upload.width
    draw = ImageDraw.Draw(image)
    for box in picture.slices:
        left, top, right, bottom = (round(value * scale) for value in box)
        corners = left, top, max(left, right - 1), max(top, bottom - 1)
        draw.rectangle(corners, outline="black", width=3)
        draw.rectangle(corners, outline="white", width=1)
    file = Output("slices.png", Kind.IMAGE, encode_png_quickly(image), "image/png")
    count = len(picture.slices)
    alt = SLICES_ALT(count=count)
    data = {"file": file.name, "width": image.width, "height": image.height, "alt": alt}
    return Stage("slices", Kind.IMAGE, SLICES_TITLE(count=count), SLICES(), data, (file,), count=count,
                 code="models.core.images.slices.cut")  # fmt: skip


def backbone_stage(features: tuple[torch.Tensor, ...]) -> Stage:
    """The feature maps of the three levels, one picture of tiles per level."""
    levels, files = feature_maps.levels(
        (STRIDE(n=stride), maps, f"stride{stride}.png")
        for maps, stride in zip(features, STRIDES, strict=True)
    )
    return Stage(
        "backbone",
        Kind.FEATURE_MAPS,
        BACKBONE_TITLE(),
        BACKBONE(),
        {"levels": levels},
        files,
        sum(len(maps) for maps in features),
        "models.core.training.backbone.Backbone",
    )


def grid_stage(grids: tuple[torch.Tensor, ...], decision: Decision, placement: Letterbox) -> Stage:
    """The predictions of every cell of every grid."""
    levels, total = [], 0
    predicted = decode([grid[None] for grid in grids])
    boxes = placement.to_upload(predicted.boxes[0])
    objectness, classes = predicted.objectness[0].sigmoid(), predicted.classes[0].sigmoid()
    for grid, stride in zip(grids, STRIDES, strict=True):
        slots, _, rows, columns = grid.shape
        part = slice(total, total + rows * columns * slots)
        shape = (rows, columns, slots)
        values = torch.cat([boxes[part].round(decimals=1), objectness[part, None], classes[part]], dim=1)
        levels.append(
            grid_level(
                stride,
                placement,
                finite(objectness[part].view(shape).amax(dim=2), 4),
                finite(values.view(*shape, -1), 4),
            )
        )
        total = part.stop
    data = grid_data(levels, decision, placement)
    return Stage(
        "grid",
        Kind.GRID,
        GRID_TITLE(boxes=len(SLOT_SIZES)),
        GRID(boxes=len(SLOT_SIZES)),
        data,
        count=total,
        code="models.detection.architecture.decode",
    )


def grid_level(
    stride: int, placement: Letterbox, objectness: np.ndarray, cells: np.ndarray
) -> dict[str, Any]:
    """One grid, from the map (rows, columns) of its cells and their boxes (rows, columns, slots, values)."""
    rows, columns, slots, _ = cells.shape
    return {
        "name": STRIDE(n=stride),
        "stride": stride,
        "rows": rows,
        "columns": columns,
        "left": round(-placement.left / placement.scale_x, 2),
        "top": round(-placement.top / placement.scale_y, 2),
        "cell_width": round(stride / placement.scale_x, 3),
        "cell_height": round(stride / placement.scale_y, 3),
        "objectness": objectness,
        "boxes_per_cell": slots,
        "cells": cells,
    }


def grid_data(levels: list[dict[str, Any]], decision: Decision, placement: Letterbox) -> dict[str, Any]:
    """All grids, and the cell of each box in the answer."""
    cells = decision.candidates.cells
    winners = [
        {"id": number_of(index), "label": decision.item(index)["label"]}
        | dict(zip(CELL, cells[index].tolist(), strict=True))
        for index in decision.kept
        if cells is not None and cells[index, 0] >= 0
    ]
    return {
        "width": placement.width,
        "height": placement.height,
        "labels": list(decision.candidates.names),
        "levels": levels,
        "winners": winners,
    }


def box_stages(decision: Decision, params: PredictParams, explanation: Message) -> tuple[Stage, Stage, Stage]:
    """The candidates, their suppression, and the boxes that remain."""
    boxes = decision.items()
    candidates = decision.candidates
    unknown = [None] * len(boxes)  # for a network without cells
    objectness = unknown if candidates.objectness is None else candidates.objectness[: len(boxes)].tolist()
    cells = unknown if candidates.cells is None else candidates.cells[: len(boxes)].tolist()
    for item, value, cell in zip(boxes, objectness, cells, strict=True):
        item["objectness"] = value and round(value, 4)
        # a slice has cells of its own, which no stage shows
        item["cell"] = dict(zip(CELL, cell, strict=True)) if cell and cell[0] >= 0 else None
    data = {
        "width": candidates.width,
        "height": candidates.height,
        "total": len(decision.status),
        "cap": CAP,
        "defaults": {**asdict(decision.thresholds), "max_objects": params.max_objects},
        "boxes": boxes,
    }
    funnel = decision.funnel
    return (
        Stage("candidates", Kind.BOXES, CANDIDATES_TITLE(), explanation, data | {"show": "candidates"},
              count=funnel["candidates"], code="models.detection.suppression.decide"),
        Stage("suppression", Kind.BOXES, SUPPRESSION_TITLE(), SUPPRESSION(), data | {"show": "suppressed"},
              count=funnel["suppressed"], code="models.detection.suppression.suppress"),
        Stage("boxes", Kind.BOXES, BOXES_TITLE(), BOXES(), data | {"show": "kept"},
              count=funnel["kept"], code="models.detection.suppression.decide", role=Role.ANSWER),
    )  # fmt: skip


def finite(values: torch.Tensor, digits: int) -> np.ndarray:
    """float32, rounded to what JSON needs; infinite and undefined values become 0."""
    return values.nan_to_num(0.0, 0.0, 0.0).round(decimals=digits).cpu().numpy()
