"""The quality of a denoiser on held-out photos, compared with non-local means.

    glassbox evaluate denoising --dataset data/photos.zip

adds white Gaussian noise of level 15, 25 and 50 to the center of every held-out photo, from fixed seeds, and
gives every method the same input, neither rounded nor clipped, as in the literature. Outputs are clipped to
[0, 1] and compared with the clean photo. "blind" estimates the level, "given_level" gets it, "as_file" is
blind on the same noise rounded and clipped to 8 bits, like an upload. The baseline is scikit-image's
non-local means (Buades et al. 2005) with the given level and the best settings on the validation photos
(`--tune`). At the end, the tables of the model card are printed.

    pip install --target /tmp/bm3d --no-deps bm3d bm4d
    glassbox evaluate denoising --bm3d /tmp/bm3d --side 160

also measures BM3D (Dabov et al. 2007), by its authors' program (Mäkinen et al. 2020) with the given level,
here on smaller centers, the same ones for every method: BM3D takes several seconds for each. Its license
allows informational, non-commercial use only, so it is no dependency of this project.
"""

import argparse
import importlib
import itertools
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
import torch
from PIL import Image
from skimage.metrics import structural_similarity
from skimage.restoration import denoise_nl_means
from sklearn.datasets import load_sample_images

from models.core.contract import checkpoint
from models.core.recipe.contact_sheet import Tile, contact_sheet
from models.core.recipe.rounded import rounded
from models.core.training.photos import load
from models.denoising.architecture import STRIDE
from models.denoising.card import SAMPLE_DATASET, WEIGHTS
from models.denoising.metrics import psnr
from models.denoising.network import Network
from models.denoising.noise import FULL_SCALE
from models.denoising.recipe.figures import tables

log = logging.getLogger(__name__)

DATASET = Path("data/photos.zip")
LEVELS = (15, 25, 50)
TEST_SEED, VALIDATION_SEED = 2026, 2025
SMALLEST = 320  # photos with a shorter side below this are left out
SIDE = 320  # of the center that is measured, unless --side is given
TUNE_SIDE = 128
METHODS = ("noisy", "non_local_means", "blind", "given_level", "as_file")
# patch side, search distance, and filter strength in noise levels: the best of `--tune`
BEST_SETTINGS = {15: (5, 6, 0.6), 25: (5, 6, 0.6), 50: (7, 11, 0.4)}
TUNED_SETTINGS = tuple(itertools.product((5, 7), (6, 11), (0.3, 0.4, 0.6, 0.8)))
SHOWN = ("clean", "noisy", "non_local_means", "blind")  # on a sheet

Denoise = Callable[[np.ndarray, float], np.ndarray]  # noisy in [0, 1], level in 8-bit units -> clean


