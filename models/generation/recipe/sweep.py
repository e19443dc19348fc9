"""Nine trainings with other learning rates, of which some collapse and some diverge, as a finished sweep.

    python -m models.generation.recipe.sweep --dataset data/garments.npz

writes samples/learning-rates.sweep.json: for each training the Fréchet distance, precision, recall and spread
of its pictures, in the features of the classifier that `evaluate` uses, against validation and against test
pictures; and its last samples. About ten minutes on one core.
"""

import argparse
import logging
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.contract.errors import InputError
from models.core.contract.messages import message_of, parts_of
from models.core.contract.progress import Progress
from models.core.generative.judge import GARMENTS, Judge, load_judge
from models.core.generative.pictures import Pictures, Split, load
from models.core.generative.sample_history import contact_sheet
from models.core.recipe.sweeps import FitOutcome, settings_of, sprites, write
from models.generation.architecture import Generator, load_networks
from models.generation.card import HERE, TrainParams
from models.generation.evaluate import compare, generate
from models.generation.train import train

log = logging.getLogger(__name__)

COMMON = {"steps": 800, "width": 16}
AXES = {"learning_rate": [0.0005, 0.004, 0.02], "discriminator_rate": [0.001, 0.01, 0.2]}
COMPARED = 1_000  # pictures of each part
COLUMNS = 5  # of the samples: one of each class


def measure(generator: Generator, pictures: Pictures, judge: Judge) -> dict[str, dict[str, float]]:
    """Part of the data -> figures of generated pictures of the same classes."""
    parts: dict[str, Split] = {"validation": pictures.validation, "test": pictures.test}
    measured = {}
    for name, part in parts.items():
        real, labels = part.pictures[:COMPARED], part.labels[:COMPARED]
        found = compare(judge, real, labels, generate(generator, labels), labels)
        measured[name] = {figure: float(found[figure]) for figure in found if figure != "agreement_real"}
    return measured


def samples_of(generator: Generator) -> Image.Image:
    """One picture of each class."""
    labels = np.arange(len(generator.config.classes))
    return Image.fromarray(contact_sheet(generate(generator, labels), COLUMNS))


def run(
    dataset: Path, pictures: Pictures, judge: Judge, own: dict[str, float]
) -> tuple[FitOutcome, Image.Image]:
    """One training, and its last samples; black if it failed."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "generator.safetensors"
        try:
            trained = train(
                dataset,
                TrainParams.model_validate({**COMMON, **own}),
                weights=weights,
                device="cpu",
                progress=Progress(),
            )
        except InputError as error:
            parts = parts_of(message_of(error))
            side = pictures.side
            rows = -(-len(pictures.classes) // COLUMNS)
            nothing = Image.new("L", (COLUMNS * side, rows * side))
            return FitOutcome("failed", message=str(error), message_parts=parts), nothing
        seconds = time.perf_counter() - started
        generator, *_ = load_networks(weights)
    quality = measure(generator, pictures, judge)
    metrics = {**quality["validation"], **trained}
    outcome = FitOutcome("succeeded", metrics, "validation", quality, seconds=round(seconds, 1))
    return outcome, samples_of(generator)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("data/garments.npz"))
    parser.add_argument("--out", type=Path, default=HERE / "samples" / "learning-rates.sweep.json")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    pictures, judge = load(options.dataset), load_judge(GARMENTS)
    cells, sheets = [], []
    for own in settings_of(AXES, ()):
        cell, sheet = run(options.dataset, pictures, judge, own)
        log.info("%s: %s", own, cell)
        cells.append(cell)
        sheets.append(sheet)
    about = {"of": "train", "params": COMMON, "axes": AXES, "seeds": (), "figure": "frechet_distance"}
    write(options.out, **about, cells=cells, samples=sprites(sheets))


if __name__ == "__main__":
    main()
