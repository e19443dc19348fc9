"""Segmentation: from probabilities to a map of classes, and its run lengths, against answers by hand."""

import numpy as np
import pytest
import torch

from models.segmentation.masks import class_map, likeliest, packed, run_lengths
from tests.models.segmentation.coco import read_as_coco_reads


def test_run_lengths_go_down_the_columns_and_begin_with_zeros() -> None:
    assert run_lengths(np.array([[0, 1], [1, 1]])) == [1, 3]
    assert run_lengths(np.array([[1, 0], [1, 0]])) == [0, 2, 2]
    assert run_lengths(np.zeros((2, 3))) == [6]


@pytest.mark.parametrize(
    ("runs", "text"),
    # by hand from COCO's maskApi.c: five bits a sign, 32 for more to come, 48 added; from the fourth run on
    # the difference to the one before the last
    [([1, 3], "13"), ([0, 2, 2], "022"), ([40], "X1"), ([5, 5, 5, 5], "5550"), ([2, 9, 3, 4], "293K")],
)
def test_run_lengths_are_packed_as_coco_packs_them(runs: list[int], text: str) -> None:
    assert packed(runs) == text


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (97, 131), (480, 640)])
@pytest.mark.parametrize("share", [0.0, 0.002, 0.5, 1.0])
def test_masks_come_back_from_coco_s_own_decoder(size: tuple[int, int], share: float) -> None:
    random = np.random.default_rng(round(share * 1000))
    mask = random.random(size) < share
    mask[size[0] // 3 : size[0] // 2] = share > 0  # long runs beside short ones

    assert np.array_equal(read_as_coco_reads(packed(run_lengths(mask)), *size), mask)


@pytest.mark.parametrize("pixels", [1000, 25])  # blocks of whole rows, and of parts of one
def test_the_map_is_enlarged_to_the_upload_in_blocks(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    probabilities = torch.rand(3, 7, 9, generator=torch.Generator().manual_seed(3)).softmax(0)
    whole = class_map(probabilities, 90, 70, 0.0)
    monkeypatch.setattr("models.segmentation.masks._BLOCK_PIXELS", pixels)

    assert np.array_equal(class_map(probabilities, 90, 70, 0.0), whole)
    expected = likeliest(torch.nn.functional.interpolate(probabilities[None], (70, 90), mode="bilinear")[0])
    assert np.mean(whole != expected.numpy()) < 0.001  # rounding where two are equally likely


def test_the_likeliest_class_is_the_first_of_equals() -> None:
    columns = [[0.4, 0.25, 0.35], [0.2, 0.4, 0.4], [0.5, 0.5, 0.0], [0.1, 0.2, 0.7]]
    probabilities = torch.tensor(columns).T[:, None]  # (3, 1, 4)

    assert likeliest(probabilities).tolist() == [[0, 1, 0, 2]]
    assert torch.equal(likeliest(probabilities).long(), probabilities.argmax(0))


def test_small_classes_are_left_out_and_their_pixels_go_to_the_next() -> None:
    probabilities = torch.zeros(3, 10, 10)
    probabilities[0] = 0.5
    probabilities[2, :, :5], probabilities[0, :, :5] = 0.9, 0.0
    probabilities[1, 0, 0], probabilities[2, 0, 0] = 0.6, 0.4

    assert class_map(probabilities, 10, 10, 0.0)[0, 0] == 1
    assert class_map(probabilities, 10, 10, 0.02)[0, 0] == 2
