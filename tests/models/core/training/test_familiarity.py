"""Familiarity: the deviation by hand, its threshold, and the file that it is kept in."""

from math import e
from pathlib import Path

import numpy as np
import pytest
import sklearn.covariance
import torch

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.messages import Message
from models.core.images.letterbox import Letterbox
from models.core.training.familiarity import (
    FEWEST,
    Evidence,
    Familiarity,
    beside,
    fit,
    fit_folds,
    ledoit_wolf,
    logit,
    path_beside,
    pooled,
    split,
)

PERCENTILES = torch.arange(101) / 50  # 0 to 2: the threshold, the 95th percentile, is 1.9


@pytest.fixture
def known() -> Familiarity:
    """Mean (1, 2), variances 4 and 9; log d: mean 0, deviation 0.5; the confidence: mean 3, deviation 2."""
    whitening = torch.diag(torch.tensor([1 / 2, 1 / 3])) / 2**0.5
    return Familiarity(torch.tensor([1.0, 2.0]), whitening, torch.tensor([0.0, 0.5, 3.0, 2.0]), PERCENTILES)


def drawn(count: int, *, seed: int, mean: float = 0.0, confidence: float = 2.0) -> list[Evidence]:
    """Features of four channels that depend on each other, and confidences around one."""
    random = torch.Generator().manual_seed(seed)
    mixed = torch.randn(count, 2, generator=random) @ torch.tensor([[3.0, 1, 0, 2], [0, 1, 2, -1.0]])
    features = mixed + 0.1 * torch.randn(count, 4, generator=random) + mean
    sure = confidence + torch.randn(count, generator=random)
    return [Evidence(x, float(s)) for x, s in zip(features, sure, strict=True)]


def test_the_deviation_by_hand(known: Familiarity) -> None:
    usual = Evidence(torch.tensor([3.0, 5.0]), 3.0)  # one deviation away in both channels
    far = Evidence(
        torch.tensor([1 + 2 * e, 2 + 3 * e]), -1.0
    )  # e deviations away, confidence two below the mean

    assert known.distance(usual) == pytest.approx(1)
    assert known.deviation(usual) == pytest.approx(0, abs=1e-6)
    assert known.distance(far) == pytest.approx(e)
    assert known.deviation(far) == pytest.approx(1 / 0.5 + 4 / 2)


def test_beyond_the_threshold_a_picture_is_unlike(known: Familiarity) -> None:
    like = known.result(Evidence(torch.tensor([3.0, 5.0]), 3.0))
    unlike = known.result(Evidence(torch.tensor([3.0, 5.0]), -1.0))

    assert like == {"deviation": 0.0, "threshold": 1.9, "is_unlike": False, "summary": like["summary"]}
    assert (unlike["deviation"], unlike["is_unlike"]) == (2.0, True)
    assert isinstance(unlike["summary"], Message)
    assert unlike["summary"].parts[0]["id"] == "core.familiarity.unlike"


def test_the_stage_shows_the_picture_among_held_out_ones(known: Familiarity) -> None:
    stage = known.stage(
        Evidence(torch.tensor([3.0, 5.0]), -3.0)
    )  # deviates by 3, and held-out ones by 2 at most

    assert stage.kind == Kind.CURVE
    assert [mark["x"] for mark in stage.data["marks"]] == [1.9, 3.0]
    (series,) = stage.data["series"]
    assert (series["x"][0], series["x"][95], series["y"][95]) == (0.0, 1.9, 0.95)
    assert (series["x"][-1], series["y"][-1]) == (3.0, 1.0)


def test_one_in_twenty_held_out_pictures_is_beyond_the_threshold_and_nearly_all_others_are() -> None:
    known = fit(drawn(600, seed=1), drawn(400, seed=2))
    assert known

    def flagged(pictures: list[Evidence]) -> float:
        return sum(known.deviation(each) > known.threshold for each in pictures) / len(pictures)

    assert flagged(drawn(400, seed=2)) == pytest.approx(0.05, abs=0.003)
    assert flagged(drawn(1000, seed=3)) == pytest.approx(0.05, abs=0.03)
    assert flagged(drawn(200, seed=4, mean=4.0)) > 0.95  # other features, as sure
    assert flagged(drawn(200, seed=5, confidence=-5.0)) > 0.95  # the same features, less sure


