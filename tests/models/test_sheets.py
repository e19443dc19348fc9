"""Contact sheets have labels and legends, and every picture in its place."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import registry
from models.core.recipe import photo_sheet
from models.core.recipe.contact_sheet import GAP, HEADER, contact_sheet
from models.core.training.photos import Photo
from models.core.training.samples import CUTOUTS
from models.segmentation.card import WEIGHTS
from models.segmentation.evaluate import load, sheet
from models.segmentation.masks import palette
from models.super_resolution import evaluate as super_resolution
from models.super_resolution.upscaler import Upscaler


def described_in(capability: str) -> bool:
    return (registry.folder(capability) / "recipe" / "photo_sheet.py").is_file()


def test_the_segmentation_sheet_has_a_legend_of_all_classes(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    sheet(WEIGHTS, CUTOUTS, tmp_path / "sheet.png", pictures=4)
    model = load(WEIGHTS, "cpu")
    drawn = np.asarray(Image.open(tmp_path / "sheet.png"))
    tile = model.config.image_size + GAP
    foot = drawn[HEADER + tile :].reshape(-1, 3)
    seen = {tuple(color) for color in np.unique(foot, axis=0).tolist()}

    assert drawn.shape[1] == 4 * 3 * tile
    assert {tuple(color) for color in palette(len(model.config.classes))[1:].tolist()} <= seen


def test_the_super_resolution_sheet_names_its_columns() -> None:
    torch.set_num_threads(1)
    pixels = np.random.default_rng(0).integers(0, 256, (320, 320, 3), dtype=np.uint8)
    upscalers = {"psnr-x4": Upscaler(super_resolution.SHIPPED["psnr-x4"])}
    drawn = np.asarray(super_resolution.sheet([Photo("noise", "test", pixels)], upscalers, 4))

    tile = super_resolution.CROP_SIDE + GAP
    assert drawn.shape == (HEADER + tile, 4 * tile, 3)
    for column in range(4):
        assert drawn[:HEADER, column * tile : column * tile + 60].min() < 100  # there is text


def test_a_contact_sheet_places_groups_in_lines_and_shrinks_what_is_too_large() -> None:
    red, blue = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (200, 100), "blue")
    drawn = contact_sheet([[("", red), ("", blue)]] * 3, (100, 80), across=2)

    assert drawn.size == (4 * (100 + GAP), 2 * (80 + GAP))
    for column, line in ((0, 0), (2, 0), (0, 1)):  # the third group begins the second line
        left, top = column * (100 + GAP), line * (80 + GAP)
        assert drawn.getpixel((left + 19, top + 9)) == (255, 0, 0)
        assert drawn.getpixel((left + 20, top + 9)) == (255, 255, 255)  # never enlarged
        assert drawn.getpixel((left + 100 + GAP + 99, top + 49)) == (0, 0, 255)
    assert drawn.getpixel((2 * (100 + GAP) + 5, 80 + GAP + 5)) == (255, 255, 255)


def test_a_sheet_of_photos_shows_the_degraded_photo_the_answer_and_the_photo(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    photo = Image.fromarray(np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8))
    described = replace(
        registry.code("denoising", "recipe.photo_sheet").SHEET, photos=lambda _: [("x", photo)]
    )
    card = registry.cards()["denoising"]
    predictor = registry.code("denoising", "predict").Predictor(card.models[0].weights, "cpu")
    drawn = photo_sheet.draw(described, predictor, card.predict_params(), tmp_path)

    width, height = photo_sheet.SIDE
    before, after, truth = (
        np.asarray(drawn.crop((left, HEADER + 40, left + width, HEADER + height))).astype(float)
        for left in range(0, 3 * (width + GAP), width + GAP)
    )
    assert np.array_equal(truth, np.asarray(photo_sheet.center(photo))[40:])
    assert 15 < np.sqrt(((before - truth) ** 2).mean()) < 25  # of level 25, clipped
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("name", [each for each in registry.cards() if described_in(each)])
def test_no_photo_of_a_sheet_trained_the_models_that_it_shows(name: str) -> None:
    photos = registry.code(name, "recipe.photo_sheet").SHEET.photos

    assert photos in (photo_sheet.coco_photos, photo_sheet.held_out)
    if photos is photo_sheet.coco_photos:  # the photos that the lists of these models name
        with photo_sheet.COCO_PHOTOS.open(newline="", encoding="utf-8") as file:
            shown = {(row["archive"], row["name"]) for row in csv.DictReader(file)}
        for listed in (registry.folder(name) / "recipe" / "splits").glob("*.csv"):
            with listed.open(newline="", encoding="utf-8") as file:
                rows = [row for row in csv.DictReader(file) if row.get("split") == "train"]
            assert shown.isdisjoint((row.get("archive", ""), Path(row["file"]).stem) for row in rows)
