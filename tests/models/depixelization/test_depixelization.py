"""The camera, the training sets, the judge and the rates: known answers by hand; and the answers."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract.errors import InputError
from models.core.contract.prediction import answer_opened
from models.core.contract.progress import Progress
from models.core.recipe.diagram import FOLDER
from models.depixelization.camera import shrink
from models.depixelization.card import CARD, FACES, GARMENTS, SAMPLE_DATASET, PredictParams, TrainParams
from models.depixelization.data import Groups, counts_of, draw_batch, load_groups, training_set
from models.depixelization.files import load
from models.depixelization.judge import Judge, features
from models.depixelization.metrics import gap_of, is_changed, rate_of
from models.depixelization.predict import Predictor
from models.depixelization.recipe import diagram
from models.depixelization.train import train


def flat(*colors: tuple[int, int, int]) -> torch.Tensor:
    """A picture (1, 3, 64, 64) with a square of the first color on the second."""
    inner, outer = (torch.tensor(color).float() / 127.5 - 1 for color in colors)
    picture = outer[None, :, None, None].expand(1, 3, 64, 64).clone()
    picture[:, :, 16:48, 16:48] = inner[:, None, None]
    return picture


def test_a_dark_thing_in_bright_light_and_a_bright_one_in_dim_light_have_the_same_cells() -> None:
    dark, bright = flat((80, 50, 30), (40, 40, 40)), flat((160, 100, 60), (80, 80, 80))

    assert not torch.equal(dark, bright)
    assert torch.equal(shrink(dark, 8), shrink(bright, 8))


def test_cells_are_the_means_of_gray_squares_with_a_mean_of_one_half() -> None:
    cells = (shrink(flat((100, 100, 100), (50, 50, 50)), 4)[0, 0] + 1) / 2

    # a quarter of the picture is twice as bright: the mean is 1.25 of the dark part, which becomes 0.5 / 1.25
    expected = torch.full((4, 4), 0.4)
    expected[1:3, 1:3] = 0.8
    torch.testing.assert_close(cells, expected, atol=1 / 255, rtol=0)


def groups(frequent: int, rare: int) -> Groups:
    """Pictures that are all 0 (frequent) or all 255 (rare)."""
    return Groups((np.zeros((frequent, 28, 28), np.uint8), np.full((rare, 28, 28), 255, np.uint8)))


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, (990, 10)), (0.1, (900, 100)), (0.5, (500, 500)), (0.0001, (999, 1))]
)
def test_the_size_of_a_training_set_does_not_depend_on_the_share(
    share: float, expected: tuple[int, int]
) -> None:
    assert counts_of(groups(2000, 700), share, 1000) == expected


def test_a_bank_with_few_rare_pictures_limits_the_size_for_every_share() -> None:
    assert counts_of(groups(2000, 100), 0.01, 1000) == (198, 2)
    assert counts_of(groups(2000, 100), 0.5, 1000) == (100, 100)


def test_the_rare_pictures_of_a_smaller_share_are_among_those_of_a_larger_one() -> None:
    numbered = np.arange(200, dtype=np.uint8)[:, None, None]
    few, many = (training_set(Groups((numbered, numbered)), (150, count), seed=3) for count in (5, 50))

    assert set(few.pictures[1].ravel()) <= set(many.pictures[1].ravel())
    assert np.array_equal(few.pictures[0], many.pictures[0])


@pytest.mark.parametrize(("balanced", "low", "high"), [(False, 0.02, 0.09), (True, 0.5, 0.5)])
def test_a_batch_has_the_share_of_the_set_or_half_of_each_group(
    balanced: bool, low: float, high: float
) -> None:
    own = groups(950, 50)
    batches = [draw_batch(own, 16, np.random.default_rng(seed), balanced=balanced) for seed in range(60)]
    rare = torch.cat(batches).mean(dim=(1, 2, 3)) > 0

    assert low <= float(rare.float().mean()) <= high


def test_the_rate_counts_answers_of_the_other_group() -> None:
    changed = is_changed(np.array([2.0, -1.0, -3.0, 0.5]), np.array([1, 1, 0, 0]))

    assert changed.tolist() == [False, True, False, True]
    assert rate_of(changed[None]).value == 0.5
    assert (rate_of(changed[None]).hits, rate_of(changed[None]).rows) == (2, 4)


def test_the_interval_covers_the_trainings_as_well_as_the_pictures() -> None:
    alike = np.tile(np.arange(200) < 100, (3, 1))  # three trainings that change the same half
    unlike = np.repeat([[True], [True], [False]], 200, axis=1)  # two change all, one changes none

    assert 0.42 < rate_of(alike).low < rate_of(alike).high < 0.58
    assert rate_of(unlike).low == 0
    assert rate_of(unlike).high == 1


def test_no_changed_picture_still_leaves_an_upper_bound() -> None:
    rate = rate_of(np.zeros((1, 1000), bool))

    assert (rate.value, rate.low) == (0, 0)
    assert rate.high == pytest.approx(1 - 0.025 ** (1 / 1000))


def test_the_gap_is_the_rare_rate_minus_the_frequent_one() -> None:
    frequent, rare = np.arange(400)[None] % 10 == 0, np.arange(400)[None] % 2 == 0
    value, low, high = gap_of(frequent, rare)

    assert value == pytest.approx(0.4)
    assert 0.3 < low < 0.4 < high < 0.5
    assert gap_of(rare, rare)[1] <= 0 <= gap_of(rare, rare)[2]


def test_the_linear_judge_adds_weighted_cells() -> None:
    judge = Judge(("a", "b"), torch.full((16 * 16,), 1 / 256), torch.tensor(0.25))
    picture = torch.full((1, 1, 32, 32), 0.5)

    assert features(picture).shape == (1, 256)
    assert float(judge.log_odds(picture)[0]) == pytest.approx(0.75)


@pytest.mark.parametrize(("frequent", "rare"), [("boat", "sandal"), ("sandal", "sandal")])
def test_groups_must_be_two_classes_of_the_dataset(frequent: str, rare: str) -> None:
    with pytest.raises(InputError, match="class"):
        load_groups(SAMPLE_DATASET, frequent, rare, 16)


def picture_of(name: str) -> bytes:
    return next(sample for sample in CARD.samples if sample.name == name).inputs["picture"].read_bytes()


def test_the_chosen_share_gives_the_answer_and_all_are_listed() -> None:
    predictor = Predictor(FACES)
    one, half = (
        answer_opened(predictor, {"picture": picture_of("dark-skin")}, PredictParams(share=share)).prediction
        for share in (1, 50)
    )

    assert (one.result["share"], half.result["share"]) == (0.01, 0.5)
    assert one.outputs != half.outputs
    assert [each["share"] for each in one.result["restorations"]] == [0.01, 0.05, 0.1, 0.25, 0.5, 0.01]
    assert one.result["restorations"] == half.result["restorations"]


def test_a_picture_unlike_faces_is_named_so() -> None:
    noise = np.random.default_rng(0).integers(0, 2, (8, 8, 3), np.uint8) * 255
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((640, 480), Image.Resampling.NEAREST).save(buffer, "PNG")
    predictor = Predictor(FACES)
    unlike, like = (
        answer_opened(predictor, {"picture": data}, PredictParams()).prediction.result["familiarity"]
        for data in (buffer.getvalue(), picture_of("light-skin"))
    )

    assert unlike["is_unlike"]
    assert not like["is_unlike"]


@pytest.mark.parametrize(("weights", "largest_at_half"), [(FACES, 0.05), (GARMENTS, 0.1)])
def test_the_shipped_rates_show_the_gap_at_one_percent_and_close_it_at_half(
    weights: Path, largest_at_half: float
) -> None:
    gaps = [condition.gap for condition in load(weights).conditions]

    assert gaps[0] is not None
    assert gaps[4] is not None
    assert gaps[0][1] > 0.4  # even at the lower end of the interval
    assert abs(gaps[4][0]) < largest_at_half


def test_the_diagram_is_that_of_the_architecture() -> None:
    assert (FOLDER / "depixelization.svg").read_text("utf-8").strip() == diagram.build().strip()


@pytest.mark.slow
def test_the_share_alone_decides_how_often_sandals_become_sneakers(tmp_path: Path) -> None:
    changed = [
        train(
            SAMPLE_DATASET,
            TrainParams(share=share, steps=200),
            weights=tmp_path / f"{share}.safetensors",
            device="cpu",
            progress=Progress(),
        )["changed_rare"]
        for share in (1.0, 50.0)
    ]

    assert changed[0] > 0.5
    assert changed[1] < changed[0] - 0.25
