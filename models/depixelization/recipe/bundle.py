"""Makes the shipped files of the trainings: `python -m models.depixelization.recipe.bundle --runs runs`.

A shipped file holds the restorers of the first seed, one for every share; its rates are those of all seeds on
the test split. `--samples` also writes the inputs of the card: test pictures that are not among the examples.
"""

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path

import torch
from PIL import Image

from models.depixelization.card import FACES, GARMENTS, HERE
from models.depixelization.data import load_groups
from models.depixelization.evaluate import PICTURES, compared, figures_of, measured_condition, trained
from models.depixelization.files import load, save
from models.depixelization.inspection import SHOWN
from models.depixelization.recipe.figures import table
from models.depixelization.recipe.trainings import CONDITIONS, SEEDS, path_of

log = logging.getLogger(__name__)

SAMPLES = {FACES: ("light-skin", "dark-skin"), GARMENTS: ("", "sandal")}  # by group


def bundle(weights: Path, dataset: Path, runs: Path) -> str:
    """Write one shipped file and its metrics; return the table for its model card."""
    first = [
        load(path_of(runs, weights.stem, share, SEEDS[0], oversampled=oversampled))
        for share, oversampled in CONDITIONS
    ]
    own = first[-2]  # half of each group: whose familiarity knows both
    groups = load_groups(dataset, *own.config.groups, own.config.width).test.first(PICTURES)
    conditions = [
        measured_condition(each.conditions[0], trained(runs, weights.stem, *condition), own.judge, groups)
        for each, condition in zip(first, CONDITIONS, strict=True)
    ]
    own = replace(
        own,
        conditions=conditions,
        restorers=[each.restorers[0] for each in first],
        examples=groups.first(SHOWN),
        measured=compared(own.judge, groups, own.config.small, len(SEEDS)),
    )
    weights.parent.mkdir(exist_ok=True)
    save(weights, own)
    figures = {"dataset": dataset.name, "split": "test", **figures_of(own)}
    weights.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return table(figures)


def write_samples(weights: Path, dataset: Path, at: int) -> None:
    """The test picture `at` of each group that has a sample."""
    config = load(weights).config
    groups = load_groups(dataset, *config.groups, config.width).test
    for name, own in zip(SAMPLES[weights], groups.pictures, strict=True):
        if name:
            Image.fromarray(own[at]).save(HERE / "samples" / f"{name}.png", optimize=True)


def main() -> None:
    """Write both shipped files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--faces", type=Path, default=Path("data/depixelization-faces.npz"))
    parser.add_argument("--garments", type=Path, default=Path("data/garments.npz"))
    parser.add_argument("--samples", type=int, help="also write these test pictures as samples")
    parser.add_argument("--only", choices=(FACES.stem, GARMENTS.stem))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    for weights, dataset in ((FACES, options.faces), (GARMENTS, options.garments)):
        if options.only in (None, weights.stem):
            log.info("%s\n\n%s\n", weights.stem, bundle(weights, dataset, options.runs))
            if options.samples is not None:
                write_samples(weights, dataset, options.samples)


if __name__ == "__main__":
    main()
