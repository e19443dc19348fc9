"""A sanity check on photos, which were not in the training data: does the best box have the photo's label?

    python -m models.detection.recipe.photos --raw raw --sheet photos.png

The photos come from the Debian package gcompris-qt-data and are listed by name in splits/photos.csv.
"""

import argparse
import csv
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import zstandard
from PIL import Image

from models.core.contract.errors import InputError
from models.core.recipe.sources import Resources
from models.detection.card import WEIGHTS, PredictParams
from models.detection.predict import Predictor, draw_objects

LIST = Path(__file__).parent / "splits" / "photos.csv"
TILE = 240
COLUMNS = 12

log = logging.getLogger(__name__)


def photos(raw: Path, listed: Path = LIST, column: str = "class") -> Iterator[tuple[str, Image.Image]]:
    """Label, from this column of the list, and image of every listed photo.

    Raises:
        InputError: the package is missing from `raw`.
    """
    with listed.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for archive in dict.fromkeys(raw / row["package"] / row["archive"] for row in rows):
        if not archive.exists():
            raise InputError(
                f"{archive} is missing: fetch gcompris-qt-data with models.core.recipe.sources first."
            )
        labels = {row["name"]: row[column] for row in rows if Path(row["archive"]).name == archive.name}
        for path, data in sorted(Resources(archive, _unzstandard).files()):
            if path.endswith(".webp") and Path(path).stem in labels:
                yield labels[Path(path).stem], Image.open(io.BytesIO(data)).convert("RGB")


def _unzstandard(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed)


def measure(weights: Path, raw: Path, sheet: Path | None, device: str) -> dict[str, float]:
    """Share of photos whose best box has the correct label, and share with it among the best three."""
    predictor, params = Predictor(weights, device), PredictParams(score=0.0, max_objects=3)
    tiles, first, third = [], 0, 0
    for label, picture in photos(raw):
        item = predictor.network.prepare(picture)
        found = predictor.encode(item, predictor.forward([item])[0], params).result["objects"]
        labels = [each["label"] for each in found]
        first += labels[:1] == [label]
        third += label in labels
        tiles.append(draw_objects(picture, found[:1], predictor.network.labels).resize((TILE, TILE)))
    if sheet:
        picture = Image.new("RGB", (COLUMNS * TILE, -(-len(tiles) // COLUMNS) * TILE))
        for index, tile in enumerate(tiles):
            picture.paste(tile, (index % COLUMNS * TILE, index // COLUMNS * TILE))
        picture.save(sheet)
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
