"""Quality of the enlarging models on photos that they were not trained on, beside bicubic resizing.

    glassbox evaluate super_resolution --sheet sheet.png

shrinks each held-out photo with Pillow's bicubic filter, enlarges it again by bicubic resizing and by every
model, and compares both with the photo: PSNR and SSIM of luma, without a border of as many pixels as the
scale. Beside the photos of data/photos.zip stand those that come with scikit-image and scikit-learn. What is
printed ends with the tables of the models' cards.
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
from PIL import Image, ImageDraw
from skimage.metrics import structural_similarity
from sklearn.datasets import load_sample_images

from models.core.images.codec import encode_png
from models.core.training import photos
from models.core.training.photos import Photo
from models.super_resolution.card import SAMPLE_DATASET, weights
from models.super_resolution.data import LEAST, Pair, shrink
from models.super_resolution.detail import find_detail
from models.super_resolution.metrics import bootstrap, luma, psnr_y, sharpness, without_border
from models.super_resolution.network import Network
from models.super_resolution.recipe.figures import BICUBIC, tables

log = logging.getLogger(__name__)

DATASET = Path("data/photos.zip")
SHIPPED = {f"{loss}-x{scale}": weights(loss, scale) for scale in (4, 2) for loss in ("psnr", "gan")}
SCIKIT = ("astronaut", "chelsea", "coffee", "rocket")
SIDE = 240  # pixels of the truth: side of a crop on the sheet
HEAD = 16  # pixels: height of the names above
PRECISION = 4
Measures = dict[str, list[float]]


def scikit_photos() -> list[Photo]:
    """The color photos that scikit-image and scikit-learn bring along."""
    found = [Photo(name, "test", getattr(skimage.data, name)()) for name in SCIKIT]
    samples: Any = load_sample_images()  # a Bunch: its fields are made at run time
    return found + [
        Photo(Path(file).stem, "test", pixels)
        for file, pixels in zip(samples.filenames, samples.images, strict=True)
    ]


def ssim_y(answer: np.ndarray, truth: np.ndarray, border: int) -> float:
    """Structural similarity of luma (Wang et al. 2004: Gaussian window of 1.5 pixels), without a border."""
    mine, real = (without_border(luma(picture), border) for picture in (answer, truth))
    similarity: Any = structural_similarity(  # a number, unless it is asked for more
        mine, real, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(similarity)


def bicubic(low: np.ndarray, scale: int) -> np.ndarray:
    """The baseline: Pillow's bicubic resizing."""
    size = (low.shape[1] * scale, low.shape[0] * scale)
    return np.asarray(Image.fromarray(low).resize(size, Image.Resampling.BICUBIC))


def answers(pair: Pair, networks: dict[str, Network], scale: int) -> dict[str, np.ndarray]:
    """The picture enlarged by bicubic resizing and by each network."""
    return {BICUBIC: bicubic(pair.low, scale)} | {
        name: network.enlarge(pair.low) for name, network in networks.items()
    }


def measure(pictures: Sequence[Photo], networks: dict[str, Network], scale: int) -> dict[str, Measures]:
    """Of each way to enlarge: the measures of every picture."""
    measures: dict[str, Measures] = {}
    for picture in pictures:
        pair = shrink(picture.pixels, scale)
        for name, answer in answers(pair, networks, scale).items():
            mine = measures.setdefault(name, {"psnr_y": [], "ssim_y": [], "sharpness": []})
            mine["psnr_y"].append(psnr_y(answer, pair.high, scale))
            mine["ssim_y"].append(ssim_y(answer, pair.high, scale))
            mine["sharpness"].append(sharpness(answer) / max(sharpness(pair.high), 1e-9))
    return measures


def summary(measures: dict[str, Measures]) -> dict[str, dict[str, float]]:
    """Means over the pictures, and each model's gain over bicubic with its 95 % interval."""
    told: dict[str, dict[str, float]] = {}
    plain = measures[BICUBIC]
    for name, mine in measures.items():
        told[name] = {key: float(np.mean(values)) for key, values in mine.items()}
        if name != BICUBIC:
            gain = np.array(mine["psnr_y"]) - plain["psnr_y"]
            low, high = bootstrap(gain)
            told[name] |= {
                "psnr_y_gain": float(gain.mean()),
                "psnr_y_gain_low": low,
                "psnr_y_gain_high": high,
                "psnr_y_gain_least": float(gain.min()),
                "worse_psnr_y": int((gain < 0).sum()),
                "worse_ssim_y": int((np.array(mine["ssim_y"]) < plain["ssim_y"]).sum()),
            }
    return {
        name: {key: round(value, PRECISION) for key, value in each.items()} for name, each in told.items()
    }


