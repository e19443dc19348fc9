"""A small segmenter of the drawn faces: does a synthesized face have its parts where the map has them?

    python -m models.synthesis.recipe.segmenter --dataset data/faces.npz

It learns from real pictures and their maps alone, and never sees a synthesized one. It is not perfect itself,
so its agreement with the map on a synthesized picture is compared with that on the real one.

Shapes: B batch, P parts, S side.
"""

import argparse
import json
import logging
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint
from models.core.training.schedule import learning_rate, set_learning_rate
from models.core.training.state import to_float16
from models.synthesis.architecture import MAP, convolution
from models.synthesis.card import HERE
from models.synthesis.data import Pairs, load, to_signed

log = logging.getLogger(__name__)

WEIGHTS = HERE / "weights" / "face-segmenter.safetensors"
ARCHITECTURE = "face-segmenter"
SIDE, WIDTH = 64, 16
STEPS, BATCH, RATE = 400, 16, 4e-3


class Segmenter(nn.Module):
    """Pictures (B, 3, S, S) in [-1, 1] -> logits (B, P, S, S): a U-Net of two levels."""

    def __init__(self, parts: int):
        super().__init__()
        self.fine = convolution(3, WIDTH)
        self.middle = convolution(WIDTH, 2 * WIDTH, 4, 2)
        self.quarter = nn.Sequential(
            convolution(2 * WIDTH, 4 * WIDTH, 4, 2), convolution(4 * WIDTH, 4 * WIDTH)
        )
        self.to_middle = convolution(6 * WIDTH, 2 * WIDTH)
        self.to_fine = convolution(3 * WIDTH, WIDTH)
        self.classify = nn.Conv2d(WIDTH, parts, 1)
        self.enlarge = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        fine = self.fine(pictures)
        half = self.middle(fine)
        deep = self.quarter(half)
        deep = self.to_middle(torch.cat([self.enlarge(deep), half], dim=1))
        return self.classify(self.to_fine(torch.cat([self.enlarge(deep), fine], dim=1)))


def load_segmenter() -> Segmenter:
    """The trained segmenter. Raises WeightsError: there is none."""
    config, state = checkpoint.load(WEIGHTS)
    segmenter = Segmenter(int(config["parts"]))
    segmenter.load_state_dict(state)
    return segmenter.eval()


@torch.inference_mode()
def agreement(segmenter: Segmenter, pictures: torch.Tensor, maps: torch.Tensor) -> dict[str, float]:
    """Pixel accuracy, and the mean over parts of the intersection over union, over all pictures together."""
    found = torch.cat([segmenter(part).argmax(dim=1) for part in pictures.split(50)])
    parts = segmenter.classify.out_channels
    table = torch.bincount((maps.long() * parts + found).reshape(-1), minlength=parts**2).reshape(
        parts, parts
    )
    both, either = table.diagonal(), table.sum(dim=0) + table.sum(dim=1) - table.diagonal()
    iou = both[either > 0] / either[either > 0]
    return {"pixel_accuracy": float(both.sum() / table.sum()), "mean_iou": float(iou.mean())}


def train(pairs: Pairs, steps: int, seed: int = 0) -> Segmenter:
    """A segmenter after `steps` batches, half of them mirrored; rare parts weigh more."""
    assert pairs.maps is not None  # noqa: S101  loaded as label maps
    torch.manual_seed(seed)
    segmenter = Segmenter(int(pairs.maps.max()) + 1).train()
    optimizer = torch.optim.Adam(segmenter.parameters(), lr=RATE)
    weight = torch.bincount(pairs.maps[:500].reshape(-1)).float().clamp(min=1).rsqrt()
    for step in range(steps):
        random = np.random.default_rng([seed, step])
        indices = random.integers(0, len(pairs), BATCH)
        pictures, maps = to_signed(pairs.pictures[indices]), pairs.maps[indices].long()
        if step % 2:
            pictures, maps = pictures.flip(3), maps.flip(2)
        set_learning_rate(optimizer, learning_rate(step, steps, RATE))
        loss = F.cross_entropy(segmenter(pictures), maps, weight / weight.mean())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % 50 == 0:
            log.info("step %d: loss %.4f", step + 1, loss.item())
    return segmenter.eval()


def main() -> None:
    """Train the segmenter and measure it on the validation faces."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("data/faces.npz"))
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    data = load(options.dataset, MAP, SIDE)
    segmenter = train(data.train, options.steps)
    assert data.validation.maps is not None  # noqa: S101  loaded as label maps
    metrics = agreement(segmenter, to_signed(data.validation.pictures[:300]), data.validation.maps[:300])
    checkpoint.save(
        WEIGHTS,
        {"architecture": ARCHITECTURE, "parts": segmenter.classify.out_channels},
        to_float16(segmenter),
    )
    log.info("%s", json.dumps(metrics))


if __name__ == "__main__":
    main()
