"""Segmentation: class maps from probabilities, and their run lengths, against results computed by hand."""

import numpy as np
import pytest
import torch

from models.segmentation.masks import class_map, compress, most_likely, run_lengths
from tests.models.segmentation.coco import decode_rle


def test_run_lengths_go_down_the_columns_and_begin_with_zeros() -> None:
    assert run_lengths(np.array([[0, 1], [1, 1]])) == [1, 3]
    assert run_lengths(np.array([[1, 0], [1, 0]])) == [0, 2, 2]
    assert run_lengths(np.zeros((2, 3))) == [6]


@pytest.mark.parametrize(
    ("runs", "text"),
    # by hand from COCO's maskApi.c: five bits per character, 32 marks a continuation, 48 is added; from the
    # fourth run on, the difference to the run two places before
    [([1, 3], "13"), ([0, 2, 2], "022"), ([40], "X1"), ([5, 5, 5, 5], "5550"), ([2, 9, 3, 4], "293K")],
)
def test_run_lengths_are_compressed_as_by_coco(runs: list[int], text: str) -> None:
    assert compress(runs) == text


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (97, 131), (480, 640)])
@pytest.mark.parametrize("share", [0.0, 0.002, 0.5, 1.0])
def test_masks_come_back_from_coco_s_own_decoder(size: tuple[int, int], share: float) -> None:
    random = np.random.default_rng(round(share * 1000))
    mask = random.random(size) < share
    mask[size[0] // 3 : size[0] // 2] = share > 0  # long runs beside short ones

    assert np.array_equal(decode_rle(compress(run_lengths(mask)), *size), mask)


@pytest.mark.parametrize("pixels", [1000, 25])  # blocks of whole rows, and of parts of one
def test_the_map_is_enlarged_to_the_upload_in_blocks(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    probabilities = torch.rand(3, 7, 9, generator=torch.Generator().manual_seed(3)).softmax(0)
    whole = class_map(probabilities, 90, 70, 0.0)
    monkeypatch.setattr("models.segmentation.masks._BLOCK_PIXELS", pixels)

    assert np.array_equal(class_map(probabilities, 90, 70, 0.0), whole)
    expected = most_likely(torch.nn.functional.interpolate(probabilities[None], (70, 90), mode="bilinear")[0])
    assert np.mean(whole != expected.numpy()) < 0.001  # rounding where two are equally likely


def test_the_first_of_equally_likely_classes_is_chosen() -> None:
    columns = [[0.4, 0.25, 0.35], [0.2, 0.4, 0.4], [0.5, 0.5, 0.0], [0.1, 0.2, 0.7]]
    probabilities = torch.tensor(columns).T[:, None]  # (3, 1, 4)

    assert most_likely(probabilities).tolist() == [[0, 1, 0, 2]]
    assert torch.equal(most_likely(probabilities).long(), probabilities.argmax(0))


def test_pixels_of_removed_classes_get_the_next_most_likely_class() -> None:
    probabilities = torch.zeros(3, 10, 10)
    probabilities[0] = 0.5
    probabilities[2, :, :5], probabilities[0, :, :5] = 0.9, 0.0
    probabilities[1, 0, 0], probabilities[2, 0, 0] = 0.6, 0.4

    assert class_map(probabilities, 10, 10, 0.0)[0, 0] == 1
    assert class_map(probabilities, 10, 10, 0.02)[0, 0] == 2
