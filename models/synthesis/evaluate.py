"""Evaluation of the synthesizers on held-out pictures.

    glassbox evaluate synthesis --sheet sheet.png

measures each shipped model on the test split of its bank, with the adversary and with L1 alone, beside the
real pictures. For garments: lines found again, and the class that the project's own judge sees, each also on
lines as people draw them. For faces: the agreement of a segmenter, trained on real faces, with the map.
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

from models.core.generative import judge
from models.core.generative.fidelity import frechet_distance
from models.core.generative.pictures import load as load_pictures
from models.core.recipe.contact_sheet import contact_sheet
from models.core.recipe.rounded import rounded
from models.synthesis import edges, metrics
from models.synthesis.architecture import EDGES, MAP, Config, Networks, load_networks
from models.synthesis.card import CARD
from models.synthesis.data import Pairs, exact, load, to_bytes
from models.synthesis.label_map import Painted, palette_of
from models.synthesis.pictures import flat_colors
from models.synthesis.recipe.figures import table
from models.synthesis.recipe.segmenter import agreement, load_segmenter

log = logging.getLogger(__name__)

DATASETS = {EDGES: Path("data/garments.npz"), MAP: Path("data/faces.npz")}
JUDGES = {EDGES: judge.GARMENTS, MAP: judge.FACES}  # the classes of faces are the shapes of hair
PICTURES = 2000  # of the test split at most
SHOWN, TILE = 12, 128  # pictures on the sheet, and pixels of each
SEED = 2026  # of roughened lines


@torch.inference_mode()
def answers_of(network: torch.nn.Module, condition: torch.Tensor) -> torch.Tensor:
    """(N, C, S, S) of conditions (N, I, S, S)."""
    return torch.cat([network(part) for part in condition.split(100)])


def evaluate(weights: Path, dataset: Path, split: str, limit: int) -> tuple[dict[str, Any], Image.Image]:
    """The figures of one model, and a sheet of its first answers.

    Raises:
        InputError: the dataset has no pictures, or no label maps.
        WeightsError: the weights cannot be used.
    """
    networks, _ = load_networks(weights)
    config = networks.config
    pairs = getattr(load(dataset, config.condition, config.side), split)
    pairs = pairs.part(list(range(min(limit, len(pairs)))))
    condition, truth = exact(pairs, config)
    answers = {
        "adversary": answers_of(networks.generator, condition),
        "l1": answers_of(networks.twin, condition),
        "real": truth,
    }
    figures = {name: compared(answer, truth) for name, answer in answers.items()}
    if config.condition == EDGES:
        measure_lines(figures, answers, networks, truth)
    else:
        measure_parts(figures, answers, pairs)
    labels = getattr(load_pictures(dataset), split).labels[: len(pairs)]
    measure_classes(figures, answers, labels, JUDGES[config.condition])
    return {"pictures": len(pairs), **figures}, sheet(pairs, answers, config)


def compared(answer: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    """Distance to the true pictures, and sharpness relative to theirs."""
    figures = {"sharpness": float(metrics.sharpness(answer).mean() / metrics.sharpness(truth).mean())}
    if answer is truth:
        return figures
    return {
        "l1_levels": float(metrics.l1(answer, truth).mean()),
        "psnr": float(metrics.psnr(answer, truth).mean()),
        **figures,
    }


def measure_lines(
    figures: dict[str, dict[str, float]],
    answers: dict[str, torch.Tensor],
    networks: Networks,
    truth: torch.Tensor,
) -> None:
    """The share of lines found again: of exact ones, and of those as people draw them."""
    drawn = edges.find_edges(truth)
    rough = edges.roughen(drawn, truth, np.random.default_rng(SEED))
    for name, network in (("adversary", networks.generator), ("l1", networks.twin)):
        figures[name]["edge_recall"] = float(metrics.edge_recall(drawn, answers[name]).mean())
        figures[name]["edge_recall_rough"] = float(
            metrics.edge_recall(drawn * rough, answers_of(network, rough)).mean()
        )


def measure_classes(
    figures: dict[str, dict[str, float]], answers: dict[str, torch.Tensor], labels: np.ndarray, weights: Path
) -> None:
    """How often a judge sees the class of the true picture, and the Fréchet distance of its features."""
    network = judge.load_judge(weights)
    features = {name: judge.measure(network, to_bytes(answer)) for name, answer in answers.items()}
    for name, (own, seen) in features.items():
        figures[name]["class_kept"] = float((seen == labels).mean())
        if name != "real":
            figures[name]["frechet_distance"] = frechet_distance(features["real"][0], own)


def measure_parts(
    figures: dict[str, dict[str, float]], answers: dict[str, torch.Tensor], pairs: Pairs
) -> None:
    """The segmenter's agreement with the maps, and its share of that on the real pictures."""
    assert pairs.maps is not None  # noqa: S101  loaded as label maps
    segmenter = load_segmenter()
    for name, answer in answers.items():
        figures[name] |= agreement(segmenter, answer, pairs.maps)
    for figure in figures.values():
        figure["iou_of_real"] = figure["mean_iou"] / figures["real"]["mean_iou"]


def sheet(pairs: Pairs, answers: dict[str, torch.Tensor], config: Config) -> Image.Image:
    """Condition, both answers and the true picture, side by side."""
    shown = pairs.part(list(range(min(SHOWN, len(pairs)))))
    drawings = 2 * exact(shown, config)[0] - 1
    if shown.maps is not None:
        palettes = palette_of(shown.pictures / 255, shown.maps, config.parts)
        painted = [Painted(*each) for each in zip(shown.maps.long(), palettes, strict=True)]
        drawings = torch.stack([flat_colors(each, config) for each in painted])
    columns = [drawings, *(answer[: len(shown)] for answer in answers.values())]
    groups = [
        [
            ("", Image.fromarray(pixels).convert("RGB").resize((TILE, TILE), Image.Resampling.NEAREST))
            for pixels in row
        ]
        for row in zip(*(to_bytes(column) for column in columns), strict=True)
    ]
    return contact_sheet(groups, (TILE, TILE), 2, ("drawing", "with adversary", "L1 alone", "true"))


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
    parser.add_argument("--limit", type=int, default=PICTURES, help="the most pictures that are measured")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet: drawing, answers, true picture")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    shipped = [model.weights for model in CARD.models if model.weights]
    metrics_of: dict[str, Any] = {}
    sheets: list[Image.Image] = []
    for weights in [options.weights] if options.weights else shipped:
        condition = load_networks(weights)[0].config.condition
        dataset = options.dataset or DATASETS[condition]
        figures, drawn = evaluate(weights, dataset, options.split, options.limit)
        metrics_of[weights.stem] = {"dataset": dataset.name, "split": options.split, **rounded(figures)}
        sheets.append(drawn)
        log.info(
            "%s: %s\n\n%s\n", weights.stem, json.dumps(metrics_of[weights.stem], indent=2), table(figures)
        )
    if options.sheet:
        stacked(sheets).save(options.sheet)
    if options.out:
        options.out.write_text(json.dumps(metrics_of, indent=2) + "\n", "utf-8")


def stacked(sheets: list[Image.Image]) -> Image.Image:
    """One above the other."""
    whole = Image.new(
        "RGB", (max(each.width for each in sheets), sum(each.height for each in sheets)), "white"
    )
    top = 0
    for each in sheets:
        whole.paste(each, (0, top))
        top += each.height
    return whole


if __name__ == "__main__":
    main()
