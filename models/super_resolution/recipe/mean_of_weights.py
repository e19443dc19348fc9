"""The mean of the best and of the last weights of a training, from its checkpoint, as a weights file.

    python -m models.super_resolution.recipe.mean_of_weights mine.checkpoint jpeg-x4.safetensors

Weights of one training lie in one valley of the loss: their mean is often closer to its floor than either
(Wortsman et al. 2022, Model soups, arXiv:2203.05482).
"""

import argparse
from pathlib import Path

import torch

from models.core.contract import checkpoint
from models.super_resolution.architecture import Config


def mean_of_weights(state: Path, out: Path) -> None:
    """Write float16 weights. Raises WeightsError: `state` is not a checkpoint."""
    config, tensors = checkpoint.load(state)
    best, last = (checkpoint.below(tensors, f"model/{name}/") for name in ("best", "mean"))
    weights: dict[str, torch.Tensor] = {name: ((best[name] + last[name]) / 2).half() for name in best}
    checkpoint.save(out, Config.from_json(config).to_json(), weights)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    mean_of_weights(options.checkpoint, options.out)


if __name__ == "__main__":
    main()
