"""Changes under which a model is measured again."""

import numpy as np
import pytest
from PIL import Image

from models.core.auditing.changes import MISSING, NUMBER_NOISE, ROTATION, SHIFT, Change, changes_of_pictures
from models.core.tables import csv_reader

GRAY = Image.fromarray(np.full((60, 90, 3), 128, np.uint8))
# coarse blocks, so that a larger turn takes them farther
PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 255, (2, 3, 3), np.uint8)).resize((90, 60))
TABLE = csv_reader.read(
    b"number,kind,other\n" + b"".join(b"%d,%s,5\n" % (i, b"ab"[i % 2 :][:1]) for i in range(40))
)


@pytest.mark.parametrize("strengths", list(changes_of_pictures(0)), ids=lambda each: each[0].kind)
def test_stronger_changes_take_a_picture_farther_and_are_repeatable(strengths: tuple[Change, ...]) -> None:
    changed = [each.picture(PHOTO, "a.png") for each in strengths]

    distances = [np.abs(np.asarray(each, float) - np.asarray(PHOTO)).mean() for each in changed]
    assert all(each.size == PHOTO.size for each in changed)
    assert distances[0] < distances[-1]
    assert [each.amount for each in strengths] == sorted(each.amount for each in strengths)
    assert changed[1].tobytes() == strengths[1].picture(PHOTO, "a.png").tobytes()


def test_noise_has_its_standard_deviation_and_differs_by_picture() -> None:
    change = Change("noise", 0.08)

    noise = np.asarray(change.picture(GRAY, "a"), float) - 128
    assert noise.std() == pytest.approx(255 * 0.08, rel=0.05)
    assert change.picture(GRAY, "a").tobytes() != change.picture(GRAY, "b").tobytes()


def test_a_box_turns_with_its_picture() -> None:
    picture = np.zeros((101, 101, 3), np.uint8)
    yy, xx = np.indices((101, 101))
    picture[((xx - 75) / 20) ** 2 + ((yy - 45) / 8) ** 2 <= 1] = 255  # an ellipse in its box
    change = Change(ROTATION, 30)

    moved = change.boxes(np.array([[55, 37, 96, 54.0]]), 101, 101)[0]

    rows, columns = np.nonzero(np.asarray(change.picture(Image.fromarray(picture), "a").convert("L")) > 128)
    seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert moved == pytest.approx(seen, abs=1.5)


def test_one_column_is_shifted_by_its_standard_deviations() -> None:
    number, kind, _ = Change(SHIFT, 2, "number").columns(TABLE.columns)

    before = TABLE.columns[0].values
    assert (number.values - before).tolist() == pytest.approx([2 * before.std(ddof=0)] * 40)
    assert kind is TABLE.columns[1]


def test_noise_on_numbers_leaves_categories_and_constants() -> None:
    number, kind, other = Change(NUMBER_NOISE, 1).columns(TABLE.columns)

    assert (number.values != TABLE.columns[0].values).all()
    assert kind is TABLE.columns[1]
    assert other.values.tolist() == [5] * 40


def test_cells_of_every_column_can_be_missing() -> None:
    columns = Change(MISSING, 0.4).columns(TABLE.columns)

    assert [5 < each.values.isna().sum() < 28 for each in columns] == [True] * 3
    assert columns[1].values.dtype == TABLE.columns[1].values.dtype
