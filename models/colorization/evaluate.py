"""Evaluation of the colorizers on held-out photos.

    glassbox evaluate colorization --dataset data/photos.zip --sheet sheet.png

measures the shipped model on the test photos and on the pictures of scikit-learn and scikit-image, shrunk to
at most `MAX_SIDE` pixels, beside two baselines: gray, and the mean color of the training photos on every
pixel. The output ends with the table of the model cards.
Gray photos (colorfulness below `GRAY_BELOW`) are left out: there is no right answer to compare with.
"""

import argparse
import json
import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from skimage import data as scikit
from skimage.color import deltaE_ciede2000, rgb2lab
from sklearn.datasets import load_sample_images

from models.colorization.card import SAMPLE_DATASET, WEIGHTS, PredictParams
from models.colorization.data import GRAY_BELOW, color_photos, prepare
from models.colorization.guided_filter import LinearColor, colorize, fit
from models.colorization.metrics import ab_psnr, colorfulness
from models.colorization.predict import Predictor
from models.colorization.quantization import annealed_mean
from models.colorization.recipe.figures import BASELINES, table
from models.core.images.codec import to_tensor
from models.core.recipe.contact_sheet import contact_sheet
from models.core.recipe.rounded import rounded
from models.core.training.bootstrap import interval_of_mean
from models.core.training.photos import load

log = logging.getLogger(__name__)

DATASET = Path("data/photos.zip")
MAX_SIDE = 512  # pixels of the longer side: color is coarse, and CIEDE2000 is slow
TILE, SIDE_BY_SIDE = (240, 180), 2  # of the contact sheet: pixels of a picture, photos in a line
DRAWS, SEED = 2000, 2026  # of the bootstrap
Scores = dict[str, np.ndarray]  # by metric, one number per photo


def held_out(dataset: Path, split: str) -> Iterator[tuple[str, Image.Image]]:
    """Name and picture of each color photo of the split; the test split includes scikit's pictures."""
    found = [(photo.name, photo.pixels) for photo in load(dataset, split)]
    if split == "test":
        found += [(name, getattr(scikit, name)()) for name in ("astronaut", "chelsea", "coffee", "rocket")]
        samples = load_sample_images()
        found += [
            (Path(name).stem, pixels) for name, pixels in zip(samples.filenames, samples.images, strict=True)
        ]
    for name, pixels in found:
        picture = Image.fromarray(pixels).convert("RGB")
        picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        if colorfulness(to_tensor(picture)) >= GRAY_BELOW:
            yield name, picture
        else:
            log.info("%s is gray and left out", name)


def mean_color(dataset: Path) -> np.ndarray:
    """The mean a* and b* of the training photos, (2,); every photo counts once."""
    photos = color_photos(dataset, "train")
    return np.mean([rgb2lab(np.asarray(each.picture))[..., 1:].mean(axis=(0, 1)) for each in photos], axis=0)


def color_uniformly(ab: np.ndarray, picture: Image.Image) -> Image.Image:
    """The lightness of the picture with the same ab on every pixel."""
    offset = torch.from_numpy(ab).float()[:, None, None]
    return colorize(picture, LinearColor(torch.zeros_like(offset), offset))


@torch.inference_mode()
def color_by_model(predictor: Predictor, params: PredictParams, picture: Image.Image) -> Image.Image:
    """The picture in the model's colors, equal to its answer to an upload."""
    item = prepare(picture, predictor.model.config.image_size)
    ab = annealed_mean(predictor.forward([item])[0][None], params.temperature)[0]
    return colorize(picture, fit(item.lab[:1], ab), params.saturation)


def measure(answer: Image.Image, truth: Image.Image) -> dict[str, float]:
    """CIEDE2000 (mean over pixels), ab-PSNR in dB, and colorfulness."""
    lab, true_lab = rgb2lab(np.asarray(answer)), rgb2lab(np.asarray(truth))
    ab, true_ab = (torch.from_numpy(each[..., 1:]).permute(2, 0, 1) for each in (lab, true_lab))
    return {
        "ciede2000": float(deltaE_ciede2000(true_lab, lab).mean()),
        "ab_psnr": ab_psnr(ab, true_ab),
        "colorfulness": colorfulness(to_tensor(answer)),
    }


