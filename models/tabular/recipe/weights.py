"""Writes the weights file anew: `python -m models.tabular.recipe.weights`.

A model that fits each table anew has no weights. What its predictor loads is the version of the format.
"""

import torch

from models.core.contract import checkpoint
from models.tabular.card import WEIGHTS


def main() -> None:
    """One number, as a file of weights holds at least one."""
    checkpoint.save(WEIGHTS, {"architecture": "tabular"}, {"format": torch.tensor([1.0])})


if __name__ == "__main__":
    main()
