"""A small classifier whose features measure generated pictures: how real, how varied, of which class.

    python -m models.core.generative.judge --dataset data/garments.npz --out garment-judge.safetensors

Inception's features, which the published Fréchet distances use, know photos of 299 x 299 pixels in color. A
classifier of the same small pictures is a closer judge of them; its distances have a scale of their own and
compare only with each other.

Shapes: B batch, C channels of the pictures, H and W their height and width, K classes.
"""

import argparse
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.generative.pictures import Split, load
from models.core.training.loop import append_row
from models.core.training.schedule import set_learning_rate, weight_groups
from models.core.training.state import to_float16

log = logging.getLogger(__name__)

ARCHITECTURE = "judge"
_WEIGHTS = Path(__file__).parent / "weights"
GARMENTS, FACES = _WEIGHTS / "garment-judge.safetensors", _WEIGHTS / "faces-judge.safetensors"
FEATURES = 128
BATCH = 128
HIGHEST_RATE, WEIGHT_DECAY, SMOOTHING = 4e-3, 1e-2, 0.05
WARMUP_SHARE = 0.25  # of the steps
MAX_SHIFT = 1  # pixels; a training picture is moved by up to so many


@dataclass(frozen=True)
class Config:
    """What fixes the classifier's shape; saved with the weights."""

    channels: int
    classes: tuple[str, ...]
    is_halved: bool = False  # the first convolution halves the picture, for those of 64 pixels

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        """Raises WeightsError: the weights of another architecture."""
        if values.get("architecture") != ARCHITECTURE:
            raise WeightsError(f"These are not the weights of a judge but of {values.get('architecture')!r}.")
        return cls(int(values["channels"]), tuple(values["classes"]), bool(values["is_halved"]))

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Judge(nn.Module):
    """Pictures (B, C, H, W) in [0, 1] -> logits (B, K)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.layers = nn.Sequential(
            block(config.channels, 16, 2 if config.is_halved else 1),
            block(16, 32, 2),
            block(32, 32),
            block(32, 64, 2),
            block(64, FEATURES),
        )
        self.classify = nn.Linear(FEATURES, len(config.classes))

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """(B, 128): the mean of each map of the last convolution."""
        return self.layers(pictures * 2 - 1).mean(dim=(2, 3))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.classify(self.features(pictures))


def to_input(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (N, H, W) or (N, H, W, 3) -> float32 (N, C, H, W) in [0, 1]."""
    values = torch.tensor(pictures).float() / 255  # a copy: arrays of a bank are read-only
    return values[:, None] if values.ndim == 3 else values.permute(0, 3, 1, 2)


def load_judge(weights: Path) -> Judge:
    """The classifier, ready to measure. Raises WeightsError: missing, damaged or another architecture's."""
    config, state = checkpoint.load(weights)
    judge = Judge(Config.from_json(config))
    judge.load_state_dict(state)
    return judge.eval()


@torch.inference_mode()
def measure(judge: Judge, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, 128) and the most probable class (N,) of uint8 pictures."""
    features, labels = [], []
    for start in range(0, len(pictures), 250):
        own = judge.features(to_input(pictures[start : start + 250]))
        features.append(own.numpy())
        labels.append(judge.classify(own).argmax(dim=1).numpy())
    return np.concatenate(features), np.concatenate(labels)


def train(dataset: Path, weights: Path, epochs: int, seed: int = 0) -> float:
    """Train a judge, write its weights with a log beside them, and return its accuracy on the test split."""
    pictures = load(dataset)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    config = Config(pictures.channels, pictures.classes, is_halved=pictures.side > 32)
    judge = Judge(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(weight_groups(judge, WEIGHT_DECAY))
    per_epoch = len(pictures.train) // BATCH
    log_file = weights.with_suffix(".log.csv")
    log_file.unlink(missing_ok=True)
    for epoch in range(epochs):
        order = random.permutation(len(pictures.train))
        losses = []
        for index in range(per_epoch):
            chosen = np.sort(order[index * BATCH : (index + 1) * BATCH])
            batch = augmented(to_input(pictures.train.pictures[chosen]), random)
            labels = torch.from_numpy(pictures.train.labels[chosen].astype(np.int64))
            loss = F.cross_entropy(judge.train()(batch), labels, label_smoothing=SMOOTHING)
            set_learning_rate(optimizer, one_cycle((epoch * per_epoch + index) / (epochs * per_epoch)))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        row = {"loss": float(np.mean(losses)), "accuracy": accuracy(judge, pictures.validation)}
        append_row(log_file, {"epoch": epoch + 1, **row})
        log.info("epoch %d: %s", epoch + 1, row)
    checkpoint.save(weights, config.to_json(), to_float16(judge))
    return accuracy(load_judge(weights), pictures.test)


def augmented(batch: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """The batch moved by up to `MAX_SHIFT` pixels, every second one mirrored; channels last."""
    if random.random() < 0.5:
        batch = batch.flip(3)
    shift = tuple(int(each) for each in random.integers(-MAX_SHIFT, MAX_SHIFT + 1, 2))
    return batch.roll(shift, (2, 3)).contiguous(memory_format=torch.channels_last)


def one_cycle(done: float) -> float:
    """The learning rate after a share of the steps: a linear rise, then a linear fall to 0."""
    return HIGHEST_RATE * min(done / WARMUP_SHARE, (1 - done) / (1 - WARMUP_SHARE)) + 1e-6


def accuracy(judge: Judge, split: Split) -> float:
    """The share of a split's pictures whose class the judge finds."""
    return float((measure(judge.eval(), split.pictures)[1] == split.labels).mean())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, required=True, help="a bank of pictures with classes")
    parser.add_argument("--out", type=Path, required=True, help="the weights to write, or to measure")
    parser.add_argument("--epochs", type=int, default=6, help="0: only measure the weights")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    if options.epochs:
        train(options.dataset, options.out, options.epochs, options.seed)
    judge, pictures = load_judge(options.out), load(options.dataset)
    figures = {
        f"{split}_accuracy": accuracy(judge, getattr(pictures, split)) for split in ("validation", "test")
    }
    log.info(json.dumps(figures))


if __name__ == "__main__":
    main()