def sheet(pictures: Sequence[Photo], networks: dict[str, Network], scale: int) -> Image.Image:
    """A row for each picture, of its part with most texture: small, bicubic, each network, truth."""
    names = ["small", BICUBIC, *networks, "truth"]
    head = Image.new("RGB", (SIDE * len(names), HEAD), "white")
    for column, name in enumerate(names):
        ImageDraw.Draw(head).text((column * SIDE + 4, 2), name, fill="black")
    rows = []
    for picture in pictures:
        pair = shrink(picture.pixels, scale)
        small = np.asarray(Image.fromarray(pair.low).resize(pair.high.shape[1::-1], Image.Resampling.NEAREST))
        columns = [small, *answers(pair, networks, scale).values(), pair.high]
        detail = find_detail(Image.fromarray(pair.high))
        left = min(detail.left + detail.width // 2, pair.high.shape[1] - SIDE // 2) - SIDE // 2
        top = min(detail.top + detail.height // 2, pair.high.shape[0] - SIDE // 2) - SIDE // 2
        window = (slice(max(0, top), max(0, top) + SIDE), slice(max(0, left), max(0, left) + SIDE))
        rows.append(np.concatenate([column[window] for column in columns], axis=1))
    drawn = [np.pad(row, ((0, 4), (0, head.width - row.shape[1]), (0, 0))) for row in rows]
    return Image.fromarray(np.concatenate([np.asarray(head), *drawn]))


def evaluate(files: dict[str, Path], sets: dict[str, list[Photo]], device: str = "cpu") -> dict[str, Any]:
    """Metrics by scale, set of pictures and way to enlarge.

    Raises:
        WeightsError: one of the files is no generator's.
    """
    networks = {name: Network(file, device) for name, file in files.items()}
    report: dict[str, Any] = {}
    for scale in sorted({network.scale for network in networks.values()}, reverse=True):
        mine = {name: network for name, network in networks.items() if network.scale == scale}
        report[f"x{scale}"] = {
            name: {"pictures": len(pictures), **summary(measure(pictures, mine, scale))}
            for name, pictures in sets.items()
        }
    return report


def seconds_a_megapixel(network: Network, side: int = 256) -> float:
    """Time for a megapixel of answer, on pictures of side × side pixels, the fastest of three."""
    picture = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        network.enlarge(picture)
        taken.append(time.perf_counter() - started)
    return round(min(taken) / (side * network.scale) ** 2 * 1e6, 3)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, help="measure this file instead of the shipped models")
    parser.add_argument(
        "--dataset", type=Path, help=f"ZIP of photos ({DATASET} if it is there, else the sample)"
    )
    parser.add_argument("--split", choices=photos.SPLITS, default="test")
    parser.add_argument("--sheet", type=Path, help="also draw crops of all pictures, a PNG for each scale")
    parser.add_argument("--out", type=Path, help="also write <model>.json for each model to this folder")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else SAMPLE_DATASET)
    files = {options.weights.stem: options.weights} if options.weights else SHIPPED
    sets = {"photos": photos.load(dataset, options.split, LEAST)}
    if options.split == "test":
        sets["scikit"] = scikit_photos()
    report = evaluate(files, sets, options.device)
    about = {"dataset": dataset.name, "split": options.split}
    speeds = {name: seconds_a_megapixel(Network(file, options.device)) for name, file in files.items()}
    text = json.dumps({**about, "seconds_a_megapixel": speeds, **report}, indent=2)
    log.info("%s\n\n%s", text, tables(report))
    if options.out:
        write(options.out, files, report, speeds, about)
    if options.sheet:
        draw(options.sheet, files, [each for pictures in sets.values() for each in pictures], options.device)


def write(
    folder: Path,
    files: dict[str, Path],
    report: dict[str, Any],
    speeds: dict[str, float],
    about: dict[str, Any],
) -> None:
    """One JSON file for each model: its metrics and bicubic's."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in files.items():
        network = Network(file)
        sets = report[f"x{network.scale}"]
        kept = {
            which: {"pictures": each["pictures"], BICUBIC: each[BICUBIC], name: each[name]}
            for which, each in sets.items()
        }
        told = {**about, "scale": network.scale, "seconds_a_megapixel": speeds[name]}
        text = json.dumps({**told, **kept}, indent=2)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")


def draw(path: Path, files: dict[str, Path], pictures: Sequence[Photo], device: str) -> None:
    """Sheets of crops, one for each scale: `path` with the scale in its name."""
    networks = {name: Network(file, device) for name, file in files.items()}
    for scale in {network.scale for network in networks.values()}:
        mine = {name: network for name, network in networks.items() if network.scale == scale}
        target = path.with_stem(f"{path.stem}-x{scale}")
        target.write_bytes(encode_png(sheet(pictures, mine, scale)))
        log.info("%s: small, %s, truth", target, ", ".join([BICUBIC, *mine]))


if __name__ == "__main__":
    main()
