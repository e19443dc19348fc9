"""The grid detector: shapes, boxes by hand, assignment and loss, suppression and its outcome."""

import doctest

import pytest
import torch
from torchvision.ops import batched_nms

from models.detection import loss
from models.detection.architecture import SLOT_SIZES, STRIDES, Config, Detector, decode
from models.detection.card import PredictParams
from models.detection.loss import Targets, assign, detection_loss, generalized_iou, pairwise_iou
from models.detection.suppression import Candidates, decide, suppress

LABELS = ("cat", "dog", "owl")
SMALL = Config(labels=LABELS, widths=(4, 8, 8, 16, 16), depths=(0, 0, 1, 1, 1), neck=16, image_size=64)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_every_cell_of_three_grids_predicts_two_boxes() -> None:
    grids = Detector(SMALL)(torch.rand(2, 3, 96, 64))

    assert [tuple(grid.shape) for grid in grids] == [
        (2, 2, 5 + 3, 12, 8),
        (2, 2, 5 + 3, 6, 4),
        (2, 2, 5 + 3, 3, 2),
    ]
    predicted = decode(grids)
    assert predicted.boxes.shape == (2, 2 * (96 + 24 + 6), 4)
    assert predicted.scores().shape == (2, 252, 3)


def test_the_shipped_shape_is_small() -> None:
    count = sum(value.numel() for value in Detector(Config(labels=tuple("abcdefghij"))).parameters())

    assert 1_400_000 < count < 2_500_000


def test_a_box_is_decoded_as_computed_by_hand() -> None:
    grids = [torch.zeros(1, 2, 6, 64 // stride, 64 // stride) for stride in STRIDES]
    # stride 16, row 1, column 2, slot 0 starts as 2 cells = 32 pixels around (40, 24)
    grids[1][0, 0, :4, 1, 2] = torch.tensor([0.5, -0.25, 0.0, torch.log(torch.tensor(2.0))])

    predicted = decode(grids)

    index = 2 * 64 + (1 * 4 + 2) * 2  # after the fine grid; by row, column, slot
    # center (40 + 8, 24 - 4), width 32, height 64
    assert predicted.boxes[0, index].tolist() == pytest.approx([32.0, -12.0, 64.0, 52.0])
    side = SLOT_SIZES[1] * 16
    assert predicted.boxes[0, index + 1].tolist() == pytest.approx(
        [40 - side / 2, 24 - side / 2, 40 + side / 2, 24 + side / 2]
    )
    assert predicted.centers[index].tolist() == [40.0, 24.0]


def test_a_score_is_objectness_times_class_probability() -> None:
    grids = [torch.zeros(1, 2, 7, 2, 2) for _ in STRIDES]
    grids[0][0, 0, 4, 0, 0] = 1.0986123  # 0.75
    grids[0][0, 0, 5, 0, 0] = -1.0986123  # 0.25

    assert decode(grids).scores()[0, 0].tolist() == pytest.approx([0.75 * 0.25, 0.75 * 0.5])


def test_ious_are_those_computed_by_hand() -> None:
    a = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
    b = torch.tensor([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 2.0, 2.0], [4.0, 0.0, 6.0, 2.0]])

    assert pairwise_iou(a, b)[0].tolist() == pytest.approx([1 / 7, 1.0, 0.0])
    # the enclosing box has 9, 4 and 12 pixels, of which 2, 0 and 4 belong to neither box
    assert generalized_iou(a.expand(3, 4), b).tolist() == pytest.approx([1 / 7 - 2 / 9, 1.0, -4 / 12])


def targets_of(*boxes: tuple[list[float], int], most: int = 3) -> Targets:
    present = torch.zeros(1, most, dtype=torch.bool)
    present[0, : len(boxes)] = True
    padding = [([0.0] * 4, 0)] * (most - len(boxes))
    both = [*boxes, *padding]
    return Targets(
        torch.tensor([[b for b, _ in both]]), torch.tensor([[label for _, label in both]]), present
    )


def test_the_example_in_the_docstring_of_the_loss_is_right() -> None:
    results = doctest.testmod(loss)

    assert results.attempted == 4
    assert results.failed == 0


def test_only_cells_in_an_object_are_assigned_to_it() -> None:
    torch.manual_seed(0)
    predicted = decode(Detector(SMALL)(torch.rand(1, 3, 64, 64)))
    targets = targets_of(([8.0, 8.0, 40.0, 40.0], 1), ([44.0, 44.0, 62.0, 60.0], 2))

    assigned = assign(predicted, targets)

    for target, (low, high) in enumerate([(8, 40), (44, 62)]):
        matched = assigned.is_positive[0] & (assigned.matched[0] == target)
        assert matched.any()
        centers = predicted.centers[matched]
        assert bool(((centers > low) & (centers < high)).all())
    assert int(assigned.is_positive.sum()) <= 2 * 13
    assert assigned.alignment.max() <= 1.0


def test_a_picture_without_objects_has_a_finite_loss() -> None:
    predicted = decode(Detector(SMALL)(torch.rand(1, 3, 64, 64)))

    losses = detection_loss(predicted, targets_of(most=1))

    assert torch.isfinite(losses["loss"])
    assert losses["loss_box"] == 0


def test_the_loss_falls_on_one_batch() -> None:
    torch.manual_seed(0)
    model = Detector(SMALL)
    images = torch.rand(1, 3, 64, 64)
    images[:, :, 8:40, 8:40] = 1.0
    targets = targets_of(([8.0, 8.0, 40.0, 40.0], 1))
    optimizer = torch.optim.AdamW(model.parameters(), 5e-3)
    losses = []
    for _ in range(60):
        loss = detection_loss(decode(model(images)), targets)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert losses[-1] < 0.2 * losses[0]
    predicted = decode(model(images))
    best = int(predicted.scores()[0].max(dim=1).values.argmax())
    assert int(predicted.classes[0, best].argmax()) == 1
    assert pairwise_iou(targets.boxes[0, :1], predicted.boxes[0, best][None]).item() > 0.7


def test_the_outcome_names_the_box_that_suppressed_each() -> None:
    boxes = torch.tensor(
        [
            [0.0, 0.0, 10.0, 10.0],
            [0.0, 0.0, 10.0, 8.0],  # IoU 0.8 with the first
            [0.0, 4.0, 10.0, 10.0],  # IoU 0.6 with the first, 4/10 with the second
            [20.0, 0.0, 30.0, 10.0],
            [0.0, 0.0, 10.0, 10.0],  # another class
        ]
    )
    scores = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.5])
    labels = torch.tensor([0, 0, 0, 0, 1])

    outcome = suppress(boxes, scores, labels, 0.7)

    assert outcome.kept.tolist() == [True, False, True, True, True]
    assert outcome.suppressed_by.tolist() == [-1, 0, -1, -1, -1]
    assert outcome.iou.tolist() == pytest.approx([0, 0.8, 0, 0, 0])
    assert suppress(boxes, scores, labels, 0.5).suppressed_by.tolist() == [-1, 0, 0, -1, -1]


