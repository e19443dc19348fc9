"""How good a model becomes on few labeled pictures, from trained weights and from nothing, in the same time.

Each training learns from the first pictures of a dataset, and validates on a fifth as many, as a user with so
many would. All are measured on its test pictures. Each gets the same time of one processor core, which a few
steps, timed beforehand, turn into a number of steps.
"""

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from models.core.contract import registry
from models.core.contract.card import Params
from models.core.contract.progress import Progress
from models.core.datasets import archive
from models.core.datasets.writing import write_zip

log = logging.getLogger(__name__)

VALIDATION_SHARE, FEWEST = 0.2, 5  # pictures to validate on: of those to learn from, and at least
PROBES = (8, 40)  # steps of the trainings that are timed beforehand
DATASET = Path("data/own.zip")

Train = Callable[..., Mapping[str, float]]
Row = dict[str, Any]


def subset(dataset: Path, count: int, out: Path) -> None:
    """The dataset with the first `count` pictures to learn from; its pictures for the test are all kept."""
    with archive.load(dataset) as whole, out.open("wb") as file:
        manifest = whole.manifest
        held_out = max(FEWEST, round(VALIDATION_SHARE * count))
        kept = [*manifest.of("train")[:count], *manifest.of("validation")[:held_out], *manifest.of("test")]
        write_zip(file, manifest.model_copy(update={"pictures": kept}), whole.read)


def trained(train: Train, dataset: Path, params: Params, weights: Path) -> Row:
    """The metrics of a training, with the seconds of processor time that it took."""
    start = time.process_time()
    metrics = train(dataset, params, weights=weights, device="cpu", progress=Progress())
    return {**metrics, "cpu_seconds": round(time.process_time() - start, 1)}


def steps_within(seconds: float, train: Train, dataset: Path, params: Params, weights: Path) -> int:
    """How many steps fit into the time, from the difference of two short trainings."""
    short, long = (
        trained(train, dataset, params.model_copy(update={"steps": steps}), weights)["cpu_seconds"]
        for steps in PROBES
    )
    pace = (long - short) / (PROBES[1] - PROBES[0])
    return max(PROBES[1], round((seconds - short) / pace))


def curve(
    train: Train, starts: Sequence[Params], dataset: Path, counts: Sequence[int], seconds: float
) -> list[Row]:
    """A row for each start and each number of pictures; the params of a start have all but the steps."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        part, weights = Path(folder) / "part.zip", Path(folder) / "trained.safetensors"
        for start in starts:
            subset(dataset, counts[0], part)
            params = start.model_copy(update={"steps": steps_within(seconds, train, part, start, weights)})
            for count in counts:
                subset(dataset, count, part)
                row = {"pictures": count, **params.model_dump(include={"start", "steps", "image_size"})}
                rows.append(row | trained(train, part, params, weights))
                log.info("%s", json.dumps(rows[-1]))
    return rows


def table(rows: Sequence[Row], metric: str) -> str:
    """Markdown: a metric on the test pictures, a row for each number of pictures."""
    starts = list(dict.fromkeys(row["start"] for row in rows))
    found = {(row["pictures"], row["start"]): row[f"test_{metric}"] for row in rows}
    lines = [f"| pictures | {' | '.join(starts)} |", "| --- |" + " --- |" * len(starts)]
    for count in sorted({row["pictures"] for row in rows}):
        cells = (f"{found[count, start]:.3f}" for start in starts)
        lines.append(f"| {count} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(
    train: Train, starts: Sequence[Params], metric: str, counts: Sequence[int], about: str | None
) -> None:
    """The command line of a capability."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", type=Path, default=DATASET)
    parser.add_argument("--nanodet", type=Path, required=True, help="the weights of nanodet-g")
    parser.add_argument("--pictures", type=int, nargs="+", default=counts)
    parser.add_argument("--seconds", type=float, default=300, help="of one core, for each training")
    parser.add_argument("--out", type=Path, help="also write the rows to this JSON file")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    registry.find_fetched_with(lambda name: options.nanodet if name == "nanodet-g" else None)
    rows = curve(train, starts, options.dataset, options.pictures, options.seconds)
    log.info("\n%s", table(rows, metric))
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
