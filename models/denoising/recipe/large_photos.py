"""Time and memory of denoising a large photo, and whether its tiles join without a seam.

    python -m models.denoising.recipe.large_photos --megapixels 24

denoises one photo of that size in a separate process, prints the times and peak memory, and compares a part
of the photo in tiles with the same part as a whole.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from math import sqrt
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.images.codec import decode, encode_png_quickly
from models.denoising.architecture import STRIDE
from models.denoising.card import WEIGHTS, PredictParams
from models.denoising.inspection import SHOWN_SIDE
from models.denoising.network import TILE, Network, pad
from models.denoising.noise import FULL_SCALE, add
from models.denoising.predict import Predictor

PHOTO = Path(__file__).parents[1] / "samples" / "ridge.jpg"
LEVEL = 25.0


def photo_of(file: Path, megapixels: float) -> np.ndarray:
    """The photo enlarged to that size in 3:2, with noise; (H, W, 3), uint8."""
    height = round(sqrt(megapixels * 1e6 / 1.5))
    enlarged = decode(file.read_bytes()).resize((round(1.5 * height), height), Image.Resampling.BICUBIC)
    return add(np.asarray(enlarged), LEVEL, seed=0)


def cost(weights: Path, data: bytes, inspection: bool) -> dict[str, float]:
    """Seconds and peak memory in MB of one prediction in this process, which should be a new one.

    `cpu` is the CPU time of this process.
    """
    torch.set_num_threads(1)
    predictor, params = Predictor(weights), PredictParams()
    before = peak()
    started = time.process_time()
    moments = [time.perf_counter()]
    item = predictor.decode({"image": data}, params)
    moments.append(time.perf_counter())
    raw = predictor.forward([item])[0]
    moments.append(time.perf_counter())
    predictor.encode(item, raw, params, picture=True)
    if inspection:
        predictor.inspect(item, raw, params)
    moments.append(time.perf_counter())
    seconds = dict(zip(("decode", "forward", "encode"), np.diff(moments).round(2).tolist(), strict=True))
    return {
        **seconds,
        "cpu": round(time.process_time() - started, 2),
        "peak_mb": peak(),
        "peak_mb_before": before,
    }


def peak() -> float:
    """The peak memory of this process in MB."""
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak_bytes / (1e6 if sys.platform == "darwin" else 1e3), 1)  # macOS reports bytes, Linux kB


def seam(weights: Path, pixels: np.ndarray, tile: int) -> dict[str, float]:
    """Largest differences, in 8-bit units, between tiles of side `tile` and the whole, not rounded.

    Borders are the two pixels on each side of where tiles meet.
    """
    image = pad(pixels)
    tiled = Network(*checkpoint.load(weights), "cpu", tile=tile)
    whole = Network(*checkpoint.load(weights), "cpu", tile=max(image.shape))
    one, other = (torch.cat(list(each.bands(image, LEVEL)), dim=1) for each in (tiled, whole))
    difference = (one - other).abs().amax(dim=0) * FULL_SCALE
    borders = torch.zeros_like(difference, dtype=torch.bool)
    for start in range(tile, max(image.shape), tile):
        borders[start - 2 : start + 2] = True
        borders[:, start - 2 : start + 2] = True
    return {"largest": float(difference.max()), "largest_at_borders": float(difference[borders].max())}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--photo", type=Path, default=PHOTO, help="the photo to enlarge")
    parser.add_argument("--megapixels", type=float, default=24.0)
    parser.add_argument("--inspection", action="store_true", help="also compute the stages")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    pixels = photo_of(options.photo, options.megapixels)
    data = encode_png_quickly(Image.fromarray(pixels))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        costs = process.submit(cost, options.weights, data, options.inspection).result()
    part = pixels[
        : SHOWN_SIDE + STRIDE, : SHOWN_SIDE + STRIDE
    ]  # fits in one tile, and has four quarter tiles
    answer = {
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "tile": TILE,
        **costs,
        "seam": seam(options.weights, part, TILE // 4),
    }
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    main()
