"""Write what PyTorch decodes, which the page's networks must reproduce.

Run from the repository: python -m tests.models.core.generative.write_decode_golden
"""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.core.generative import latent_stage

FILE = Path(__file__).parents[4] / "frontend" / "src" / "networks" / "decode.golden.json"
_FEATURES = 3  # of a class
_LATENT = 2
_CLASSES = 4


class ConditionalNorm(nn.Module):
    """norm(x) (1 + gain(e)) + shift(e)."""

    def __init__(self, channels: int, features: int):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(features, channels)
        self.shift = nn.Linear(features, channels)

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        return self.norm(x) * (1 + self.gain(e)[..., None, None]) + self.shift(e)[..., None, None]


def decoders() -> dict[str, tuple[nn.Sequential, nn.Embedding | None]]:
    """Small networks that have, together, every layer and every odd size."""
    torch.manual_seed(11)
    features = _LATENT + _FEATURES
    made: dict[str, tuple[nn.Sequential, nn.Embedding | None]] = {
        "transposed convolutions": (
            nn.Sequential(
                nn.Linear(_LATENT, 18),
                nn.Unflatten(1, (2, 3, 3)),
                nn.BatchNorm2d(2),
                nn.ReLU(),
                nn.ConvTranspose2d(2, 5, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(5),
                nn.LeakyReLU(0.2),
                nn.ConvTranspose2d(5, 3, 3, stride=2, padding=0),
                nn.Sigmoid(),
            ),
            None,
        ),
        "upsampling": (
            nn.Sequential(
                nn.Linear(_LATENT, 7),
                nn.Tanh(),
                nn.Linear(7, 24, bias=False),
                nn.Unflatten(1, (4, 3, 2)),
                nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(4, 3, 3, padding=1), nn.ReLU()),
                nn.Conv2d(3, 1, 3, stride=2, padding=1),
            ),
            None,
        ),
        "conditional": (
            nn.Sequential(
                nn.Linear(features, 12),
                nn.Unflatten(1, (3, 2, 2)),
                ConditionalNorm(3, features),
                nn.ReLU(),
                nn.ConvTranspose2d(3, 4, 4, stride=2, padding=1),
                ConditionalNorm(4, features),
                nn.ReLU(),
                nn.Conv2d(4, 1, 3, padding=1),
                nn.Tanh(),
            ),
            nn.Embedding(_CLASSES, _FEATURES),
        ),
    }
    for sequential, _ in made.values():
        for module in sequential.modules():
            if isinstance(module, nn.BatchNorm2d):  # statistics and factors as after a training
                torch.nn.init.uniform_(module.running_mean, -0.5, 0.5)  # pyright: ignore[reportArgumentType]
                torch.nn.init.uniform_(module.running_var, 0.5, 2.0)  # pyright: ignore[reportArgumentType]
                if module.affine:
                    torch.nn.init.uniform_(module.weight, 0.5, 1.5)
                    torch.nn.init.uniform_(module.bias, -0.5, 0.5)
        sequential.eval()
    return made


def decoded(sequential: nn.Sequential, e: torch.Tensor) -> torch.Tensor:
    """(B, D) -> (B, C, H, W), with e at every conditional norm."""
    x = e
    for module in sequential:
        x = module(x, e) if isinstance(module, ConditionalNorm) else module(x)
    return x


@torch.inference_mode()
def cases() -> list[dict[str, Any]]:
    z = torch.tensor([[0.0, 0.0], [1.5, -0.7], [-2.0, 0.3]])
    labels = torch.tensor([0, 3, 1])
    listed = []
    for name, (sequential, embedding) in decoders().items():
        layers, weights = latent_stage.export(sequential, embedding)
        e = z if embedding is None else torch.cat([z, embedding(labels)], dim=1)
        outputs = decoded(sequential, e)
        listed.append(
            {
                "name": name,
                "layers": layers,
                "weights": b64encode(weights).decode(),
                "z": z.tolist(),
                "labels": labels.tolist(),
                "shape": list(outputs.shape[1:]),
                "outputs": [output.flatten().double().numpy().round(6).tolist() for output in outputs],
            }
        )
    return listed


def main() -> None:
    FILE.write_text(json.dumps({"cases": cases()}, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
