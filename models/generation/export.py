"""The generators for other programs: random numbers and a class in, a picture out."""

from pathlib import Path

import torch
from torch import nn

from models.core.exporting.exported import Exported
from models.generation.architecture import Generator, load_networks
from models.generation.card import PredictParams
from models.generation.data import noise

HERE = Path(__file__).parent


class Pictures(nn.Module):
    """z (B, Z) and the class (B,) -> pictures (B, C, S, S) in [0, 1]."""

    def __init__(self, generator: Generator):
        super().__init__()
        self.generator = generator

    def forward(self, z: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        return (self.generator(z, label) + 1) / 2


def network(weights: Path) -> Exported:
    """The generator of this file. Raises WeightsError."""
    generator = load_networks(weights)[0]
    config, params = generator.config, PredictParams()
    return Exported(
        module=Pictures(generator),
        inputs={"z": noise(1, config.latent, 0), "label": torch.tensor([0])},
        outputs=("picture",),
        dynamic={"z": {0: "batch"}, "label": {0: "batch"}},
        preprocessing={
            "z": {"distribution": "standard normal", "size": [config.latent]},
            "label": {"range": [0, len(config.classes) - 1]},
        },
        description=f"z: (batch, {config.latent}), random numbers of a standard normal distribution. label: "
        f"(batch,), int64, the index of the class. picture: (batch, {config.channels}, {config.image_size}, "
        f"{config.image_size}) in [0, 1].",
        script=HERE / "answer.py",
        labels=config.classes,
        takes_file=False,
        defaults={"seed": params.seed, "count": params.count, "truncation": params.truncation},
    )
