"""The trainings behind the shipped models: every share, and 1 % oversampled, with three seeds each.

    python -m models.depixelization.recipe.trainings --set depixelized-faces --dataset BANK
    python -m models.depixelization.recipe.trainings --set depixelized-shoes --dataset data/garments.npz

where BANK is that of `recipe/faces.py`.
Finished ones are skipped, so that the command goes on where it was stopped. All that differs between them is
the share, the oversampling and the seed. `recipe/bundle.py` makes the shipped files of them.
"""

import argparse
import logging
import time
from pathlib import Path

import torch

from models.core.contract.progress import Progress
from models.depixelization.card import FACES, GARMENTS, TrainParams
from models.depixelization.train import train

log = logging.getLogger(__name__)

CONDITIONS = (*((share, False) for share in (1.0, 5.0, 10.0, 25.0, 50.0)), (1.0, True))  # oversampled
SEEDS = (0, 1, 2)
PARAMS = {
    FACES.stem: TrainParams(frequent="light skin", rare="dark skin", steps=650, width=32, adversary=0.02),
    GARMENTS.stem: TrainParams(frequent="sneaker", rare="sandal", steps=400, width=32),
}


def path_of(folder: Path, name: str, share: float, seed: int, *, oversampled: bool) -> Path:
    """Where the weights of one training lie."""
    return folder / f"{name}-{share:g}{'-oversampled' if oversampled else ''}-{seed}.safetensors"


def main() -> None:
    """Run the trainings that are missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", choices=sorted(PARAMS), required=True)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs"))
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for seed in options.seeds:
        for share, oversampled in CONDITIONS:
            weights = path_of(options.out, options.set, share, seed, oversampled=oversampled)
            if weights.exists():
                continue
            own = {"share": share, "oversampled": oversampled, "seed": seed}
            params = PARAMS[options.set].model_copy(update=own)
            start = time.process_time()
            metrics = train(options.dataset, params, weights=weights, device="cpu", progress=Progress())
            log.info("%s: %s, %.0f s", weights.stem, dict(metrics), time.process_time() - start)


if __name__ == "__main__":
    main()