def test_few_pictures_are_held_out_in_turn() -> None:
    pictures, fold = drawn(100, seed=1), np.arange(100) % 5

    known = fit_folds(pictures, fold)
    by_all = fit(pictures, pictures)

    assert known
    assert by_all
    torch.testing.assert_close(known.whitening, by_all.whitening)
    assert known.scales[0] > by_all.scales[0]  # those that one did not learn from are farther away
    assert fit_folds(pictures[: FEWEST - 1], fold) is None


def test_the_covariance_is_shrunk_as_in_scikit_learn() -> None:
    x = np.random.default_rng(0).normal(size=(30, 50)) * np.linspace(0.5, 2, 50)
    x -= x.mean(axis=0)

    np.testing.assert_allclose(ledoit_wolf(x), sklearn.covariance.ledoit_wolf(x, assume_centered=True)[0])


def test_the_distance_counts_a_direction_in_which_the_known_pictures_hardly_differ() -> None:
    known = fit(drawn(600, seed=1), drawn(400, seed=2))
    assert known
    along, across = torch.tensor([3.0, 1, 0, 2]), torch.tensor([-2.0, 0, 0, 3])  # at right angles

    assert known.distance(Evidence(along, 2.0)) < 1
    assert known.distance(Evidence(across, 2.0)) > 5


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_too_few_pictures_and_numbers_that_are_not_finite_give_nothing(wrong: float) -> None:
    enough, few = drawn(FEWEST, seed=1), drawn(FEWEST - 1, seed=1)
    broken = [*enough, Evidence(torch.tensor([wrong, 0, 0, 0]), 1.0)]

    assert fit(enough, enough)
    assert fit(few, enough) is None
    assert fit(enough, few) is None
    assert fit(broken, enough) is None
    assert fit(enough, [*enough, Evidence(torch.zeros(4), wrong)]) is None


def test_channels_that_are_constant_count_for_nothing() -> None:
    pictures = [Evidence(torch.tensor([float(index % 7), 5.0]), float(index % 3)) for index in range(60)]
    known = fit(pictures, pictures)
    assert known

    assert known.distance(Evidence(torch.tensor([3.0, 5.0]), 1.0)) < 0.1
    assert torch.isfinite(known.held_out).all()


def test_features_are_averaged_over_the_picture_without_its_border() -> None:
    maps = torch.zeros(2, 4, 4)
    maps[:, 1:3] = torch.tensor([1.0, 2.0])[:, None, None]
    wide = Letterbox(width=800, height=400, left=0, top=16, scale_x=0.08, scale_y=0.08)  # in a square of 64
    sliver = Letterbox(width=3000, height=1, left=0, top=32, scale_x=64 / 3000, scale_y=1.0)

    assert pooled(maps, wide, 64).tolist() == [1.0, 2.0]
    assert pooled(maps, sliver, 64).tolist() == [1.0, 2.0]  # at least one row


def test_certainty_has_a_finite_logit() -> None:
    assert logit(torch.tensor(0.5)) == pytest.approx(0)
    assert logit(torch.tensor(1.0)) == pytest.approx(-logit(torch.tensor(0.0)))
    assert 10 < logit(torch.tensor(1.0)) < 20


def test_it_travels_with_the_weights_or_beside_them(known: Familiarity, tmp_path: Path) -> None:
    weights, picture = tmp_path / "w.safetensors", Evidence(torch.tensor([9.0, 0.0]), 1.0)
    checkpoint.save(weights, {}, {"layer.weight": torch.ones(2), **known.tensors()})
    state, among = split(checkpoint.load(weights)[1])
    assert among
    assert beside(weights) is None
    known.save(path_beside(weights))
    shipped = beside(weights)
    assert shipped

    assert list(state) == ["layer.weight"]
    assert among.deviation(picture) == known.deviation(picture) == shipped.deviation(picture)
    assert split(state) == ({"layer.weight": state["layer.weight"]}, None)
