"""The masks that the pages' tests read and write are those of pycocotools."""

import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco

FILE = Path(__file__).parents[4] / "frontend" / "src" / "labeling" / "run-lengths.golden.json"
MASKS = json.loads(FILE.read_text("utf-8"))["masks"]


@pytest.mark.parametrize("golden", MASKS, ids=[golden["name"] for golden in MASKS])
def test_the_golden_masks_are_those_of_pycocotools(golden: dict) -> None:
    runs = np.arange(len(golden["counts"])) % 2
    pixels = np.repeat(runs.astype(np.uint8), golden["counts"]).reshape(golden["size"], order="F")

    encoded = coco.encode(np.asfortranarray(pixels))

    assert encoded["counts"] == golden["text"].encode()
    assert coco.area(encoded) == golden["area"]
    left, top, width, height = coco.toBbox(encoded)
    assert [left, top, left + width, top + height] == golden["box"]
