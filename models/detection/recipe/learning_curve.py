"""How good a detector becomes on few labeled pictures, from the COCO detector and from nothing.

    python -m models.detection.recipe.learning_curve --dataset data/own.zip --nanodet nanodet-g.safetensors

trains with 10, 30, 100 and 300 pictures, and a fifth as many to validate on, and prints mAP50 on the 60
pictures of the test split. Each training gets `--seconds` of one processor core, as a few steps show.
"""

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from models.core.contract import registry
from models.core.contract.progress import Progress
from models.core.datasets import archive
from models.core.datasets.writing import write_zip
from models.detection.card import COCO_MODEL, START_COCO, START_SCRATCH, TrainParams
from models.detection.train import train

log = logging.getLogger(__name__)

COUNTS = (10, 30, 100, 300)
VALIDATION_SHARE, FEWEST = 0.2, 5  # pictures to validate on: of those to learn from, and at least
PROBES = (8, 40)  # steps of the trainings that are timed beforehand
IMAGE_SIZE = 256


def subset(dataset: Path, count: int, out: Path) -> None:
    """The dataset with the first `count` pictures to learn from; its pictures for the test are all kept."""
    with archive.load(dataset) as whole, out.open("wb") as file:
        manifest = whole.manifest
        held_out = max(FEWEST, round(VALIDATION_SHARE * count))
        kept = [*manifest.of("train")[:count], *manifest.of("validation")[:held_out], *manifest.of("test")]
        write_zip(file, manifest.model_copy(update={"pictures": kept}), whole.read)


def trained(dataset: Path, params: TrainParams, weights: Path) -> dict[str, float]:
    """The metrics of a training, with the seconds of processor time that it took."""
    start = time.process_time()
    metrics = train(dataset, params, weights=weights, device="cpu", progress=Progress())
    return {**metrics, "step": float(metrics.step or 0), "cpu_seconds": time.process_time() - start}


def steps_within(seconds: float, dataset: Path, params: TrainParams, weights: Path) -> int:
    """How many steps fit into the time, from the difference of two short trainings."""
    short, long = (
        trained(dataset, params.model_copy(update={"steps": steps}), weights)["cpu_seconds"]
        for steps in PROBES
    )
    pace = (long - short) / (PROBES[1] - PROBES[0])
    return max(PROBES[1], round((seconds - short) / pace))


def curve(
    dataset: Path, counts: Sequence[int], starts: Sequence[str], seconds: float
) -> list[dict[str, float | str]]:
    """A row for each number of pictures and each start."""
    rows: list[dict[str, float | str]] = []
    with tempfile.TemporaryDirectory() as folder:
        part, weights = Path(folder) / "part.zip", Path(folder) / "detector.safetensors"
        for start in starts:
            params = TrainParams.model_validate({"start": start, "image_size": IMAGE_SIZE})
            subset(dataset, counts[0], part)
            params = params.model_copy(update={"steps": steps_within(seconds, part, params, weights)})
            for count in counts:
                subset(dataset, count, part)
                rows.append({"pictures": count, "start": start, "steps": params.steps})
                rows[-1] |= trained(part, params, weights)
                log.info("%s", json.dumps(rows[-1]))
    return rows


def table(rows: Sequence[dict[str, float | str]]) -> str:
    """Markdown: mAP50 on the test pictures, a row for each number of pictures."""
    starts = list(dict.fromkeys(str(row["start"]) for row in rows))
    found = {(row["pictures"], row["start"]): row["test_map50"] for row in rows}
    lines = [f"| pictures | {' | '.join(starts)} |", "| --- |" + " --- |" * len(starts)]
    for count in dict.fromkeys(row["pictures"] for row in rows):
        lines.append(f"| {count} | {' | '.join(f'{found[count, start]:.3f}' for start in starts)} |")
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", type=Path, default=Path("data/own.zip"))
    parser.add_argument("--nanodet", type=Path, required=True, help="the weights of nanodet-g")
    parser.add_argument("--pictures", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--starts", nargs="+", default=(START_COCO, START_SCRATCH))
    parser.add_argument("--seconds", type=float, default=300, help="of one core, for each training")
    parser.add_argument("--out", type=Path, help="also write the rows to this JSON file")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    registry.find_fetched_with(lambda name: options.nanodet if name == COCO_MODEL else None)
    rows = curve(options.dataset, options.pictures, options.starts, options.seconds)
    log.info("\n%s", table(rows))
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
