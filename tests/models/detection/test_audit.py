"""The examples of a detector's audit: objects found and missed, boxes without an object, crowds."""

import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.audit.of_models.audited import audited
from models.core.auditing.changes import ROTATION, Change
from models.core.auditing.outcomes import NOTHING, Learned, Outcomes
from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Manifest, Picture
from models.core.contract.errors import InputError
from models.core.datasets.archive import Dataset
from models.core.images.codec import encode_png
from models.detection.audit import matched, outcomes
from models.detection.card import AuditParams

CAT, DOG, HEN = "cat", "dog", "hen"
WIDTH, HEIGHT = 80, 60


class Memory:
    """Pictures of one shade each."""

    def read(self, name: str) -> bytes:
        return encode_png(Image.new("RGB", (WIDTH, HEIGHT), (int(name),) * 3))

    def close(self) -> None: ...


class Detector:
    """Finds in the picture of each shade what it is given."""

    max_batch = 2
    network = SimpleNamespace(labels=(CAT, DOG, "bus"))

    def __init__(self, found: dict[int, Any]):
        self.found = found

    def decode(self, inputs: Any, params: Any) -> int:  # noqa: ARG002
        return int(np.asarray(Image.open(io.BytesIO(inputs["image"])))[30, 40, 0])

    def forward(self, items: list[int]) -> list[int]:
        return items

    def encode(self, item: int, raw: int, params: Any) -> Any:  # noqa: ARG002
        sides = ("xmin", "ymin", "xmax", "ymax")
        objects = [
            {"label": label, "score": score, "box": dict(zip(sides, box, strict=True))}
            for label, score, box in self.found.get(item, [])
        ]
        return SimpleNamespace(result={"objects": objects})


def dataset(*objects: list[LabeledObject], split: str = "test") -> Dataset:
    about: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "split": split}
    pictures = [
        Picture(file=str(20 * index), sha256=str(index), annotation=Annotation(objects=each), **about)
        for index, each in enumerate(objects)
    ]
    manifest = Manifest(kind=DatasetKind.BOXES, classes=[CAT, DOG, HEN], pictures=pictures)
    return Dataset(Memory(), manifest, upload_ids={"0": "upload-0"})


def labeled(label: str, *box: float, is_crowd: bool = False) -> LabeledObject:
    return LabeledObject(label=label, box=box, is_crowd=is_crowd)  # type: ignore[arg-type]


def measured(detector: Detector, source: Dataset, change: Change | None = None, **params: Any) -> Outcomes:
    given: Any = detector
    return outcomes(given, source, AuditParams(**params), lambda *_: None, change=change)


def test_every_object_and_every_box_is_one_example() -> None:
    first = [labeled(CAT, 0, 0, 20, 20), labeled(DOG, 40, 0, 60, 20), labeled(HEN, 0, 40, 9, 49)]
    second = [labeled(CAT, 0, 0, 40, 60), labeled(DOG, 40, 0, 80, 60, is_crowd=True)]
    found = {
        0: [(CAT, 0.9, (0, 0, 20, 18)), (CAT, 0.8, (0, 0, 20, 20)), (CAT, 0.6, (40, 0, 60, 20))],
        20: [(DOG, 0.7, (50, 10, 70, 30)), ("bus", 0.5, (0, 0, 9, 9)), (CAT, 0.4, (0, 0, 20, 60))],
    }
    examples = measured(Detector(found), dataset(first, second))

    pairs = list(zip(examples.actual.tolist(), examples.predicted.tolist(), strict=True))
    # the first cat is found once, the dog is missed, two boxes are false; then a cat at IoU 0.5 exactly
    assert pairs == [(0, 0), (1, NOTHING), (NOTHING, 0), (NOTHING, 0), (0, 0)]
    assert examples.scores is not None
    assert examples.scores[[0, 2, 3, 4]].tolist() == [0.9, 0.8, 0.6, 0.4]
    assert examples.reference(1) == {
        "picture": "0", "upload_id": "upload-0", "box": [40.0, 0.0, 60.0, 20.0]
    }  # fmt: skip
    assert ["1 box of classes" in note or "hen" in note for note in examples.notes] == [True, True]

    result, stages = audited(examples, AuditParams(least=1))
    cat, dog = result["groups"]
    assert (cat["recall"]["value"], cat["precision"]["value"], dog["recall"]["value"]) == (1.0, 0.5, 0.0)
    assert result["examples"]["false_boxes"] == 2
    assert [stage.id for stage in stages] == ["calibration", "bias", "false-boxes", "groups"]
    assert stages[2].data["rows"][0][:4] == [CAT, 2, 2, 1.0]


def test_each_true_box_is_claimed_once_and_by_its_class_alone() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 10, 10.0]])
    true = np.array([[0, 0, 10, 10], [0, 0, 10, 8.0]])

    assert matched(boxes, [0, 0, 0], true, np.array([0, 0])).tolist() == [0, 1, -1]
    assert matched(boxes, [1, 0, 0], true, np.array([0, 0])).tolist() == [-1, 0, 1]
    assert matched(boxes, [0, 0, 0], true[:0], np.array([], int)).tolist() == [-1, -1, -1]


def test_actual_boxes_turn_with_their_picture() -> None:
    source = dataset([labeled(CAT, 30, 0, 50, 10)])
    turned = measured(Detector({}), source, Change(ROTATION, 90), group="box size")

    assert turned.reference(0)["box"] == pytest.approx([10, 20, 20, 40], abs=1)


def test_boxes_of_one_picture_count_less_than_independent_ones() -> None:
    box = (0.0, 0.0, 20.0, 20.0)
    each = [labeled(CAT, *box)] * 3 + [labeled(DOG, *box)]
    # all cats of the even pictures are found, none of the odd ones
    source = dataset(*[each] * 12)
    found = {20 * index: [(CAT, 0.9, box)] * 3 for index in range(0, 12, 2)}
    result, _ = audited(measured(Detector(found), source), AuditParams(least=1))

    low, high = (result["groups"][0]["recall"][side] for side in ("low", "high"))
    assert result["groups"][0]["recall"]["hits"] == 18
    # as 6 of 12 pictures would have, not as 18 of 36 boxes
    assert (low, high) == pytest.approx((0.254, 0.746), abs=0.03)


@pytest.mark.parametrize(
    ("split", "learned", "error"),
    [
        ("train", Learned(), "no labeled pictures"),
        ("test", Learned(pictures=frozenset("0")), "trained or chosen on all"),
    ],
)
def test_parts_without_new_pictures_are_refused(split: str, learned: Learned, error: str) -> None:
    source, given = dataset([labeled(CAT, 0, 0, 9, 9)], split=split), Detector({})
    with pytest.raises(InputError, match=error):
        outcomes(given, source, AuditParams(), lambda *_: None, learned=learned)  # type: ignore[arg-type]