def center_crop(pixels: np.ndarray, side: int) -> np.ndarray:
    """The center, at most `side` x `side` and multiples of the stride; (h, w, 3) in [0, 1]."""
    height, width = (min(side, length) // STRIDE * STRIDE for length in pixels.shape[:2])
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return (pixels[top : top + height, left : left + width] / FULL_SCALE).astype(np.float32)


def add_noise(clean: np.ndarray, level: float, *seed: int) -> np.ndarray:
    """`clean` with white noise of `level` in 8-bit units, not clipped."""
    noise = np.random.default_rng(seed).standard_normal(clean.shape, dtype=np.float32)
    return clean + np.float32(level / FULL_SCALE) * noise


def non_local_means(noisy: np.ndarray, level: float, settings: tuple[int, int, float]) -> np.ndarray:
    """scikit-image's implementation in its fast mode, with the given level."""
    patch, distance, strength = settings
    return denoise_nl_means(
        noisy,
        patch,
        distance,
        strength * level / FULL_SCALE,
        fast_mode=True,
        sigma=level / FULL_SCALE,
        channel_axis=-1,
    )


def bm3d_in(folder: Path) -> Denoise:
    """BM3D for color images, installed in `folder`. Raises ModuleNotFoundError."""
    sys.path.append(str(folder))
    program = importlib.import_module("bm3d")
    return lambda noisy, level: program.bm3d_rgb(noisy, level / FULL_SCALE)


def similarity(picture: np.ndarray, truth: np.ndarray) -> float:
    """SSIM of two images in [0, 1]."""
    return float(np.mean(structural_similarity(picture, truth, channel_axis=-1, data_range=1.0)))


@torch.inference_mode()
def denoise(network: Network, noisy: np.ndarray, level: float | None = None) -> tuple[np.ndarray, float]:
    """The denoised image, not clipped, and the level in 8-bit units: the given or the estimated one."""
    values = torch.from_numpy(noisy).permute(2, 0, 1)[None].to(network.device)
    used = float(network.model.estimator(values).combined()) * FULL_SCALE if level is None else level
    levels = values.new_full((1, 1, *values.shape[2:]), used / FULL_SCALE)
    return network.model(values, levels)[0].permute(1, 2, 0).cpu().numpy(), used


def answers(
    network: Network, noisy: np.ndarray, level: int, bm3d: Denoise | None = None
) -> tuple[dict[str, np.ndarray], float, float]:
    """The output of each method, clipped, and the estimated level of `noisy`, and of `noisy` as a file."""
    rounded_input = (noisy.clip(0, 1) * FULL_SCALE).round().astype(np.float32) / np.float32(FULL_SCALE)
    blind, estimate = denoise(network, noisy)
    as_file, estimate_as_file = denoise(network, rounded_input)
    outputs = {
        "noisy": noisy,
        "non_local_means": non_local_means(noisy, level, BEST_SETTINGS[level]),
        "blind": blind,
        "given_level": denoise(network, noisy, level)[0],
        "as_file": as_file,
    }
    if bm3d is not None:
        outputs["bm3d"] = bm3d(noisy, level)
    return {name: answer.clip(0, 1) for name, answer in outputs.items()}, estimate, estimate_as_file


def measure(
    network: Network,
    photos: Sequence[np.ndarray],
    sheet: "Sheet | None" = None,
    bm3d: Denoise | None = None,
    side: int = SIDE,
) -> dict[str, dict[str, float]]:
    """By level: mean PSNR in dB and SSIM of each method, the gains, and the errors of the estimated level."""
    metrics: dict[str, dict[str, float]] = {}
    for level in LEVELS:
        rows: list[dict[str, float]] = []
        for index, photo in enumerate(photos):
            clean = center_crop(photo, side)
            noisy = add_noise(clean, level, TEST_SEED, level, index)
            outputs, estimate, as_file = answers(network, noisy, level, bm3d)
            row = {f"psnr_{name}": psnr(answer, clean, 1.0) for name, answer in outputs.items()}
            for name, answer in outputs.items():
                row[f"ssim_{name}"] = similarity(answer, clean)
            row |= {"level_error": abs(estimate - level), "level_error_as_file": abs(as_file - level)}
            rows.append(row)
            if sheet is not None and sheet.level == level:
                sheet.add({"clean": clean, **outputs}, row)
        mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        gains = [row["psnr_blind"] - row["psnr_non_local_means"] for row in rows]
        mean |= {"gain": float(np.mean(gains)), "least_gain": min(gains)}
        mean["worse_than_non_local_means"] = sum(gain < 0 for gain in gains)
        if bm3d is not None:
            mean["worse_than_bm3d"] = sum(row["psnr_given_level"] < row["psnr_bm3d"] for row in rows)
        metrics[f"level_{level}"] = mean
        log.info("level %d: %d images", level, len(rows))
    return metrics


class Sheet:
    """Held-out photos side by side: clean, noisy, non-local means, blind."""

    def __init__(self, level: int):
        self.level = level
        self.rows: list[list[Tile]] = []

    def add(self, pictures: dict[str, np.ndarray], row: dict[str, float]) -> None:
        captions = ["", *(f"{row[f'psnr_{name}']:.2f} dB" for name in SHOWN[1:])]
        drawn = [Image.fromarray((pictures[name] * FULL_SCALE).round().astype(np.uint8)) for name in SHOWN]
        self.rows.append(list(zip(captions, drawn, strict=True)))

    def save(self, path: Path) -> None:
        contact_sheet(self.rows, self.rows[0][0][1].size, names=SHOWN).save(path)


def well_known() -> list[np.ndarray]:
    """The images that come with scikit-image and scikit-learn; not used for training."""
    return [
        *(getattr(skimage.data, name)() for name in ("astronaut", "chelsea", "coffee", "rocket")),
        *load_sample_images().images,
    ]


def evaluate(
    weights: Path,
    dataset: Path,
    device: str = "cpu",
    sheet: Sheet | None = None,
    split: str = "test",
    bm3d: Denoise | None = None,
    side: int = SIDE,
) -> dict[str, dict[str, Any]]:
    """Metrics on the photos of a split and, for the test split, on the images of `well_known`.

    Raises:
        InputError: `dataset` is not a ZIP of photos, or no photo of the split is large enough.
        WeightsError: `weights` do not belong to a denoiser.
    """
    network = Network(*checkpoint.load(weights), device)
    photos = [photo.pixels for photo in load(dataset, split, SMALLEST)]
    metrics: dict[str, dict[str, Any]] = {
        split: {"pictures": len(photos), "side": side, **measure(network, photos, sheet, bm3d, side)}
    }
    if split == "test":
        known = well_known()
        metrics["well_known"] = {
            "pictures": len(known),
            "side": side,
            **measure(network, known, sheet, bm3d, side),
        }
    return metrics


def tune(dataset: Path) -> Iterator[tuple[int, float, tuple[int, int, float]]]:
    """Level, mean PSNR on the validation photos and settings of non-local means, best first per level."""
    cleans = [center_crop(photo.pixels, TUNE_SIDE) for photo in load(dataset, "validation", SMALLEST)]
    for level in LEVELS:
        results = []
        for settings in TUNED_SETTINGS:
            values = []
            for index, clean in enumerate(cleans):
                noisy = add_noise(clean, level, VALIDATION_SEED, level, index)
                values.append(psnr(non_local_means(noisy, level, settings).clip(0, 1), clean, 1.0))
            results.append((level, float(np.mean(values)), settings))
        yield from sorted(results, key=lambda each: -each[1])


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the weights to measure")
    parser.add_argument(
        "--dataset", type=Path, help=f"the photos (default: {DATASET} if it exists, else the sample)"
    )
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    parser.add_argument("--sheet", type=Path, help="also write the images side by side to this PNG file")
    parser.add_argument("--sheet-level", type=int, default=25, choices=LEVELS, help="the sheet's noise")
    parser.add_argument(
        "--split",
        default="test",
        choices=("validation", "test"),
        help="validation: for choices; test: once, at the end",
    )
    parser.add_argument("--tune", action="store_true", help="only compare settings of non-local means")
    parser.add_argument("--bm3d", type=Path, metavar="FOLDER", help="measure BM3D too, installed there")
    parser.add_argument("--side", type=int, default=SIDE, help="of the center that is measured, in pixels")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else SAMPLE_DATASET)
    if options.tune:
        for level, decibels, settings in tune(dataset):
            log.info("%d  %.3f dB  patch %d, distance %d, strength %.1f", level, decibels, *settings)
        return
    sheet = Sheet(options.sheet_level) if options.sheet else None
    bm3d = bm3d_in(options.bm3d) if options.bm3d else None
    metrics = evaluate(options.weights, dataset, options.device, sheet, options.split, bm3d, options.side)
    text = json.dumps({"dataset": dataset.name, **rounded(metrics)}, indent=2)
    log.info("%s\n\n%s", text, tables(metrics))
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    if sheet is not None:
        sheet.save(options.sheet)


if __name__ == "__main__":
    main()
