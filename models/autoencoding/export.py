"""The autoencoders for other programs: a picture in, its z and its reconstruction out."""

from pathlib import Path

import torch
from torch import nn

from models.autoencoding.architecture import Autoencoder
from models.autoencoding.files import load
from models.core.exporting.exported import Exported, example_picture

HERE = Path(__file__).parent


class Reconstruction(nn.Module):
    """x (B, C, S, S) in [0, 1] -> z (B, Z), the mean of q(z|x), and the reconstruction (B, C, S, S)."""

    def __init__(self, autoencoder: Autoencoder):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        z = self.autoencoder.encode(picture).mean
        return z, self.autoencoder.decode(z)


def network(weights: Path) -> Exported:
    """The autoencoder of this file. Raises WeightsError."""
    trained = load(weights)
    config = trained.model.config
    shape = f"(batch, {config.channels}, {config.side}, {config.side})"
    return Exported(
        module=Reconstruction(trained.model),
        inputs={"picture": example_picture(config.side, config.side, config.channels)},
        outputs=("z", "reconstruction"),
        dynamic={"picture": {0: "batch"}},
        preprocessing={
            "picture": {
                "channels": "gray" if config.channels == 1 else "RGB",
                "range": [0, 1],
                "layout": "NCHW",
                "size": [config.side, config.side],
                "resize": "the whole picture on a square of its border" if config.channels == 1 else "crop",
                "dark_background": trained.has_dark_background,
            }
        },
        description=f"picture: {shape}, in [0, 1]. z: (batch, {config.latent}), the code; of a variational "
        "autoencoder the mean of its distribution. reconstruction: the picture that is decoded from z.",
        script=HERE / "answer.py",
        labels=trained.classes,
    )
