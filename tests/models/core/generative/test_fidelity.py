"""Measures of generated pictures, on sets whose distances are known."""

import numpy as np
import pytest

from models.core.generative.fidelity import frechet_distance, nearest, precision_recall, spread

RANDOM = np.random.default_rng(0)
CLOUD = RANDOM.standard_normal((300, 4))


def test_the_frechet_distance_of_a_set_to_itself_is_zero() -> None:
    assert frechet_distance(CLOUD, CLOUD) == pytest.approx(0, abs=1e-9)


def test_the_frechet_distance_of_a_shifted_set_is_the_square_of_the_shift() -> None:
    assert frechet_distance(CLOUD, CLOUD + np.array([3, 4, 0, 0])) == pytest.approx(25)


def test_the_frechet_distance_of_a_scaled_set_is_that_of_gaussians() -> None:
    # tr(S + 4 S - 2 (4 S S)^(1/2)) = tr(S) for a set around 0 that is doubled
    centered = CLOUD - CLOUD.mean(axis=0)

    assert frechet_distance(centered, 2 * centered) == pytest.approx(np.trace(np.cov(centered.T)))


def test_precision_and_recall_are_one_for_equal_sets_and_zero_for_distant_ones() -> None:
    assert precision_recall(CLOUD, CLOUD) == (1, 1)
    assert precision_recall(CLOUD, CLOUD + 100) == (0, 0)


def test_a_collapsed_set_is_precise_but_recalls_little() -> None:
    collapsed = CLOUD[:1] + 1e-3 * RANDOM.standard_normal((300, 4))
    precision, recall = precision_recall(CLOUD, collapsed)

    assert precision == 1
    assert recall < 0.05


def test_the_spread_is_the_ratio_of_the_radii_by_class() -> None:
    labels = np.arange(300) % 2
    halved = CLOUD * np.where(labels, 0.5, 1.0)[:, None]

    assert spread(CLOUD, labels, halved, labels) == pytest.approx({0: 1.0, 1: 0.5})


def test_the_nearest_picture_of_a_copy_is_the_copied_one() -> None:
    pictures = RANDOM.integers(0, 255, (20, 6, 6), dtype=np.uint8)
    moved = pictures[[7, 3]].copy()
    moved[1] += 1
    distances, indices = nearest(moved, pictures)

    assert indices.tolist() == [7, 3]
    assert distances == pytest.approx([0, 1])
