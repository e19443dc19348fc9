"""Whose pictures are restored as the other group: rates by group and share, with intervals.

    glassbox evaluate depixelization --sheet sheet.png
    glassbox evaluate depixelization --runs runs

measures each shipped model on the test split of its bank: the rate of changed pictures by true group for
every share, their gap, bicubic enlargement as the baseline, and the judge's own errors on true pictures. With
the folder of `recipe/trainings.py` it is done for all seeds, which is how the shipped figures were made; the
shipped weights are those of the first seed.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.recipe.contact_sheet import contact_sheet
from models.depixelization.architecture import Restorer
from models.depixelization.camera import enlarge, shrink
from models.depixelization.card import FACES, GARMENTS
from models.depixelization.data import Groups, load_groups, to_bytes, to_tensor
from models.depixelization.files import Condition, Depixelizer, Measured, load
from models.depixelization.judge import Judge
from models.depixelization.metrics import Rate, gap_of, is_changed, rate_of
from models.depixelization.recipe.figures import table
from models.depixelization.recipe.trainings import CONDITIONS, SEEDS, path_of
from models.depixelization.train import changed, restore

log = logging.getLogger(__name__)

DATASETS = {FACES: Path("data/depixelization-faces.npz"), GARMENTS: Path("data/garments.npz")}
PICTURES = 1000  # of each group of the test split, at most
SHOWN, TILE = 6, 96  # pictures of each group on the sheet, and pixels of each


def measured_condition(
    condition: Condition, restorers: Sequence[Restorer], judge: Judge, groups: Groups
) -> Condition:
    """With the rates of all trainings of one condition, each with another seed."""
    pairs = [changed(restorer, judge, groups) for restorer in restorers]
    frequent, rare = (np.stack([pair[group] for pair in pairs]) for group in (0, 1))
    return replace(condition, rates=(rate_of(frequent), rate_of(rare)), gap=gap_of(frequent, rare))


def compared(judge: Judge, groups: Groups, small: int, trainings: int) -> Measured:
    """What the rates are compared with: the judge on true pictures, and on enlarged cells."""
    errors, bicubic = [], []
    for label, own in enumerate(groups.pictures):
        clean = to_tensor(own)
        blurred = enlarge(shrink(clean, small), clean.shape[-1]).expand_as(clean)
        for rates, pictures in ((errors, clean), (bicubic, blurred)):
            odds = judge.log_odds(pictures).numpy()
            rates.append(rate_of(is_changed(odds, np.full(len(odds), label))[None]))
    return Measured(trainings, min(len(each) for each in groups.pictures), pair(errors), pair(bicubic))


def pair(rates: Sequence[Rate]) -> tuple[Rate, Rate]:
    frequent, rare = rates
    return frequent, rare


def evaluate(weights: Path, dataset: Path, split: str, limit: int, runs: Path | None) -> Depixelizer:
    """The depixelizer of one weights file, with the figures of a split.

    Raises:
        InputError: the dataset has no pictures of its groups.
        WeightsError: the weights cannot be used.
    """
    own = load(weights)
    groups = getattr(load_groups(dataset, *own.config.groups, own.config.width), split).first(limit)
    restorers = [[each] for each in own.restorers]
    if runs:
        restorers = [trained(runs, weights.stem, *condition) for condition in CONDITIONS]
    conditions = [
        measured_condition(condition, networks, own.judge, groups)
        for condition, networks in zip(own.conditions, restorers, strict=True)
    ]
    return replace(
        own,
        conditions=conditions,
        measured=compared(own.judge, groups, own.config.small, len(restorers[0])),
    )


def trained(runs: Path, name: str, share: float, oversampled: bool) -> list[Restorer]:
    """The restorers of one condition, by seed."""
    return [load(path_of(runs, name, share, seed, oversampled=oversampled)).restorers[0] for seed in SEEDS]


def figures_of(own: Depixelizer) -> dict[str, Any]:
    """As the metrics of a model card have them."""
    assert own.measured is not None  # noqa: S101  by evaluate
    conditions = [{"share": round(each.share, 4), **each.to_json()} for each in own.conditions]
    return {"groups": list(own.config.groups), **own.measured.to_json(), "conditions": conditions}


@torch.inference_mode()
def sheet(own: Depixelizer, groups: Groups) -> Image.Image:
    """A column for each picture of both groups: true, cells, then restored for every share."""
    clean = to_tensor(groups.first(SHOWN).together)
    cells = torch.nn.functional.interpolate(shrink(clean, own.config.small), size=clean.shape[2:])
    names = [
        "true",
        "cells",
        *(f"{each.share:.0%}" + " over" * each.is_oversampled for each in own.conditions),
    ]
    rows = [clean, cells, *(restore(network, clean) for network in own.restorers)]
    groups_of_tiles = [
        [
            (name if not column else "", Image.fromarray(pixels).convert("RGB").resize((TILE, TILE)))
            for column, pixels in enumerate(to_bytes(row))
        ]
        for name, row in zip(names, rows, strict=True)
    ]
    return contact_sheet(groups_of_tiles, (TILE, TILE), across=1)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, help="evaluate this file instead of the shipped models")
    parser.add_argument(
        "--dataset", type=Path, help=f"a bank (by default {' or '.join(map(str, DATASETS.values()))})"
    )
    parser.add_argument("--split", choices=("validation", "test"), default="test")
    parser.add_argument("--limit", type=int, default=PICTURES, help="pictures of each group, at most")
    parser.add_argument("--runs", type=Path, help="the trainings of all seeds, by recipe/trainings.py")
    parser.add_argument(
        "--sheet", type=Path, help="write a contact sheet: true, cells, restored for every share"
    )
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    metrics: dict[str, Any] = {}
    for weights in [options.weights] if options.weights else [FACES, GARMENTS]:
        dataset = options.dataset or DATASETS[weights]
        own = evaluate(weights, dataset, options.split, options.limit, options.runs)
        metrics[weights.stem] = {"dataset": dataset.name, "split": options.split, **figures_of(own)}
        log.info("%s\n\n%s\n", weights.stem, table(figures_of(own)))
        if options.sheet:
            groups = getattr(load_groups(dataset, *own.config.groups, own.config.width), options.split)
            path = options.sheet.with_stem(f"{options.sheet.stem}-{weights.stem}")
            sheet(own, groups).save(path)
    if options.out:
        options.out.write_text(json.dumps(metrics, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
