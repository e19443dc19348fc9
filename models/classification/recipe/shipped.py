"""Trains the shipped heads, one for each backbone, with what a small file has room for.

    python -m models.classification.recipe.photos --fetch --raw raw --out data/kinds.zip
    python -m models.classification.recipe.shipped --dataset data/kinds.zip --nanodet nanodet-g.safetensors

Both are trained with the default params. Each keeps four pictures of each kind, only such as may be
redistributed, and all its numbers as float16.
"""

import argparse
import json
import logging
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import torch

from models.classification.card import WEIGHTS, TrainParams
from models.classification.data import examples_of
from models.classification.features import BOX_UNET, NANODET
from models.classification.inspection.kept_pictures import split
from models.classification.recipe.photos import LIST, write_credits
from models.classification.recipe.samples import is_free
from models.classification.train import train
from models.core.contract import checkpoint, registry
from models.core.contract.progress import Progress
from models.core.datasets.archive import load
from models.core.recipe.photo_bank import Entry, entries
from models.core.training import familiarity

log = logging.getLogger(__name__)

KEPT = 4  # pictures of each kind
FILES = {NANODET: WEIGHTS, BOX_UNET: WEIGHTS.with_name(f"{WEIGHTS.stem}.{BOX_UNET}.safetensors")}


def may_ship(dataset: Path) -> dict[int, Entry]:
    """By the index of a picture: the first few of each kind that may be redistributed."""
    free = {entry.sha256[:8]: entry for entry in entries(LIST) if is_free(entry)}
    with load(dataset) as data:
        examples, classes = examples_of(data)
    found: dict[int, Entry] = {}
    for label in range(len(classes)):
        own = [index for index, each in enumerate(examples) if each.label == label]
        known = [(index, PurePosixPath(examples[index].picture.file).stem[-8:]) for index in own]
        found |= {index: free[name] for index, name in [each for each in known if each[1] in free][:KEPT]}
    return found


def ship(dataset: Path, backbone: str) -> dict[str, float]:
    """Train one head and write its file."""
    with TemporaryDirectory(prefix="glassbox-") as folder:
        file = Path(folder) / "weights.safetensors"
        params = TrainParams.model_validate({"backbone": backbone})
        trained = train(dataset, params, weights=file, device="cpu", progress=Progress())
        config, state = checkpoint.load(file)
    own, known = familiarity.split(state)
    own, kept = split(own)
    assert kept is not None  # noqa: S101  every training keeps some
    assert known is not None  # noqa: S101  and here it has pictures enough
    chosen = kept.chosen(list(may_ship(dataset)))
    checkpoint.save(FILES[backbone], config, halves(own | chosen.tensors()))
    checkpoint.save(familiarity.path_beside(FILES[backbone]), {}, halves(known.tensors()))
    log.info("%s: %d bytes, %s", FILES[backbone].name, FILES[backbone].stat().st_size, dict(trained))
    return {**trained, "right": trained.evaluation["right"], "total": trained.evaluation["total"]}


def halves(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Numbers as float16, which the answers do not notice."""
    return {name: value.half() if value.is_floating_point() else value for name, value in state.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", type=Path, default=Path("data/kinds.zip"), help="the packed photos")
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--nanodet", type=Path, required=True, help="the weights of nanodet-g")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    shown = [(f"{number}", entry) for number, entry in enumerate(may_ship(options.dataset).values(), start=1)]
    write_credits(WEIGHTS.with_suffix(".csv"), options.raw, shown)
    registry.find_fetched_with(lambda name: options.nanodet if name == NANODET else None)
    torch.set_num_threads(1)
    figures = {backbone: ship(options.dataset, backbone) for backbone in FILES}
    WEIGHTS.with_suffix(".json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
