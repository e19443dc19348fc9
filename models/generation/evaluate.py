"""Evaluation of generators against held-out pictures, in the features of a classifier of the same pictures.

    glassbox evaluate generation
    glassbox evaluate generation --model faces --sheet faces.png

Without `--model`, every shipped generator is measured on the bank in `data/`. As many pictures are generated
as there are test pictures, with the test pictures' classes. All are compared with the test pictures; what
such figures are worth shows beside them: two halves of the test pictures, which differ randomly only, and
training pictures blurred or with noise. The output ends with the card's table.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import uniform_filter

from models.core.contract import registry
from models.core.generative.fidelity import frechet_distance, nearest, precision_recall, spread
from models.core.generative.judge import FACES, GARMENTS, Judge, load_judge
from models.core.generative.judge import measure as features_and_classes
from models.core.generative.pictures import Pictures, load
from models.core.generative.sample_history import contact_sheet
from models.core.recipe.rounded import rounded
from models.generation.architecture import Generator, load_networks
from models.generation.card import CARD, WEIGHTS
from models.generation.data import from_tensor, noise
from models.generation.recipe.figures import table

log = logging.getLogger(__name__)

JUDGES = {"garments": GARMENTS, "faces": FACES}
BESIDE = {"garments": "variational-16", "faces": "faces-variational-16"}  # autoencoders of the same pictures
BATCH = 250
SEED = 5  # of z
HALVINGS = 50  # of the test pictures, for the floor
NOISE = 12.75  # standard deviation in gray levels: a twentieth of the range
COUNTED = 2_000  # pictures whose precision, recall and distances to training pictures are computed
SHEET_COLUMNS = 12


@torch.inference_mode()
def generate(generator: Generator, labels: np.ndarray, seed: int = SEED) -> np.ndarray:
    """A picture of each class, uint8 (N, S, S) or (N, S, S, 3)."""
    z, of = noise(len(labels), generator.config.latent, seed), torch.from_numpy(labels.astype(np.int64))
    batches = zip(z.split(BATCH), of.split(BATCH), strict=True)
    return np.concatenate([from_tensor(generator(*batch)) for batch in batches])


def blurred(pictures: np.ndarray) -> np.ndarray:
    """The mean of 3 x 3 pixels."""
    return uniform_filter(pictures, 3, axes=(1, 2))


def noisy(pictures: np.ndarray) -> np.ndarray:
    """With Gaussian noise."""
    random = np.random.default_rng(SEED)
    return (pictures + random.normal(0, NOISE, pictures.shape)).round().clip(0, 255).astype(np.uint8)


def compare(
    judge: Judge, real: np.ndarray, real_labels: np.ndarray, pictures: np.ndarray, labels: np.ndarray
) -> dict[str, Any]:
    """Fréchet distance, precision and recall, agreement with the class, and spread, against real pictures."""
    features, found = features_and_classes(judge, real)
    own, own_found = features_and_classes(judge, pictures)
    precision, recall = precision_recall(features[:COUNTED], own[:COUNTED])
    by_class = spread(features, real_labels, own, labels)
    return {
        "frechet_distance": frechet_distance(features, own),
        "precision": precision,
        "recall": recall,
        "agreement": float((own_found == labels).mean()),
        "agreement_real": float((found == real_labels).mean()),
        "spread": float(np.mean(list(by_class.values()))),
        "spread_least": min(by_class.values()),
    }


def distance_of_halves(features: np.ndarray) -> dict[str, float]:
    """The Fréchet distance of two random halves; one varies much, so mean and deviation of `HALVINGS`."""
    random, half = np.random.default_rng(SEED), len(features) // 2
    permutations = [random.permutation(len(features)) for _ in range(HALVINGS)]
    distances = [frechet_distance(features[order[:half]], features[order[half:]]) for order in permutations]
    return {"frechet_distance": float(np.mean(distances)), "frechet_deviation": float(np.std(distances))}


def evaluate(
    generator: Generator, pictures: Pictures, judge: Judge, others: dict[str, np.ndarray]
) -> dict[str, Any]:
    """The figures of the generator and, beside it, of real pictures in several states and of `others`.

    Args:
        others: further pictures to measure by their name, such as samples of another model; without classes.
    """
    test, train = pictures.test, pictures.train
    own = generate(generator, test.labels)
    half = len(test) // 2
    chosen = np.random.default_rng(SEED).permutation(len(train))[: len(test)]
    real, labels = train.pictures[chosen], train.labels[chosen]
    whole = (test.pictures, test.labels)
    halves = test.pictures[:half], test.labels[:half], test.pictures[half:], test.labels[half:]
    figures = {
        "generated": compare(judge, *whole, own, test.labels),
        "test halves": {
            **compare(judge, *halves),
            **distance_of_halves(features_and_classes(judge, test.pictures)[0]),
        },
        "training": compare(judge, *whole, real, labels),
        "blurred": compare(judge, *whole, blurred(real), labels),
        "noisy": compare(judge, *whole, noisy(real), labels),
    }
    for name, samples in others.items():
        features, others_features = (
            features_and_classes(judge, test.pictures)[0],
            features_and_classes(judge, samples)[0],
        )
        precision, recall = precision_recall(features[:COUNTED], others_features[:COUNTED])
        distance = frechet_distance(features, others_features)
        figures[name] = {"frechet_distance": distance, "precision": precision, "recall": recall}
    by_class = {}
    _, found = features_and_classes(judge, own)
    for index, name in enumerate(generator.config.classes):
        by_class[name] = float((found[test.labels == index] == index).mean())
    nearest_own = nearest(own[:COUNTED], train.pictures)[0]
    nearest_test = nearest(test.pictures[:COUNTED], train.pictures)[0]
    return {
        "pictures": len(own),
        **figures,
        "agreement_by_class": by_class,
        "nearest_training_picture": {
            "generated_median": float(np.median(nearest_own)),
            "test_median": float(np.median(nearest_test)),
            "generated_lowest": float(nearest_own.min()),
            "test_lowest": float(nearest_test.min()),
        },
    }


@torch.inference_mode()
def prior_samples(model: str, count: int) -> np.ndarray:
    """Pictures that a shipped variational autoencoder decodes from z of N(0, I).

    Raises:
        LookupError: none of that name ships.
    """
    weights = registry.weights("autoencoding", model)
    network = registry.code("autoencoding", "predict").Predictor(weights, "cpu").model
    decoded = [network.decode(z) for z in noise(count, network.config.latent, SEED).split(BATCH)]
    return from_tensor(torch.cat(decoded) * 2 - 1)


def draw_sheet(generator: Generator) -> Image.Image:
    """A row of pictures of each class, the same z in each column."""
    count = len(generator.config.classes)
    z = noise(SHEET_COLUMNS, generator.config.latent, SEED).repeat(count, 1)
    with torch.inference_mode():
        pictures = generator(z, torch.arange(count).repeat_interleave(SHEET_COLUMNS))
    return Image.fromarray(contact_sheet(from_tensor(pictures), SHEET_COLUMNS))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [model.name for model in CARD.models]
    parser.add_argument("--model", choices=names, help="one of the shipped models; else all of them")
    parser.add_argument("--weights", type=Path, help="evaluate this file instead of the shipped model")
    parser.add_argument("--dataset", type=Path, help="a bank of pictures (default: data/MODEL.npz)")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    if (options.sheet or options.out or options.weights) and not options.model:
        parser.error("--weights, --sheet and --out are of one model: name it with --model")
    for model in [options.model] if options.model else names:
        report_on(model, options)


def report_on(model: str, options: argparse.Namespace) -> None:
    """Measure one generator and write its metrics, and its contact sheet if one is requested."""
    generator, *_ = load_networks(options.weights or WEIGHTS.with_stem(model))
    config = generator.config
    dataset = options.dataset or Path("data") / f"{model}.npz"
    pictures = load(dataset, config.image_size, config.channels)
    others = {BESIDE[model]: prior_samples(BESIDE[model], len(pictures.test))}
    metrics = evaluate(generator, pictures, load_judge(JUDGES[model]), others)
    text = json.dumps({"dataset": dataset.name, **rounded(metrics)}, indent=2)
    log.info("%s\n\n%s", text, table(metrics))
    if options.sheet:
        draw_sheet(generator).save(options.sheet)
    if options.out:
        options.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
