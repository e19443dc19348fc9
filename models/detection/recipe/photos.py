"""A sanity check on photos, which were not in the training data: does the best box have the photo's label?

    python -m models.detection.recipe.photos --raw raw --sheet photos.png

The photos come from the Debian package gcompris-qt-data and are listed by name in splits/photos.csv.
"""

import argparse
import json
import logging
from pathlib import Path

from models.core.recipe.contact_sheet import contact_sheet
from models.core.recipe.photo_sheet import listed_photos
from models.detection.card import WEIGHTS, PredictParams
from models.detection.predict import Predictor, draw_objects

LIST = Path(__file__).parent / "splits" / "photos.csv"
TILE = 240
COLUMNS = 12

log = logging.getLogger(__name__)


def measure(weights: Path, raw: Path, sheet: Path | None, device: str) -> dict[str, float]:
    """Share of photos whose best box has the correct label, and share with it among the best three."""
    predictor, params = Predictor(weights, device), PredictParams(score=0.0, max_objects=3)
    tiles, first, third = [], 0, 0
    for label, picture in listed_photos(raw, LIST, "class"):
        item = predictor.network.prepare(picture)
        found = predictor.encode(item, predictor.forward([item])[0], params).result["objects"]
        labels = [each["label"] for each in found]
        first += labels[:1] == [label]
        third += label in labels
        tiles.append([("", draw_objects(picture, found[:1], predictor.network.labels))])
    if sheet:
        contact_sheet(tiles, (TILE, TILE), COLUMNS).save(sheet)
    return {"top1": first / len(tiles), "top3": third / len(tiles), "photos": len(tiles)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the weights to measure")
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--sheet", type=Path, help="also draw the predictions to this PNG")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    log.info(json.dumps(measure(options.weights, options.raw, options.sheet, options.device)))


if __name__ == "__main__":
    main()
