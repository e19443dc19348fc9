"""What a detector finds, misses and invents on labeled pictures, for an audit by groups.

Boxes are matched as in COCO, class by class at IoU 0.5: `models.detection.metrics`. A box that overlaps a
crowd is neither right nor wrong. Boxes of classes that the dataset has no labels of are not counted: nobody
has looked whether they are right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.core.auditing.attributes import box_size, brightness
from models.core.auditing.changes import Change
from models.core.auditing.outcomes import NOTHING, Attribute, Learned, Outcomes, Report
from models.core.auditing.pictures import Answered, answers, by_brightness, labeled, reference
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.datasets.archive import Dataset
from models.detection.card import AuditParams, PredictParams
from models.detection.metrics import iou_matrix
from models.detection.predict import SIDES, Predictor

IOU = 0.5
SIZES = ("small", "medium", "large")

CLASS = Text("detection.audit.class", "class")
BOX_SIZE = Text("detection.audit.box_size", "box size")
SIZE_NAMES = (
    Text("detection.audit.small", "small (below 0.33% of the picture)"),
    Text("detection.audit.medium", "medium"),
    Text("detection.audit.large", "large (3% of the picture and more)"),
)
UNKNOWN = Text(
    "detection.audit.unknown", "Objects of classes that the model does not know are left out: {names}."
)
UNLABELED = Text(
    "detection.audit.unlabeled",
    "{n:,} {n:box|boxes} of classes that this dataset has no labels of {n:is|are} not counted: "
    "{n:it|they} may be right.",
)
NONE_KNOWN = Text(
    "detection.audit.no_known_class",
    "The model and the dataset have no class in common. The model knows: {known}.",
)


def outcomes(
    predictor: Predictor,
    source: Dataset,
    params: AuditParams,
    progress: Report,
    *,
    change: Change | None = None,
    learned: Learned = Learned(),  # noqa: B008  frozen
) -> Outcomes:
    """Every labeled object, found or missed, and every box without an object.

    Raises:
        InputError: no labeled pictures, no class in common, or a damaged picture.
    """
    pictures, notes = labeled(source, params.part, learned)
    known = predictor.network.labels
    classes = tuple(name for name in known if name in source.manifest.classes)
    if not classes:
        raise InputError(NONE_KNOWN(known=", ".join(known[:20])))
    examples, light, unlabeled = _Examples(classes), [], 0
    requested = PredictParams(score=params.threshold)
    for index, answer in enumerate(answers(predictor, requested, source, pictures, progress, change)):
        unlabeled += _match(examples, index, answer, change)
        light.append(brightness(answer.image))
    if unlabeled:
        notes.append(UNLABELED(n=unlabeled))
    unknown = [name for name in source.manifest.classes if name not in classes]
    if unknown:
        notes.append(UNKNOWN(names=", ".join(unknown[:20])))
    return examples.outcomes(
        np.array(light),
        [reference(source, picture) for picture in pictures],
        len(source.manifest.pictures) - len(pictures),
        notes,
    )


@dataclass
class _Examples:
    """The examples so far, an entry each."""

    classes: tuple[str, ...]
    actual: list[int] = field(default_factory=list)
    predicted: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    boxes: list[list[float]] = field(default_factory=list)

    def add(
        self, picture: int, box: np.ndarray, size: str, *, actual: int, predicted: int, score: float
    ) -> None:
        self.actual.append(actual)
        self.predicted.append(predicted)
        self.scores.append(score)
        self.sizes.append(SIZES.index(size))
        self.pictures.append(picture)
        self.boxes.append([round(float(side), 1) for side in box])

    def outcomes(
        self, light: np.ndarray, pictures: Sequence[dict[str, str]], left_out: int, notes: list[Message]
    ) -> Outcomes:
        """`light` (P,) is the brightness of each picture."""
        actual, predicted = np.array(self.actual, int), np.array(self.predicted, int)
        of = np.array(self.pictures, int)
        shine = by_brightness(light)
        sizes = Attribute(BOX_SIZE(), np.array(self.sizes, int), tuple(text() for text in SIZE_NAMES))
        return Outcomes(
            task="detection",
            classes=self.classes,
            actual=actual,
            predicted=predicted,
            scores=np.array(self.scores),
            attributes={
                "class": Attribute(CLASS(), np.maximum(actual, predicted), self.classes),
                "box size": sizes,
                "brightness": Attribute(shine.title, shine.values[of], shine.names, of_pictures=shine.values),
            },
            target="class",
            pictures=pictures,
            picture_of=of,
            details=[{"box": box} for box in self.boxes],
            left_out=left_out,
            notes=tuple(notes),
        )


def _match(examples: _Examples, index: int, answer: Answered, change: Change | None) -> int:
    """Add the objects and boxes of one picture; returns how many boxes are of classes without labels."""
    width, height = answer.image.size
    objects = answer.picture.annotation.objects if answer.picture.annotation else []
    objects = [each for each in objects if each.label in examples.classes]
    true = np.array([each.box for each in objects], float).reshape(-1, 4)
    true = true if change is None else change.boxes(true, width, height)
    labels = np.array([examples.classes.index(each.label) for each in objects], int)
    is_crowd = np.array([each.is_crowd for each in objects], bool)
    found = [each for each in answer.result["objects"] if each["label"] in examples.classes]
    owner = matched(_boxes(found), [examples.classes.index(each["label"]) for each in found], true, labels)
    taken = {int(own): place for place, own in enumerate(owner) if own >= 0}
    for place in np.flatnonzero(~is_crowd).tolist():
        box, by = true[place], taken.get(place)
        examples.add(
            index,
            box,
            box_size(tuple(box), width, height),
            actual=int(labels[place]),
            predicted=NOTHING if by is None else int(labels[place]),
            score=float("nan") if by is None else float(found[by]["score"]),
        )
    for each, own, box in zip(found, owner, _boxes(found), strict=True):
        label = examples.classes.index(each["label"])
        if own < 0 and not _is_in_crowd(box, true[is_crowd & (labels == label)]):
            size = box_size(tuple(box), width, height)
            examples.add(index, box, size, actual=NOTHING, predicted=label, score=float(each["score"]))
    return len(answer.result["objects"]) - len(found)


def _boxes(objects: Sequence[dict[str, Any]]) -> np.ndarray:
    return np.array([[each["box"][side] for side in SIDES] for each in objects], float).reshape(-1, 4)


def matched(
    boxes: np.ndarray, labels: Sequence[int], true: np.ndarray, true_labels: np.ndarray
) -> np.ndarray:
    """(n,) the true box that each predicted box claims, -1 for none.

    Args:
        boxes: (n, 4), the highest score first; each claims the true box of its class with the highest IoU
            among those not yet claimed, if it is at least `IOU`.
    """
    ious, free = iou_matrix(boxes, true), np.ones(len(true), bool)
    owner = np.full(len(boxes), -1)
    for index, label in enumerate(labels):
        possible = np.where(free & (true_labels == label), ious[index], -1.0)
        if len(possible) and possible.max() >= IOU:
            owner[index] = int(possible.argmax())
            free[owner[index]] = False
    return owner


def _is_in_crowd(box: np.ndarray, crowds: np.ndarray) -> bool:
    """Whether at least half of the box lies in a crowd."""
    low, high = np.maximum(box[:2], crowds[:, :2]), np.minimum(box[2:], crowds[:, 2:])
    inside = np.clip(high - low, 0, None).prod(axis=1)
    area = max(float(np.clip(box[2:] - box[:2], 0, None).prod()), 1e-9)
    return bool((inside / area >= IOU).any())
