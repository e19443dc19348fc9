"""A restorer for other programs: the network that learned from the smallest share of the rare group."""

from pathlib import Path

import torch
from torch import nn

from models.core.exporting.exported import Exported
from models.depixelization.architecture import Restorer
from models.depixelization.files import load

HERE = Path(__file__).parent


class Restored(nn.Module):
    """Cells (B, 1, s, s) in [0, 1] -> a picture (B, C, S, S) in [0, 1]."""

    def __init__(self, restorer: Restorer):
        super().__init__()
        self.restorer = restorer

    def forward(self, cells: torch.Tensor) -> torch.Tensor:
        return (self.restorer(2 * cells - 1) + 1) / 2


def network(weights: Path) -> Exported:
    """The first network of this file, which answers by default. Raises WeightsError."""
    loaded = load(weights)
    config, condition = loaded.config, loaded.conditions[0]
    is_colored = config.channels == 3
    exposed = "exposed so that their mean is 0.5, " if is_colored else ""
    return Exported(
        module=Restored(loaded.restorers[0]),
        inputs={
            "cells": torch.rand(1, 1, config.small, config.small, generator=torch.Generator().manual_seed(0))
        },
        outputs=("restored",),
        dynamic={"cells": {0: "batch"}},
        preprocessing={
            "cells": {
                "channels": "gray",
                "range": [0, 1],
                "layout": "NCHW",
                "size": [config.small, config.small],
                "picture": {
                    "size": [config.side, config.side],
                    "channels": "RGB" if is_colored else "gray",
                    "dark_background": config.is_dark,
                    "exposure": is_colored,
                },
            }
        },
        description=f"cells: gray in [0, 1], (batch, 1, {config.small}, {config.small}): the means of a "
        f"picture's parts, {exposed}rounded to 256 levels. restored: (batch, {config.channels}, "
        f"{config.side}, {config.side}) in [0, 1]. The training set had "
        f"{condition.share:.0%} of {config.groups[1]!r}.",
        script=HERE / "answer.py",
        labels=config.groups,
    )
