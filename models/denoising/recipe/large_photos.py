"""What a large photo costs, and whether its pieces meet without a seam.

    python -m models.denoising.recipe.large_photos --megapixels 24

denoises one photo of that size in a process of its own, which prints its times and the most memory it held,
and then holds the pieces of a part of the photo against the same part in one piece.
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
from models.core.contract.prediction import Wants
from models.core.images.codec import decode, encode_png_quickly
from models.denoising.architecture import STRIDE
from models.denoising.card import WEIGHTS, PredictParams
from models.denoising.inspection import SHOWN_SIDE
from models.denoising.network import TILE, Network, whole_cells
from models.denoising.noise import BITS, add
from models.denoising.predict import Predictor

PHOTO = Path(__file__).parents[1] / "samples" / "ridge.jpg"
LEVEL = 25.0


def photo_of(file: Path, megapixels: float) -> np.ndarray:
    """The photo enlarged to a 3:2 picture of that size, with noise; (H, W, 3), uint8."""
    height = round(sqrt(megapixels * 1e6 / 1.5))
    enlarged = decode(file.read_bytes()).resize((round(1.5 * height), height), Image.Resampling.BICUBIC)
    return add(np.asarray(enlarged), LEVEL, seed=0)


def cost(weights: Path, data: bytes, inspection: bool) -> dict[str, float]:
    """Seconds and peak memory in MB of one prediction in this process, which should be a fresh one.

    `cpu` counts what this process computed, whatever else the machine was busy with.
    """
    torch.set_num_threads(1)
    predictor, params = Predictor(weights), PredictParams()
    before = peak()
    started = time.process_time()
    moments = [time.perf_counter()]
    given = predictor.decode(data, params)
    moments.append(time.perf_counter())
    raw = predictor.forward([given])[0]
    moments.append(time.perf_counter())
    predictor.encode(given, raw, params, Wants(inspection, picture=True))
    moments.append(time.perf_counter())
    seconds = dict(zip(("decode", "forward", "encode"), np.diff(moments).round(2).tolist(), strict=True))
    return {
        **seconds,
        "cpu": round(time.process_time() - started, 2),
        "peak_mb": peak(),
        "peak_mb_before": before,
    }


def peak() -> float:
    """The most memory that this process has held, in MB."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(held / (1e6 if sys.platform == "darwin" else 1e3), 1)  # macOS counts bytes, Linux kB


def seam(weights: Path, pixels: np.ndarray, tile: int) -> dict[str, float]:
    """Largest differences, in 8-bit units, between pieces of side `tile` and one piece, not rounded.

    At the pieces' borders: the two pixels to each side.
    """
    picture = whole_cells(pixels)
    pieces = Network(*checkpoint.load(weights), "cpu", tile=tile)
    whole = Network(*checkpoint.load(weights), "cpu", tile=max(picture.shape))
    ours, theirs = (torch.cat(list(each.bands(picture, LEVEL)), dim=1) for each in (pieces, whole))
    away = (ours - theirs).abs().amax(dim=0) * BITS
    borders = torch.zeros_like(away, dtype=torch.bool)
    for start in range(tile, max(picture.shape), tile):
        borders[start - 2 : start + 2] = True
        borders[:, start - 2 : start + 2] = True
    return {"largest": float(away.max()), "largest_at_borders": float(away[borders].max())}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--photo", type=Path, default=PHOTO, help="the photo to enlarge")
    parser.add_argument("--megapixels", type=float, default=24.0)
    parser.add_argument("--inspection", action="store_true", help="also make the stages")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    pixels = photo_of(options.photo, options.megapixels)
    data = encode_png_quickly(Image.fromarray(pixels))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        costs = fresh.submit(cost, options.weights, data, options.inspection).result()
    part = pixels[
        : SHOWN_SIDE + STRIDE, : SHOWN_SIDE + STRIDE
    ]  # fits in one piece, and has four of a quarter
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
