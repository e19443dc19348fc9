"""Cost of a large photo, and visibility of its tiles: time, peak memory, differences at the seams.

    python -m models.super_resolution.recipe.large_photos --megapixels 24

predicts one photo as a worker does, in a process of its own, and compares parts around the borders of tiles
with the same parts computed in one piece. Without --picture, the photo is a sample enlarged to that size.
"""

import argparse
import io
import json
import logging
import resource
import time
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.images.canvas import Canvas
from models.super_resolution.card import CARD, PredictParams, shipped_weights
from models.super_resolution.predict import Predictor
from models.super_resolution.upscaler import TILE, Upscaler

log = logging.getLogger(__name__)

PART = 384  # pixels of the upload: side of the parts compared, each around a crossing of borders
PARTS = 6


def large_photo(file: Path, megapixels: float) -> bytes:
    """JPEG bytes of a picture, resized to that many megapixels."""
    with Image.open(file) as opened:
        factor = sqrt(megapixels * 1e6 / (opened.width * opened.height))
        size = (round(opened.width * factor), round(opened.height * factor))
        buffer = io.BytesIO()
        opened.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def difference_at_seams(upscaler: Upscaler, picture: np.ndarray, answer: Canvas) -> int:
    """Largest difference, of 255, between parts around crossings of tiles and one-piece inference."""
    height, width = picture.shape[:2]
    largest = 0
    crossings = [
        (row, column)
        for row in range(TILE, height - PART // 2, TILE)
        for column in range(TILE, width - PART // 2, TILE)
    ]
    for row, column in crossings[:: max(1, len(crossings) // PARTS)]:
        top, left = max(0, row - PART // 2), max(0, column - PART // 2)
        part = np.ascontiguousarray(picture[top : top + PART, left : left + PART])
        whole = upscaler.upscale(part, tile=PART)  # one piece
        inner, scale = upscaler.margin, upscaler.scale  # at the part's border, neighbors are missing
        kept = slice(inner * scale, (PART - inner) * scale)
        rows, columns = ((start + inner) * scale for start in (top, left))
        side = (PART - 2 * inner) * scale
        tiled = answer.rows(rows, rows + side)[:, columns : columns + side].astype(np.int16)
        largest = max(largest, int(np.abs(tiled - whole[kept, kept]).max()))
    return largest


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=shipped_weights("psnr", 4))
    parser.add_argument("--picture", type=Path, default=CARD.samples[0].inputs["image"])
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    data = large_photo(options.picture, options.megapixels)
    predictor, params = Predictor(options.weights, options.device), PredictParams()
    before = peak_megabytes()
    clock = [time.perf_counter()]
    item = predictor.decode({"image": data}, params)
    clock.append(time.perf_counter())
    raw = predictor.forward([item])[0]
    clock.append(time.perf_counter())
    after_forward = peak_megabytes()
    prediction = predictor.encode(item, raw, params)
    clock.append(time.perf_counter())
    seconds = dict(zip(("decode", "forward", "encode"), np.diff(clock).round(1).tolist(), strict=True))
    report = {
        "upload": prediction.result["image"],
        "enlarged": prediction.result["enlarged"],
        "tiles": prediction.result["tiles"],
        "seconds": seconds,
        "answer_megabytes": raw.height * raw.width * raw.channels // 10**6,
        "png_megabytes": len(prediction.outputs[0].data) // 10**6,
        "peak_megabytes": {"loaded": before, "forward": after_forward, "encode": peak_megabytes()},
        "largest_difference_at_seams": difference_at_seams(predictor.upscaler, np.asarray(item.color), raw),
    }
    log.info(json.dumps(report, indent=2))


def peak_megabytes() -> int:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6


if __name__ == "__main__":
    main()
