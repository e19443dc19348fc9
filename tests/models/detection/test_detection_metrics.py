"""Average precision against results computed by hand."""

import numpy as np
import pytest

from models.detection.metrics import (
    Detections,
    Matches,
    Truth,
    average_precision,
    bootstrap,
    iou_matrix,
    match,
    mean_average_precision,
)

BOX = [0.0, 0.0, 10.0, 10.0]
FAR = [50.0, 50.0, 60.0, 60.0]


def detected(*rows: tuple[list[float], float, int]) -> Detections:
    boxes, scores, labels = zip(*rows, strict=True) if rows else ((), (), ())
    return Detections(np.array(boxes, float).reshape(-1, 4), np.array(scores, float), np.array(labels, int))


def truth(*rows: tuple[list[float], int], subjects: tuple[int, ...] | None = None) -> Truth:
    boxes, labels = zip(*rows, strict=True) if rows else ((), ())
    identities = np.array(subjects if subjects is not None else range(len(rows)), int)
    return Truth(np.array(boxes, float).reshape(-1, 4), np.array(labels, int), identities)


def matches(*correct: bool, truths: int) -> Matches:
    count = len(correct)
    subject = np.where(correct, 0, -1) if count else np.zeros(0, int)
    return Matches(np.linspace(1, 0, count), np.array(correct, bool), subject, np.zeros(truths, int))


def test_intersection_over_union() -> None:
    assert iou_matrix(np.array([BOX]), np.array([[5.0, 0.0, 15.0, 10.0], FAR])).tolist() == [
        [pytest.approx(1 / 3), 0.0]
    ]
    assert iou_matrix(np.zeros((1, 4)), np.zeros((1, 4))).tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("correct", "truths", "expected"),
    [
        ((True,), 1, 1.0),
        ((False,), 1, 0.0),
        ((), 1, 0.0),
        ((True, False), 1, 1.0),  # a mistake after the last true box costs nothing
        ((False, True), 1, 0.5),
        ((True, False, True), 2, 0.5 * 1 + 0.5 * 2 / 3),
        # precisions 0, 1/2, 2/3 and 3/4: the envelope is 3/4 from recall 1/4 on
        ((False, True, True, True), 4, 0.75 * 0.75),
    ],
)
def test_average_precision(correct: tuple[bool, ...], truths: int, expected: float) -> None:
    assert average_precision(matches(*correct, truths=truths)) == pytest.approx(expected)


def test_nothing_to_find_has_no_average_precision() -> None:
    assert np.isnan(average_precision(matches(False, truths=0)))


def test_a_true_box_is_claimed_once_by_the_best_score() -> None:
    claimed = match([detected((BOX, 0.6, 0), (BOX, 0.9, 0))], [truth((BOX, 0))], 0)

    assert claimed.scores.tolist() == [0.9, 0.6]
    assert claimed.correct.tolist() == [True, False]


def test_a_box_whose_best_true_box_is_claimed_may_claim_another_as_in_coco() -> None:
    """Both predictions overlap A most; the second also overlaps B with an IoU of 7/13 (VOC: incorrect)."""
    a, b, between = BOX, [0.0, 5.0, 10.0, 15.0], [0.0, 2.0, 10.0, 12.0]
    claimed = match([detected((BOX, 0.9, 0), (between, 0.8, 0))], [truth((a, 0), (b, 0))], 0)

    assert iou_matrix(np.array([between]), np.array([a, b]))[0].tolist() == pytest.approx([8 / 12, 7 / 13])
    assert claimed.correct.tolist() == [True, True]
    assert claimed.subject.tolist() == [0, 1]


def test_an_iou_equal_to_the_threshold_is_enough() -> None:
    half = [0.0, 0.0, 10.0, 5.0]

    assert match([detected((half, 0.9, 0))], [truth((BOX, 0))], 0, 0.5).correct.tolist() == [True]
    assert match([detected((half, 0.9, 0))], [truth((BOX, 0))], 0, 0.51).correct.tolist() == [False]


def test_a_wrong_label_counts_only_when_labels_do() -> None:
    pictures = [detected((BOX, 0.9, 1))], [truth((BOX, 0))]

    metrics = mean_average_precision(*pictures, labels=2)

    assert metrics == {"map50": 0.0, "ap50_agnostic": 1.0}


def test_the_mean_is_over_the_classes_that_occur() -> None:
    predicted = [detected((BOX, 0.9, 0), (FAR, 0.8, 1)), detected()]
    truths = [truth((BOX, 0), (FAR, 1)), truth((FAR, 1))]

    # class 0: 1; class 1: one of two found and no mistake, 0.5; class 2 does not occur
    assert mean_average_precision(predicted, truths, labels=3)["map50"] == pytest.approx(0.75)


def test_a_box_that_does_not_count_is_neither_missed_nor_incorrect() -> None:
    true = Truth(np.array([BOX, FAR]), np.array([0, 0]), np.array([0, 1]), counts=np.array([True, False]))
    predicted = Detections(
        np.array([FAR, BOX, [80.0, 80.0, 99.0, 99.0]]),
        np.array([0.9, 0.8, 0.99]),
        np.zeros(3, int),
        counts=np.array([True, True, False]),
    )

    claimed = match([predicted], [true], 0)

    assert claimed.correct.tolist() == [True]
    assert average_precision(claimed) == 1.0


def test_weights_count_a_subject_several_times() -> None:
    predicted = [detected((BOX, 0.9, 0), ([52.0, 50.0, 90.0, 60.0], 0.95, 0))]
    truths = [truth((BOX, 0), (FAR, 0), subjects=(0, 1))]
    claimed = match(predicted, truths, 0)

    assert claimed.subject.tolist() == [1, 0]  # the incorrect box overlaps subject 1
    assert average_precision(claimed, np.array([1.0, 0.0, 1.0])) == 1.0  # subject 1 is not drawn
    assert average_precision(claimed, np.array([0.0, 1.0, 1.0])) == 0.0
    assert average_precision(claimed, np.array([1.0, 1.0, 1.0])) == pytest.approx(0.5 * 0.5)


def test_the_interval_is_wide_where_subjects_differ() -> None:
    same = [Matches(np.ones(4), np.ones(4, bool), np.arange(4), np.arange(4))]
    differ = [Matches(np.ones(2), np.ones(2, bool), np.arange(2), np.arange(4))]

    assert bootstrap(same, rounds=50) == (1.0, 1.0)
    low, high = bootstrap(differ, rounds=200)
    assert low < 0.5 < high
