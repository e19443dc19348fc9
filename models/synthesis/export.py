"""The generators of image synthesis for other programs: a drawing or a label map in, a picture out."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.exporting.exported import Exported, example_picture
from models.synthesis.architecture import MAP, Generator, Networks, load_networks
from models.synthesis.card import PredictParams
from models.synthesis.edges import INK, LONGEST, MARGIN, find_edges
from models.synthesis.label_map import FINE, condition_of

HERE = Path(__file__).parent


class FromEdges(nn.Module):
    """Edges (B, 1, S, S), 1 on a line and 0 elsewhere -> a picture (B, C, S, S) in [0, 1]."""

    def __init__(self, generator: Generator):
        super().__init__()
        self.generator = generator

    def forward(self, edges: torch.Tensor) -> torch.Tensor:
        return (self.generator(edges) + 1) / 2


class FromMap(nn.Module):
    """Labels (B, S, S) and a palette (B, P, 3) in [0, 1] -> a picture (B, C, S, S) in [0, 1]."""

    def __init__(self, generator: Generator):
        super().__init__()
        self.generator = generator

    def forward(self, labels: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        return (self.generator(condition_of(labels, palette)) + 1) / 2


def network(weights: Path) -> Exported:
    """The generator of this file, the one that learned against the adversary. Raises WeightsError."""
    networks, _ = load_networks(weights)
    return _from_map(networks) if networks.config.condition == MAP else _from_edges(networks)


def _from_map(networks: Networks) -> Exported:
    config, side = networks.config, networks.config.side
    drawn = int(np.random.default_rng(PredictParams().seed).integers(len(networks.palettes)))
    palette = networks.palettes[drawn].detach()
    labels = (example_picture(side, side, 1)[:, 0] * (len(config.parts) - 1)).round().long()
    return Exported(
        module=FromMap(networks.generator),
        inputs={"labels": labels, "palette": palette[None]},
        outputs=("picture",),
        dynamic={"labels": {0: "batch"}, "palette": {0: "batch"}},
        preprocessing={
            "labels": {"size": [side, side], "colors": list(config.part_colors), "samples": FINE},
            "palette": {"range": [0, 1]},
        },
        description=f"labels: (batch, {side}, {side}), int64, the index of each pixel's part. palette: "
        f"(batch, {len(config.parts)}, 3), the color of each part in [0, 1]. picture: (batch, "
        f"{config.channels}, {side}, {side}) in [0, 1].",
        script=HERE / "answer.py",
        labels=config.parts,
        defaults={"palette": palette.tolist()},
    )


def _from_edges(networks: Networks) -> Exported:
    config, side = networks.config, networks.config.side
    return Exported(
        module=FromEdges(networks.generator),
        inputs={"edges": find_edges(2 * example_picture(side, side, 1) - 1)},
        outputs=("picture",),
        dynamic={"edges": {0: "batch"}},
        preprocessing={
            "edges": {"range": [0, 1], "size": [side, side], "ink": INK, "margin": MARGIN, "longest": LONGEST}
        },
        description=f"edges: (batch, 1, {side}, {side}), 1 on a line and 0 elsewhere. picture: (batch, "
        f"{config.channels}, {side}, {side}) in [0, 1]. answer.py takes line drawings; it does not find the "
        "edges of photos.",
        script=HERE / "answer.py",
    )
