"""Evaluation of the upscaling models on held-out photos, beside bicubic resizing.

    glassbox evaluate super_resolution --sheet sheet.png

shrinks each held-out photo with Pillow's bicubic filter, enlarges it by bicubic resizing and by every model,
and compares the results with the photo: PSNR and SSIM of luma, without a border of as many pixels as the
scale. All is done twice: with the small photo as it is, and saved as a JPEG of quality 60. The photos are
those of data/photos.zip and those of scikit-image and scikit-learn. The output ends with the tables of the
model cards.
"""

import argparse
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
import torch
from PIL import Image
from skimage.metrics import structural_similarity
from sklearn.datasets import load_sample_images

from models.core.images.codec import encode_png
from models.core.recipe.contact_sheet import contact_sheet
from models.core.training import photos
from models.core.training.bootstrap import interval_of_mean
from models.core.training.photos import Photo
from models.super_resolution.card import CARD, SAMPLE_DATASET
from models.super_resolution.data import MIN_SIDE, Pair, shrink
from models.super_resolution.detail import find_detail
from models.super_resolution.metrics import luma, psnr_y, sharpness, without_border
from models.super_resolution.recipe.figures import BICUBIC, tables
from models.super_resolution.upscaler import Upscaler

log = logging.getLogger(__name__)

DATASET = Path("data/photos.zip")
SHIPPED = {model.name: model.weights for model in CARD.models if model.weights}
SCIKIT = ("astronaut", "chelsea", "coffee", "rocket")
CROP_SIDE = 240  # pixels of the truth: side of a crop on the sheet
DECIMALS = 4
QUALITIES = {
    "": None,
    "_jpeg": 60,
}  # of the small photos, by the ending of a set's name; None: not compressed
Scores = dict[str, list[float]]  # by metric, one number per picture


def scikit_photos() -> list[Photo]:
    """The color photos that scikit-image and scikit-learn include."""
    pictures = [Photo(name, "test", getattr(skimage.data, name)()) for name in SCIKIT]
    samples: Any = load_sample_images()  # a Bunch: its fields exist at run time only
    return pictures + [
        Photo(Path(file).stem, "test", pixels)
        for file, pixels in zip(samples.filenames, samples.images, strict=True)
    ]


