"""PSNR of the six pictures of scikit-image and scikit-learn, enlarged from JPEGs: one row per picture.

    python -m models.super_resolution.recipe.jpeg_pictures
    python -m models.super_resolution.recipe.jpeg_pictures --weights before.safetensors after.safetensors

Each picture is shrunk by Pillow's bicubic filter, saved as JPEG, read, and enlarged by bicubic resizing and
by the models. Several weights files stand side by side.
"""

import argparse
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from models.core.training.photos import Photo
from models.super_resolution.evaluate import QUALITIES, SHIPPED, measure, scikit_photos
from models.super_resolution.recipe.figures import BICUBIC
from models.super_resolution.upscaler import Upscaler

log = logging.getLogger(__name__)


def table(pictures: Sequence[Photo], psnr: Mapping[str, Sequence[float]]) -> str:
    """Markdown: luma PSNR in dB and the gain over bicubic resizing, by picture and method, and the means.

    Args:
        psnr: by method, one number per picture.
    """
    methods = [BICUBIC, *(name for name in psnr if name != BICUBIC)]
    rows = [f"| picture | {' | '.join(methods)} |", "| --- " * (1 + len(methods)) + "|"]
    names = [*(picture.name for picture in pictures), "mean"]
    columns = {name: [*psnr[name], float(np.mean(psnr[name]))] for name in methods}
    for index, name in enumerate(names):
        base = columns[BICUBIC][index]
        cells = [f"{columns[each][index]:.2f} ({columns[each][index] - base:+.2f})" for each in methods[1:]]
        rows.append(f"| {' | '.join([name, f'{base:.2f}', *cells])} |")
    return "\n".join(rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--weights",
        type=Path,
        nargs="+",
        default=[SHIPPED["psnr-x4"], SHIPPED["jpeg-x4"]],
        help="models of one scale",
    )
    parser.add_argument("--quality", type=int, default=QUALITIES["_jpeg"], help="of the JPEGs")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    upscalers = {file.stem: Upscaler(file) for file in options.weights}
    scales = {upscaler.scale for upscaler in upscalers.values()}
    if len(scales) > 1:
        parser.error("the models have different scales")
    pictures = scikit_photos()
    scores = measure(pictures, upscalers, scales.pop(), options.quality)
    log.info("%s", table(pictures, {name: own["psnr_y"] for name, own in scores.items()}))


if __name__ == "__main__":
    main()
