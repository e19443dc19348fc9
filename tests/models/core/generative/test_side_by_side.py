"""Input, answer and truth of fixed pictures during a training."""

import io

import numpy as np
from PIL import Image

from models.core.contract.progress import Progress
from models.core.generative import side_by_side
from models.core.generative.side_by_side import SIDE, draw_if_due


def _row(level: int) -> side_by_side.Row:
    picture = Image.new("RGB", (200, 100), (level, level, level))
    return picture, picture, picture


def test_a_sheet_has_a_row_of_three_tiles_for_each_picture() -> None:
    history = side_by_side.history()
    draw_if_due(history, 1, 1, Progress(), lambda: [_row(10), _row(200)])

    pixels = np.asarray(Image.open(io.BytesIO(history.sheets[0].png)))
    assert pixels.shape == (2 * SIDE, 3 * SIDE, 3)
    assert (pixels[:SIDE] == 10).all()
    assert (pixels[SIDE:] == 200).all()


def test_nothing_is_computed_when_no_sheet_is_due_and_nothing_drawn_without_pictures() -> None:
    history = side_by_side.history()

    def fail() -> list[side_by_side.Row]:
        raise AssertionError("no sheet is due")

    draw_if_due(history, 1, 100, Progress(), fail)
    draw_if_due(history, 100, 100, Progress(), list)
    assert history.sheets == []


def test_a_tile_is_the_middle_square_and_enlarged_without_smoothing() -> None:
    halves = np.zeros((2, 6, 3), np.uint8)
    halves[:, 3:] = 255

    pixels = np.asarray(side_by_side.tile(Image.fromarray(halves)))
    assert pixels.shape == (SIDE, SIDE, 3)
    assert set(np.unique(pixels)) == {0, 255}
    assert (pixels[:, SIDE // 2 :] == 255).all()