def test_a_suppressed_box_suppresses_no_other() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [4.0, 0, 14, 10], [8.0, 0, 18, 10]])  # IoU of neighbors 6/14

    outcome = suppress(boxes, torch.tensor([0.9, 0.8, 0.7]), torch.zeros(3), 0.4)

    assert outcome.kept.tolist() == [True, False, True]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_suppression_keeps_the_same_boxes_as_torchvision(seed: int, threshold: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(120, 2, generator=generator) * 60
    boxes = torch.cat([low, low + 1 + torch.rand(120, 2, generator=generator) * 40], dim=1)
    scores = torch.rand(120, generator=generator)
    labels = torch.randint(0, 3, (120,), generator=generator)

    outcome = suppress(boxes, scores, labels, threshold)

    assert outcome.kept.nonzero()[:, 0].tolist() == sorted(
        batched_nms(boxes, scores, labels, threshold).tolist()
    )
    assert bool((outcome.suppressed_by[outcome.kept] == -1).all())
    for index in (~outcome.kept).nonzero()[:, 0].tolist():
        by = int(outcome.suppressed_by[index])
        assert outcome.kept[by]
        assert labels[by] == labels[index]
        assert scores[by] >= scores[index]
        assert outcome.iou[index] > threshold


def test_the_funnel_adds_up() -> None:
    boxes = torch.tensor(
        [[0.0, 0, 10, 10], [0.0, 0, 10, 9], [20.0, 0, 30, 10], [40.0, 0, 50, 10], [5.0, 5, 5, 9]]
    )
    candidates = Candidates.sorted(
        boxes,
        torch.tensor([0.5, 0.9, 0.8, 0.1, 0.99]),
        torch.tensor([0, 0, 1, 1, 0]),
        names=LABELS,
        width=50,
        height=10,
    )

    decision = decide(candidates, PredictParams(score=0.25, max_objects=1))

    assert decision.status == (
        "kept",
        "below",
        "suppressed",
        "below",
    )  # the empty box is not a candidate
    assert decision.funnel == {
        "candidates": 4,
        "above_threshold": 2,
        "suppressed": 1,
        "suppressed_across": 0,
        "kept": 1,
    }
    assert decision.objects() == [
        {"id": 1, "label": "cat", "score": 0.9, "box": {"xmin": 0.0, "ymin": 0.0, "xmax": 10.0, "ymax": 9.0}}
    ]
    assert decision.items()[2] == {
        "id": 3,
        "label": "cat",
        "score": 0.5,
        "box": {"xmin": 0.0, "ymin": 0.0, "xmax": 10.0, "ymax": 10.0},
        "status": "suppressed",
        "suppressed_by": 1,
        "iou": 0.9,
    }
