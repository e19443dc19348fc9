"""The two trainings that failed, which the answers of the shipped models show.

    python -m models.generation.recipe.failures --dataset data/garments.npz

writes failures/collapsed.safetensors and failures/diverged.safetensors: the params, the losses and every
fourth sheet of samples, without the networks. Half a minute each on one core.
"""

import argparse
import logging
import tempfile
from pathlib import Path

import torch

from models.core.contract import checkpoint
from models.core.contract.progress import Progress
from models.core.generative.sample_history import SampleHistory
from models.generation.card import FAILURES, TrainParams
from models.generation.train import train

log = logging.getLogger(__name__)

FAILED = {
    # 40 times the usual rate: the generator runs to whatever convinces this moment, the same for every z
    "collapsed": TrainParams(steps=300, width=16, learning_rate=0.02),
    # 20 and 200 times: both overshoot at every step, and no step improves on the last
    "diverged": TrainParams(steps=300, width=16, learning_rate=0.01, discriminator_rate=0.2),
}
EVERY = 4  # sheets: one of so many is kept, counted back from the last


def fail(name: str, dataset: Path) -> None:
    """Train with the params of one failure, and keep what the stage shows."""
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "failed.safetensors"
        metrics = train(dataset, FAILED[name], weights=weights, device="cpu", progress=Progress())
        values, state = checkpoint.load(weights)
    history = SampleHistory.from_tensors(state)
    history.sheets = history.sheets[::-1][::EVERY][::-1]
    about = {"train_params": values["train_params"], "metrics": metrics}
    checkpoint.save(FAILURES / f"{name}.safetensors", about, {"losses": state["losses"], **history.tensors()})
    log.info("%s: %s", name, metrics)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("data/garments.npz"))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    for name in FAILED:
        fail(name, options.dataset)


if __name__ == "__main__":
    main()
