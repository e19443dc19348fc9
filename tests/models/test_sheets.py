"""Contact sheets have labels and legends."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.training.photos import Photo
from models.core.training.samples import CUTOUTS
from models.segmentation.card import WEIGHTS
from models.segmentation.evaluate import load, sheet
from models.segmentation.masks import palette
from models.super_resolution import evaluate as super_resolution
from models.super_resolution.upscaler import Upscaler


def test_the_segmentation_sheet_has_a_legend_of_all_classes(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    sheet(WEIGHTS, CUTOUTS, tmp_path / "sheet.png", pictures=4)
    model = load(WEIGHTS, "cpu")
    drawn = np.asarray(Image.open(tmp_path / "sheet.png"))
    foot = drawn[16 + model.config.image_size :].reshape(-1, 3)
    seen = {tuple(color) for color in np.unique(foot, axis=0).tolist()}

    assert drawn.shape[1] == 4 * 3 * model.config.image_size
    assert {tuple(color) for color in palette(len(model.config.classes))[1:].tolist()} <= seen


def test_the_super_resolution_sheet_names_its_columns() -> None:
    torch.set_num_threads(1)
    pixels = np.random.default_rng(0).integers(0, 256, (320, 320, 3), dtype=np.uint8)
    upscalers = {"psnr-x4": Upscaler(super_resolution.SHIPPED["psnr-x4"])}
    drawn = np.asarray(super_resolution.sheet([Photo("noise", "test", pixels)], upscalers, 4))

    assert drawn.shape == (16 + 240 + 4, 4 * 240, 3)
    for column in range(4):
        assert drawn[:16, column * 240 : column * 240 + 60].min() < 100  # there is text
