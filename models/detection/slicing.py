"""Detection in slices: which pictures are sliced, and the boxes of all slices as one picture's candidates."""

from collections.abc import Sequence
from typing import Protocol

import torch
from PIL import Image

from models.core.contract import cancellation, progress
from models.core.contract.messages import Message, Text
from models.core.images.slices import Box, cut, is_cut, is_large, without_fragments
from models.detection.card import PredictParams
from models.detection.data import Picture, Raw
from models.detection.suppression import Candidates

MAX_BOXES = 300  # of a slice, the best: hardly any of the others passes a threshold
MIN_SCORE = 0.01  # of a box in a slice, unless a prediction asks for lower ones
_SHRUNK = 4  # from which on a note warns of lost detail

SLICED = Text(
    "detection.note.sliced",
    "Scaled to the network's input, this picture of {width:,} × {height:,} pixels shrinks by a factor of "
    "{factor}. It was therefore also searched in {count} overlapping slices.",
)
SHRUNK = Text(
    "detection.note.shrunk",
    "For the network, this picture of {width:,} × {height:,} pixels was shrunk by a factor of {factor}: "
    "objects smaller than about {pixels:,} pixels cannot be found. Slices would preserve their detail.",
)
_FEW_PIXELS = 8  # of the network's input, in which hardly any object is found


class Sliceable(Protocol):
    """What the search in slices needs of a detector."""

    max_batch: int

    def prepare(self, upload: Image.Image, side: int | None = None) -> Picture:
        """`side`: of the network's square input, instead of its own."""
        ...

    def forward(self, pictures: list[Picture]) -> list[Raw]: ...

    def candidates(self, picture: Picture, raw: Raw) -> Candidates: ...


def slices_of(upload: Image.Image, side: int, params: PredictParams) -> tuple[Box, ...]:
    """The slices of an upload for a network whose input has `side` pixels."""
    is_sliced = params.slices == "on" or (params.slices == "auto" and is_large(*upload.size, side))
    return tuple(cut(*upload.size, side)) if is_sliced else ()


def note_on_size(upload: Image.Image, side: int, slices: Sequence[Box]) -> Message | None:
    """How much a large picture is shrunk, or by how many slices that is made up for."""
    factor = round(max(upload.size) / side)
    size = {"width": upload.width, "height": upload.height, "factor": factor}
    if slices:
        return SLICED(count=len(slices), **size)
    return SHRUNK(pixels=round(factor * _FEW_PIXELS), **size) if factor > _SHRUNK else None


def search(network: Sliceable, item: Picture) -> tuple[Candidates, ...]:
    """The best boxes in each slice of a picture, in pixels of its upload. Raises Canceled between slices."""
    found = []
    progress.expect_tiles(len(item.slices))
    for start in range(0, len(item.slices), network.max_batch):
        boxes = item.slices[start : start + network.max_batch]
        pictures = [_prepared(network, item.upload, box) for box in boxes]
        for box, picture, raw in zip(boxes, pictures, network.forward(pictures), strict=True):
            found.append(_placed(network.candidates(picture, raw), box, item.min_score))
            progress.finish_tile()
    return tuple(found)


def _prepared(network: Sliceable, upload: Image.Image, box: Box) -> Picture:
    cancellation.check()
    return network.prepare(upload.crop(box))


def _placed(found: Candidates, box: Box, min_score: float) -> Candidates:
    """The best candidates of a slice, in pixels of the upload; cells are those of the whole picture alone."""
    kept = slice(0, min(MAX_BOXES, int((found.scores >= min_score).sum())))
    shift = torch.tensor([box[0], box[1], box[0], box[1]], dtype=found.boxes.dtype)
    objectness = None if found.objectness is None else found.objectness[kept]
    cells = None if found.cells is None else torch.full_like(found.cells[kept], -1)
    return Candidates(
        found.boxes[kept] + shift, found.scores[kept], found.labels[kept], found.names, found.width,
        found.height, objectness, cells,
    )  # fmt: skip


def merged(whole: Candidates, slices: Sequence[Box], found: Sequence[Candidates]) -> Candidates:
    """The candidates of the whole picture and of its slices, without the fragments that edges have cut."""
    if not found:
        return whole
    width, height = whole.width, whole.height
    cuts = [torch.zeros(len(whole.scores), dtype=torch.bool)]
    cuts += [is_cut(each.boxes, box, width, height) for each, box in zip(found, slices, strict=True)]
    every = [whole, *found]
    boxes, labels = torch.cat([each.boxes for each in every]), torch.cat([each.labels for each in every])
    scores = torch.cat([each.scores for each in every])
    kept = without_fragments(boxes, labels, torch.cat(cuts))
    rest: dict[str, torch.Tensor] = {}
    for name in ("objectness", "cells"):
        values = [value for each in every if (value := getattr(each, name)) is not None]
        if len(values) == len(every):
            rest[name] = torch.cat(values)[kept]
    return Candidates.sorted(
        boxes[kept], scores[kept], labels[kept], names=whole.names, width=width, height=height, **rest
    )