def by_method(rows: Sequence[dict[str, dict[str, float]]]) -> dict[str, Scores]:
    """From one row per photo to one array per method and metric."""
    return {
        method: {metric: np.array([row[method][metric] for row in rows]) for metric in rows[0][method]}
        for method in rows[0]
    }


def summarize(scores: dict[str, Scores], name: str) -> dict[str, float]:
    """The figures of one method; for a model, also the comparison with the baselines, with intervals."""
    own, true_colorfulness = scores[name], scores["truth"]["colorfulness"]
    means = {
        "ciede2000": own["ciede2000"].mean(),
        "ab_psnr": own["ab_psnr"].mean(),
        "colorfulness_ratio": own["colorfulness"].mean() / true_colorfulness.mean(),
        "colorfulness_ratio_median": np.median(own["colorfulness"] / true_colorfulness),
    }
    if name in BASELINES:
        return means
    is_closer = own["ciede2000"] < np.minimum(*(scores[each]["ciede2000"] for each in BASELINES))
    has_higher_psnr = own["ab_psnr"] > np.maximum(*(scores[each]["ab_psnr"] for each in BASELINES))
    low, high = interval_of_mean(is_closer, resamples=DRAWS, seed=SEED)
    gain_low, gain_high = interval_of_mean(
        scores["gray"]["ciede2000"] - own["ciede2000"], resamples=DRAWS, seed=SEED
    )
    return means | {
        "better_share_ciede2000": is_closer.mean(),
        "better_share_ciede2000_low": low,
        "better_share_ciede2000_high": high,
        "better_share_ab_psnr": has_higher_psnr.mean(),
        "ciede2000_less_than_gray_low": gain_low,
        "ciede2000_less_than_gray_high": gain_high,
    }


def evaluate(
    dataset: Path, models: dict[str, Path], split: str, params: PredictParams, sheet: Path | None, device: str
) -> dict[str, Any]:
    """Metrics of the baselines and of each model, and the color difference of every photo.

    Raises:
        InputError: `dataset` is not a ZIP of photos.
        WeightsError: a model's weights cannot be used.
    """
    methods = {
        "gray": partial(color_uniformly, np.zeros(2)),
        "mean_ab": partial(color_uniformly, mean_color(dataset)),
    }
    for name, path in models.items():
        methods[name] = partial(color_by_model, Predictor(path, device), params)
    rows: list[dict[str, dict[str, float]]] = []
    names, pictures = [], []
    for name, truth in held_out(dataset, split):
        answers = {method: answer(truth) for method, answer in methods.items()}
        rows.append({method: measure(answer, truth) for method, answer in answers.items()})
        rows[-1]["truth"] = {"colorfulness": colorfulness(to_tensor(truth))}
        names.append(name)
        shown = [answers["gray"], *(answers[each] for each in models), truth]
        pictures.append([("", picture) for picture in shown])
        log.info(
            "%s %s", name, {method: round(row["ciede2000"], 2) for method, row in list(rows[-1].items())[:-1]}
        )
    scores = by_method(rows)
    if sheet:
        columns = ["gray", *models, "true colors"]
        contact_sheet(pictures, TILE, SIDE_BY_SIDE, columns).save(sheet)
    return {
        "photos": len(names),
        **{method: summarize(scores, method) for method in methods},
        "each": {
            name: {method: row[method]["ciede2000"] for method in methods}
            for name, row in zip(names, rows, strict=True)
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, help="evaluate this file instead of the shipped model")
    parser.add_argument(
        "--dataset", type=Path, help=f"a ZIP of photos ({DATASET} if it exists, else the sample)"
    )
    parser.add_argument("--split", choices=("validation", "test"), default="test")
    parser.add_argument("--saturation", type=float, default=PredictParams().saturation)
    parser.add_argument("--temperature", type=float, default=PredictParams().temperature)
    parser.add_argument("--sheet", type=Path, help="write a contact sheet: gray, each model, true colors")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    dataset = options.dataset or (DATASET if DATASET.exists() else SAMPLE_DATASET)
    weights = options.weights or WEIGHTS
    models = {weights.stem: weights}
    params = PredictParams(saturation=options.saturation, temperature=options.temperature)
    metrics = evaluate(dataset, models, options.split, params, options.sheet, options.device)
    text = json.dumps({"dataset": dataset.name, "split": options.split, **rounded(metrics)}, indent=2)
    log.info("%s\n\n%s", text, table(metrics, list(models)))
    if options.out:
        options.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
