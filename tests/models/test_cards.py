"""Every number in the tables of a model card is one that the evaluation prints."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from models.autoencoding.recipe import figures as autoencoding
from models.colorization.recipe import figures as colorization
from models.core.contract import registry
from models.core.recipe import unlike_pictures
from models.denoising.recipe import figures as denoising
from models.depixelization.recipe import figures as depixelization
from models.detection.recipe import figures as detection
from models.generation.recipe import figures as generation
from models.segmentation.recipe import figures as segmentation
from models.segmentation.recipe import mask_figures
from models.super_resolution.recipe import figures as super_resolution
from models.synthesis.recipe import figures as synthesis

NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
ONE_TABLE = {
    "autoencoding": autoencoding.tables,
    "synthesis": synthesis.table,
    "generation": generation.table,
    "depixelization": depixelization.table,
}
MODELS = Path(__file__).parents[2] / "models"


def measured(capability: str, model: str) -> dict[str, Any]:
    return json.loads((MODELS / capability / "weights" / f"{model}.json").read_text("utf-8"))


def plain(text: str) -> str:
    """Without bold type and line breaks."""
    return re.sub(r"\s+", " ", text.replace("**", ""))


def rows(text: str) -> list[str]:
    """The rows of all tables, without rules. A name can have a remark in parentheses, which is dropped."""
    lines = [plain(line).strip() for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [re.sub(r"^(\| [^|(]+) \([^|]*\) \|", r"\1 |", line) for line in lines]


def is_equal(one: str, other: str) -> bool:
    """The same words, and numbers that differ at most by rounding twice."""
    numbers, others = NUMBER.findall(one), NUMBER.findall(other)
    return NUMBER.sub("#", one) == NUMBER.sub("#", other) and all(
        abs(float(a) - float(b)) < 1.01 * 10 ** -len(a.partition(".")[2]) if "." in a else a == b
        for a, b in zip(numbers, others, strict=True)
    )


def printed(capability: str, model: str) -> str:
    kept = measured(capability, model)
    if capability in ONE_TABLE:
        return ONE_TABLE[capability](kept)
    if capability == "detection":
        return detection.tables(kept["evaluation"]["details"])
    if model == "box-unet":
        return mask_figures.table(kept["held_out"])
    if capability == "segmentation":
        return segmentation.tables(kept)
    if capability == "denoising":
        beside = [denoising.table_beside_bm3d(measured) for measured in kept["beside_bm3d"].values()]
        return "\n".join([denoising.tables(kept), *beside])
    if capability == "super_resolution":
        return super_resolution.table(kept, model)
    return colorization.table(kept, [model])


def flagged(capability: str, model: str) -> str:
    """How many pictures are flagged as unlike; empty: the model has no familiarity."""
    file = MODELS / capability / "weights" / f"{model}.familiarity.json"
    return unlike_pictures.table(json.loads(file.read_text("utf-8"))) if file.exists() else ""


@pytest.mark.parametrize(
    ("capability", "model"),
    [("detection", "grid-detector"), ("detection", "nanodet-g"), ("segmentation", "unet")],
)
def test_a_card_has_the_measured_shares_of_unlike_pictures(capability: str, model: str) -> None:
    card = rows((MODELS / capability / "weights" / f"{model}.md").read_text("utf-8"))
    expected = rows(flagged(capability, model))

    assert len(expected) > 7
    assert [row for row in expected if not any(is_equal(row, each) for each in card)] == []


@pytest.mark.parametrize(
    ("capability", "model"),
    [
        ("detection", "grid-detector"),
        ("segmentation", "unet"),
        ("segmentation", "box-unet"),
        ("denoising", "denoiser"),
        *(("super_resolution", model) for model in ("psnr-x4", "psnr-x2", "jpeg-x4", "jpeg-x2", "gan-x2")),
        ("colorization", "color-classes"),
        *(("autoencoding", model.name) for model in registry.cards()["autoencoding"].models),
        *(("synthesis", model) for model in ("edges-to-garment", "map-to-face")),
        ("generation", "garments"),
        ("generation", "faces"),
        ("depixelization", "depixelized-faces"),
        ("depixelization", "depixelized-shoes"),
    ],
)
def test_the_tables_of_a_card_are_what_the_evaluation_prints(capability: str, model: str) -> None:
    card = rows((MODELS / capability / "weights" / f"{model}.md").read_text("utf-8"))

    assert len(card) > 2
    expected = rows(printed(capability, model)) + rows(flagged(capability, model))
    missing = [row for row in card if not any(is_equal(row, each) for each in expected)]
    assert missing == []


def test_the_classes_of_the_segmentation_card_are_the_measured_ones() -> None:
    card = (MODELS / "segmentation" / "weights" / "unet.md").read_text("utf-8")

    assert plain(segmentation.by_class(measured("segmentation", "unet"))) in plain(card)


def test_a_wrong_number_would_be_found() -> None:
    assert is_equal("| a | 0.076 | +1.35 dB |", "| a | 0.075 | +1.35 dB |")
    assert not is_equal("| a | 0.076 | +1.35 dB |", "| a | 0.074 | +1.35 dB |")
    assert not is_equal("| a | 31 |", "| a | 30 |")
    assert not is_equal("| a | 31 |", "| b | 31 |")
