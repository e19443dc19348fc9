"""Up to which quality the JPEG model is closer to the truth than the PSNR model, on validation photos.

    python -m models.super_resolution.recipe.crossover --scale 4

shrinks the photos, saves the small ones in several formats and qualities, and enlarges them by both networks:
one row for each format and quality, with the median quality that the pixels alone have traces of, and in how
many photos.
"""

import argparse
import io
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.training.photos import Photo
from models.super_resolution.architecture import SCALES
from models.super_resolution.card import shipped_weights
from models.super_resolution.compression import traced_quality
from models.super_resolution.data import Pair, shrink, validation_photos
from models.super_resolution.evaluate import DATASET, bicubic
from models.super_resolution.metrics import psnr_y
from models.super_resolution.train import center
from models.super_resolution.upscaler import Upscaler

log = logging.getLogger(__name__)

CASES = (
    ("PNG", 100),
    *(("JPEG", quality) for quality in (98, 95, 92, 90, 85, 75, 60)),
    *(("WEBP", quality) for quality in (90, 80)),
    ("AVIF", 75),
)
HEAD = (
    "| saved as | bicubic | PSNR model | JPEG model | difference | quality from pixels |\n"
    + "| --- " * 6
    + "|"
)


def saved(picture: np.ndarray, form: str, quality: int) -> np.ndarray:
    """The picture, saved and read again."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form, quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def gains(pairs: Sequence[Pair], upscalers: Sequence[Upscaler], scale: int) -> list[float]:
    """Mean luma PSNR in dB of bicubic resizing, and the gain of each network over it."""
    answers = [
        [bicubic(pair.low, scale), *(upscaler.upscale(pair.low) for upscaler in upscalers)] for pair in pairs
    ]
    psnr = [
        [psnr_y(answer, pair.high, scale) for answer in row] for pair, row in zip(pairs, answers, strict=True)
    ]
    baseline, *others = np.mean(psnr, axis=0).tolist()
    return [baseline, *(each - baseline for each in others)]


def table(photos: Sequence[Photo], clean: Upscaler, compressed: Upscaler) -> str:
    """Markdown, one row for each format and quality."""
    rows, scale = [HEAD], clean.scale
    whole = [shrink(photo.pixels, scale) for photo in photos]
    centers = [shrink(center(photo.pixels), scale) for photo in photos]
    for form, quality in CASES:
        pairs = [Pair("", pair.high, saved(pair.low, form, quality)) for pair in centers]
        baseline, of_clean, of_compressed = gains(pairs, (clean, compressed), scale)
        traces = [traced_quality(Image.fromarray(saved(pair.low, form, quality))) for pair in whole]
        found = [each for each in traces if each is not None]
        median = (
            f"{np.median(found):.0f} in {len(found)} of {len(photos)}" if found else f"0 of {len(photos)}"
        )
        name = form if form == "PNG" else f"{form.replace('WEBP', 'WebP')} {quality}"
        rows.append(
            f"| {name} | {baseline:.2f} dB | {of_clean:+.2f} dB | {of_compressed:+.2f} dB "
            f"| {of_compressed - of_clean:+.2f} dB | {median} |"
        )
        log.info("%s", rows[-1])
    return "\n".join(rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=int, choices=SCALES, default=4)
    parser.add_argument("--clean", type=Path, help="weights of the network for clean pictures")
    parser.add_argument("--compressed", type=Path, help="weights of the network for compressed pictures")
    parser.add_argument("--dataset", type=Path, default=DATASET)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    clean = Upscaler(options.clean or shipped_weights("psnr", options.scale))
    compressed = Upscaler(options.compressed or shipped_weights("jpeg", options.scale))
    log.info("\n%s", table(validation_photos(options.dataset), clean, compressed))


if __name__ == "__main__":
    main()