def ssim_y(answer: np.ndarray, truth: np.ndarray, border: int) -> float:
    """Structural similarity of luma (Wang et al. 2004: Gaussian window of 1.5 pixels), without a border."""
    both = (without_border(luma(picture), border) for picture in (answer, truth))
    similarity: Any = structural_similarity(  # a number, unless its options request more
        *both, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(similarity)


def bicubic(low: np.ndarray, scale: int) -> np.ndarray:
    """The baseline: Pillow's bicubic resizing."""
    size = (low.shape[1] * scale, low.shape[0] * scale)
    return np.asarray(Image.fromarray(low).resize(size, Image.Resampling.BICUBIC))


def enlarge_all(pair: Pair, upscalers: dict[str, Upscaler], scale: int) -> dict[str, np.ndarray]:
    """The picture enlarged by bicubic resizing and by each model."""
    return {BICUBIC: bicubic(pair.low, scale)} | {
        name: upscaler.upscale(pair.low) for name, upscaler in upscalers.items()
    }


def measure(
    pictures: Sequence[Photo], upscalers: dict[str, Upscaler], scale: int, quality: int | None = None
) -> dict[str, Scores]:
    """The scores of bicubic resizing and of each model on every picture; `quality`: see `shrink`."""
    scores: dict[str, Scores] = {}
    for picture in pictures:
        pair = shrink(picture.pixels, scale, quality)
        for name, answer in enlarge_all(pair, upscalers, scale).items():
            own = scores.setdefault(name, {"psnr_y": [], "ssim_y": [], "sharpness": []})
            own["psnr_y"].append(psnr_y(answer, pair.high, scale))
            own["ssim_y"].append(ssim_y(answer, pair.high, scale))
            own["sharpness"].append(sharpness(answer) / max(sharpness(pair.high), 1e-9))
    return scores


def summarize(scores: dict[str, Scores]) -> dict[str, dict[str, float]]:
    """Means over the pictures, and each model's gain over bicubic resizing with its 95 % interval."""
    summary: dict[str, dict[str, float]] = {}
    baseline = scores[BICUBIC]
    for name, own in scores.items():
        summary[name] = {key: float(np.mean(values)) for key, values in own.items()}
        if name != BICUBIC:
            gain = np.array(own["psnr_y"]) - baseline["psnr_y"]
            low, high = interval_of_mean(gain, resamples=2000, seed=0)
            summary[name] |= {
                "psnr_y_gain": float(gain.mean()),
                "psnr_y_gain_low": low,
                "psnr_y_gain_high": high,
                "psnr_y_gain_least": float(gain.min()),
                "worse_psnr_y": int((gain < 0).sum()),
                "worse_ssim_y": int((np.array(own["ssim_y"]) < baseline["ssim_y"]).sum()),
            }
    return {
        name: {key: round(value, DECIMALS) for key, value in each.items()} for name, each in summary.items()
    }


def sheet(
    pictures: Sequence[Photo], upscalers: dict[str, Upscaler], scale: int, quality: int | None = None
) -> Image.Image:
    """One row per picture with its most textured part: small, bicubic, each model, truth."""
    names = ["small", BICUBIC, *upscalers, "truth"]
    rows = []
    for picture in pictures:
        pair = shrink(picture.pixels, scale, quality)
        small = np.asarray(Image.fromarray(pair.low).resize(pair.high.shape[1::-1], Image.Resampling.NEAREST))
        columns = [small, *enlarge_all(pair, upscalers, scale).values(), pair.high]
        detail = find_detail(Image.fromarray(pair.high))
        left = min(detail.left + detail.width // 2, pair.high.shape[1] - CROP_SIDE // 2) - CROP_SIDE // 2
        top = min(detail.top + detail.height // 2, pair.high.shape[0] - CROP_SIDE // 2) - CROP_SIDE // 2
        window = (slice(max(0, top), max(0, top) + CROP_SIDE), slice(max(0, left), max(0, left) + CROP_SIDE))
        rows.append([("", Image.fromarray(column[window])) for column in columns])
    return contact_sheet(rows, (CROP_SIDE, CROP_SIDE), names=names)


def evaluate(files: dict[str, Path], sets: dict[str, list[Photo]], device: str = "cpu") -> dict[str, Any]:
    """Metrics by scale, set of pictures and method; sets whose small pictures were JPEGs end with `_jpeg`.

    Raises:
        WeightsError: one of the files is not an upscaler's.
    """
    upscalers = {name: Upscaler(file, device) for name, file in files.items()}
    report: dict[str, Any] = {}
    for scale in sorted({upscaler.scale for upscaler in upscalers.values()}, reverse=True):
        of_scale = {name: upscaler for name, upscaler in upscalers.items() if upscaler.scale == scale}
        report[f"x{scale}"] = {
            name + ending: {
                "pictures": len(pictures),
                **summarize(measure(pictures, of_scale, scale, quality)),
            }
            for ending, quality in QUALITIES.items()
            for name, pictures in sets.items()
        }
    return report


def seconds_per_megapixel(upscaler: Upscaler, side: int = 256) -> float:
    """Seconds for a megapixel of answer, on pictures of side × side pixels; the fastest of three runs."""
    picture = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        upscaler.upscale(picture)
        seconds.append(time.perf_counter() - started)
    return round(min(seconds) / (side * upscaler.scale) ** 2 * 1e6, 3)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--weights", type=Path, nargs="+", help="evaluate these files instead of the shipped models"
    )
    parser.add_argument(
        "--dataset", type=Path, help=f"ZIP of photos ({DATASET} if it exists, else the sample)"
    )
    parser.add_argument("--split", choices=photos.SPLITS, default="test")
    parser.add_argument("--sheet", type=Path, help="also draw crops of all pictures, one PNG per scale")
    parser.add_argument("--quality", type=int, help="draw the sheet from JPEGs of this quality")
    parser.add_argument("--out", type=Path, help="also write one <model>.json per model to this folder")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else SAMPLE_DATASET)
    files = {file.stem: file for file in options.weights} if options.weights else SHIPPED
    sets = {"photos": photos.load(dataset, options.split, MIN_SIDE)}
    if options.split == "test":
        sets["scikit"] = scikit_photos()
    report = evaluate(files, sets, options.device)
    about = {"dataset": dataset.name, "split": options.split}
    speeds = {name: seconds_per_megapixel(Upscaler(file, options.device)) for name, file in files.items()}
    text = json.dumps({**about, "seconds_a_megapixel": speeds, **report}, indent=2)
    log.info("%s\n\n%s", text, tables(report))
    if options.out:
        write(options.out, files, report, speeds, about)
    if options.sheet:
        pictures = [each for pictures in sets.values() for each in pictures]
        draw(options.sheet, files, pictures, options.device, options.quality)


def write(
    folder: Path,
    files: dict[str, Path],
    report: dict[str, Any],
    speeds: dict[str, float],
    about: dict[str, Any],
) -> None:
    """One JSON file per model: its metrics and those of bicubic resizing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in files.items():
        scale = Upscaler(file).scale
        sets = report[f"x{scale}"]
        kept = {
            which: {"pictures": each["pictures"], BICUBIC: each[BICUBIC], name: each[name]}
            for which, each in sets.items()
        }
        text = json.dumps({**about, "scale": scale, "seconds_a_megapixel": speeds[name], **kept}, indent=2)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")


def draw(
    path: Path, files: dict[str, Path], pictures: Sequence[Photo], device: str, quality: int | None
) -> None:
    """Sheets of crops, one per scale: `path` with the scale in its name."""
    upscalers = {name: Upscaler(file, device) for name, file in files.items()}
    for scale in {upscaler.scale for upscaler in upscalers.values()}:
        of_scale = {name: upscaler for name, upscaler in upscalers.items() if upscaler.scale == scale}
        target = path.with_stem(f"{path.stem}-x{scale}")
        target.write_bytes(encode_png(sheet(pictures, of_scale, scale, quality)))
        log.info("%s: small, %s, truth", target, ", ".join([BICUBIC, *of_scale]))


if __name__ == "__main__":
    main()
