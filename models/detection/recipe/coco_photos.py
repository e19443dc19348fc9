"""Two detectors on 24 photos whose subject is a class of COCO, and which neither was trained on.

    python -m models.detection.recipe.coco_photos --raw raw --nanodet nanodet-g.safetensors \
        --sheet sheets

The photos come from the Debian package gcompris-qt-data (models/core/recipe/coco_photos.csv), fetched by

    python -m models.core.recipe.sources --into raw gcompris-qt-data

The grid detector has classes of its own, such as animal for a giraffe; it has none for the chair and the cup.
A photo is right if its best box has the photo's class, at whatever score. At a threshold, a photo is found
if one box has its class, and every box of another class is wrong. With --time, also the milliseconds of
processor time that one picture takes, the median of ten, from the file to the objects, and the network's
share of it.
"""

import argparse
import json
import logging
import statistics
import time
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from models.core.images.codec import encode_png
from models.core.recipe.contact_sheet import contact_sheet
from models.core.recipe.photo_sheet import COCO_PHOTOS, listed_photos
from models.detection.card import WEIGHTS, PredictParams
from models.detection.predict import Predictor, draw_objects

THRESHOLDS = (0.25, 0.35, 0.5)
TILE = 320
COLUMNS = 6

log = logging.getLogger(__name__)


def objects(predictor: Predictor, picture: Image.Image, score: float) -> list[dict[str, Any]]:
    """The objects of one picture, best first."""
    item = predictor.network.prepare(picture)
    params = PredictParams(score=score, max_objects=300)
    return predictor.encode(item, predictor.forward([item])[0], params).result["objects"]


def measure(predictor: Predictor, column: str, raw: Path, sheet: Path | None) -> dict[str, Any]:
    """top1, and for each threshold the number of photos found and of wrong boxes."""
    right, at = 0, {score: [0, 0] for score in THRESHOLDS}
    tiles = []
    for label, picture in listed_photos(raw, COCO_PHOTOS, column):
        found = objects(predictor, picture, 0.05)
        right += [each["label"] for each in found[:1]] == [label]
        for score, counts in at.items():
            labels = [each["label"] for each in found if each["score"] >= score]
            counts[0] += label in labels
            counts[1] += sum(each != label for each in labels)
        shown = [each for each in found if each["score"] >= 0.35]
        tiles.append([("", draw_objects(picture, shown, predictor.network.labels))])
    if sheet:
        contact_sheet(tiles, (TILE, TILE), COLUMNS).save(sheet)
    by_score = {f"at {score}": {"found": found, "wrong": wrong} for score, (found, wrong) in at.items()}
    return {"photos": len(tiles), "top1": right, **by_score}


def milliseconds(predictor: Predictor, picture: Image.Image) -> dict[str, float]:
    """Median processor time of a picture on one thread: in all, and of the network alone."""
    data, whole, network = encode_png(picture), [], []
    for _ in range(11):
        started = time.process_time()
        item = predictor.decode({"image": data}, PredictParams())
        decoded = time.process_time()
        raw = predictor.forward([item])[0]
        network.append(time.process_time() - decoded)
        predictor.encode(item, raw, PredictParams())
        whole.append(time.process_time() - started)
    return {
        "whole": round(1000 * statistics.median(whole[1:]), 1),
        "network": round(1000 * statistics.median(network[1:]), 1),
        "slices": len(predictor.decode({"image": data}, PredictParams()).slices),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--nanodet", type=Path, required=True, help="its fetched weights")
    parser.add_argument("--sheet", type=Path, help="also draw the objects above 0.35 into this folder")
    parser.add_argument("--time", action="store_true", help="also measure the processor time")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    for name, weights, column in (
        ("grid-detector", WEIGHTS, "grid_class"),
        ("nanodet-g", options.nanodet, "class"),
    ):
        predictor = Predictor(weights)
        sheet = options.sheet / f"{name}.png" if options.sheet else None
        measured = measure(predictor, column, options.raw, sheet)
        if options.time:
            _, picture = next(listed_photos(options.raw, COCO_PHOTOS, "class"))
            sizes = {"640 x 480": (640, 480), "4000 x 3000": (4000, 3000)}
            measured["ms"] = {
                each: milliseconds(predictor, picture.resize(size)) for each, size in sizes.items()
            }
        log.info("%s %s", name, json.dumps(measured))


if __name__ == "__main__":
    main()
