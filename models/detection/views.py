"""Several views of a picture: it is also searched mirrored, smaller and larger, and the boxes are fused.

Solovyev et al. 2021, Weighted boxes fusion, arXiv:1910.13302: instead of keeping the best of several boxes of
an object and dropping the others, the answer is their mean, weighted by their scores. The score is the mean
over all views, in which a view without such a box counts as 0: what only one shows is rarely an object.
Differences from the paper: boxes are grouped whatever their class, since views often name one object
differently, and the class with the largest sum of scores is taken; of the boxes of one view in a group, the
best one counts.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import torch
from PIL import Image
from torchvision.ops import box_iou

from models.core.contract import cancellation
from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Stage
from models.detection.data import Picture, View
from models.detection.slicing import Sliceable
from models.detection.suppression import Candidates, Decision, Thresholds, suppress_within_and_across

SAME_OBJECT = 0.65  # IoU with the mean box of a group, above which a box belongs to it
MIN_SCORE = 0.1  # of a box that is fused, unless a prediction asks for lower ones

TITLE = Text("detection.views.title", "{count} views")
ABOUT = Text(
    "detection.views.explanation",
    "The network finds other objects, and other boxes for them, when a picture is mirrored, smaller or "
    "larger. Boxes of all views with an IoU above {iou} are taken for one object. Their mean, weighted by "
    "their scores, is the candidate, and its score is the mean over all views: where a view has no such box, "
    "it counts as 0.",
)
VIEW = Text("detection.views.view", "View")
SIDE = Text("detection.views.side", "Side of the input")
BOXES = Text("detection.views.boxes", "Boxes above the threshold")
FUSED = Text("detection.views.fused", "all views, fused")
CANDIDATES = Text(
    "detection.views.candidates",
    "These are the boxes of all views, fused: one for each group of boxes that show the same object. Boxes "
    "with a score below the threshold are discarded. As a score is the mean over all views, it is lower than "
    "that of a single one, and so is the model's own threshold. A lower one finds more objects and makes "
    "more mistakes.",
)
PLAIN = Text("detection.views.plain", "as uploaded")
MIRRORED = Text("detection.views.mirrored", "mirrored")


class Viewer(Sliceable, Protocol):
    """What the search in several views needs of a detector."""

    views: tuple[View, ...]  # in addition to the plain one; empty: it has no others


def search(network: Viewer, item: Picture) -> tuple[Candidates, ...]:
    """The candidates in each further view, in pixels of the upload. Raises Canceled between views."""
    found = []
    for view in item.views:
        cancellation.check()
        upload = item.upload.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if view.is_mirrored else item.upload
        picture = network.prepare(upload, view.side)
        (raw,) = network.forward([picture])
        candidates = network.candidates(picture, raw)
        found.append(mirrored(candidates) if view.is_mirrored else candidates)
    return tuple(found)


def mirrored(found: Candidates) -> Candidates:
    """The candidates of a mirrored picture, in pixels of the picture itself."""
    left, top, right, bottom = found.boxes.unbind(1)
    return replace(found, boxes=torch.stack([found.width - right, top, found.width - left, bottom], dim=1))


def fused(views: Sequence[Candidates], thresholds: Thresholds) -> Candidates:
    """One set of candidates from those of all views, the plain one first. No cell predicted them.

    Boxes with a score below `MIN_SCORE`, or the threshold if that is lower, are left out, and those of each
    view are suppressed first.
    """
    plain, limits = views[0], replace(thresholds, score=min(MIN_SCORE, thresholds.score))
    parts = [suppressed(view, limits) for view in views]
    boxes, scores, labels = (torch.cat([part[index] for part in parts]) for index in range(3))
    view = torch.cat([torch.full((len(part[1]),), number) for number, part in enumerate(parts)])
    order = scores.argsort(descending=True, stable=True)
    boxes, scores, labels, view = boxes[order], scores[order], labels[order], view[order]
    means, sums, names = [boxes[:0]], [], []
    for group in grouped(boxes, scores):
        best: dict[int, float] = {}  # of each view
        for index in group:  # in descending order of the scores
            best.setdefault(int(view[index]), float(scores[index]))
        votes = torch.zeros(len(plain.names)).index_add(0, labels[group], scores[group])
        means.append(weighted_mean(boxes[group], scores[group])[None])
        sums.append(sum(best.values()))
        names.append(int(votes.argmax()))
    return Candidates.sorted(
        torch.cat(means),
        torch.tensor(sums) / len(views),
        torch.tensor(names, dtype=torch.int64),
        names=plain.names,
        width=plain.width,
        height=plain.height,
        cells=torch.full((len(sums), 4), -1),
    )


def suppressed(view: Candidates, thresholds: Thresholds) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Boxes, scores and labels that one view alone would answer with."""
    above = int((view.scores >= thresholds.score).sum())  # the first ones, as they are sorted
    boxes, scores, labels = view.boxes[:above], view.scores[:above], view.labels[:above]
    kept = suppress_within_and_across(boxes, scores, labels, thresholds).kept
    return boxes[kept], scores[kept], labels[kept]


def grouped(boxes: torch.Tensor, scores: torch.Tensor) -> list[list[int]]:
    """Boxes (n, 4), highest score first -> the indices of those that show one object each.

    Each box joins the group with whose mean its IoU is highest, or begins one if none exceeds `SAME_OBJECT`.
    """
    groups: list[list[int]] = []
    means = boxes.new_zeros(0, 4)
    for index in range(len(boxes)):
        iou = box_iou(boxes[index : index + 1], means)[0]
        if len(groups) and float(iou.max()) > SAME_OBJECT:
            best = int(iou.argmax())
            groups[best].append(index)
            means[best] = weighted_mean(boxes[groups[best]], scores[groups[best]])
        else:
            groups.append([index])
            means = torch.cat([means, boxes[index : index + 1]])
    return groups


def weighted_mean(boxes: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """(4,) the mean of boxes (n, 4), weighted by their scores (n,)."""
    return (boxes * scores[:, None]).sum(dim=0) / scores.sum()


def names_of(side: int, views: Sequence[View]) -> list[tuple[Message, int]]:
    """Of the plain view and of each further one its name and the side of the network's input."""
    return [(PLAIN(), side), *((MIRRORED() if each.is_mirrored else PLAIN(), each.side) for each in views)]


def views_stage(
    names: Sequence[tuple[Message, int]], views: Sequence[Candidates], alone: Thresholds, decided: Decision
) -> Stage:
    """What each view would have found alone, with the thresholds `alone`, and what all find together."""
    rows: list[list[Message | int | None]] = [
        [name, side, len(suppressed(view, alone)[1])] for (name, side), view in zip(names, views, strict=True)
    ]
    rows.append([FUSED(), None, decided.count("kept")])
    columns = [{"name": VIEW()}, {"name": SIDE(), "unit": "px"}, {"name": BOXES()}]
    return Stage(
        "views",
        Kind.TABLE,
        TITLE(count=len(views)),
        ABOUT(iou=SAME_OBJECT),
        {"columns": columns, "rows": rows},
        count=len(views),
        code="models.detection.views.fused",
    )
