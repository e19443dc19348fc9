"""Brightness and sharpness of pictures, and sizes of boxes."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from models.core.auditing.attributes import box_size, brightness, sharpness


def test_brightness_is_the_mean_luma() -> None:
    half = np.zeros((8, 8, 3), np.uint8)
    half[:, 4:] = 255

    assert brightness(Image.fromarray(half)) == pytest.approx(0.5)


def test_a_checkerboard_has_the_variance_of_its_laplacian() -> None:
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 100).astype(np.uint8)
    inside = 400.0**2  # 4 x 100 above or below its neighbors, away from the edge

    assert sharpness(Image.fromarray(board)) == pytest.approx(np.log10(inside), abs=0.02)
    assert sharpness(Image.new("RGB", (9, 9), "red")) == -3


def test_blur_lowers_sharpness() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))

    assert sharpness(noise.filter(ImageFilter.GaussianBlur(2))) < sharpness(noise)


def test_sizes_are_those_of_coco_at_640_by_480() -> None:
    sides = {31: "small", 33: "medium", 95: "medium", 97: "large"}

    assert {side: box_size((10, 10, 10 + side, 10 + side), 640, 480) for side in sides} == sides
