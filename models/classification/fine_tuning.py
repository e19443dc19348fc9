"""Fine-tuning: all layers learn, starting from the backbone and the head that was fitted on its features.

Paper: Kumar et al. 2022, Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution,
arXiv:2202.10054: first the head alone, then everything at a low rate. A new head would send large random
gradients into the backbone.

Every step draws crops of the training pictures; the weights with the lowest loss on the
validation pictures are kept, also if those are the ones before the first step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from models.classification.architecture import Classifier, Config
from models.classification.card import TrainParams
from models.classification.data import Example, opened
from models.classification.features import features_of
from models.classification.logistic import softmax
from models.classification.metrics import quality
from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.images.codec import to_tensor
from models.core.training.augmentation import recolor
from models.core.training.best import Best
from models.core.training.loop import (
    numbers,
    report,
    report_due,
    save_if_due,
    take_average,
    validation_due,
)
from models.core.training.schedule import learning_rate, set_learning_rate, weight_groups
from models.core.training.state import State

BACKBONE_PACE = 0.1  # its share of the learning rate
WEIGHT_DECAY = 0.02
MAX_NORM = 5.0  # of the gradient
VALIDATIONS = 8  # in one training
LEAST_SIDE = 0.6  # share of a picture's sides in a crop
RECOLOR = 0.4
SIDE = 256  # pixels of a crop


def fine_tune(
    model: Classifier,
    config: Config,
    examples: list[Example],
    copies: list[bytes],
    params: TrainParams,
    *,
    log_file: Path,
    progress: Progress,
    checkpoint: Path | None,
) -> Best[Classifier]:
    """The best weights; `model` is trained on.

    Args:
        copies: the pictures as JPEG files; the progress counts them before the steps.
    """
    device = next(model.parameters()).device
    learned = [index for index, each in enumerate(examples) if each.split == "train"]
    held_out = [index for index, each in enumerate(examples) if each.split == "validation"]
    model.requires_grad_(True)
    optimizer = make_optimizer(model)
    best = Best(model, "log_loss", lower_is_better=True)
    state = State({"model": model}, {"adamw": optimizer}, best)
    if checkpoint and checkpoint.exists() and _is_of(files.load(checkpoint)[0], config):
        state.load(checkpoint)
    else:
        log_file.unlink(missing_ok=True)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        if state.step == 0 and held_out:
            best.offer(model, measure(model, examples, copies, held_out), 0)
        random = np.random.default_rng([params.seed, 1, state.step])
        chosen = draw(examples, learned, params, random)
        crops = [crop(opened(copies[index]), params.mirror, random) for index in chosen]
        truth = torch.tensor([examples[index].label for index in chosen], device=device)
        loss = F.cross_entropy(model.train()(torch.stack(crops).to(device)), truth)
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        set_learning_rate(optimizer, rate)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        optimizer.step()
        state.step += 1
        recent.append(numbers({"loss": loss}, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if held_out and validation_due(state.step, params.steps, VALIDATIONS):
                metrics = measure(model, examples, copies, held_out)
                best.offer(model, metrics, state.step)
                row |= metrics
            before = len(examples)  # of the progress
            report(progress, log_file, before + state.step, before + params.steps, row)
        save_if_due(state, config.to_json(), checkpoint, progress)
    return best


def _is_of(saved: Mapping[str, Any], config: Config) -> bool:
    """A checkpoint of the fine-tuning, not of the features, and of a network of this shape."""
    return "architecture" in saved and Config.from_json(saved) == config


def make_optimizer(model: Classifier) -> torch.optim.AdamW:
    """AdamW; the `pace` of a group is its share of the learning rate."""
    paces = ((model.encoder, BACKBONE_PACE), (model.head, 1.0))
    return torch.optim.AdamW(
        [{**group, "pace": pace} for part, pace in paces for group in weight_groups(part, WEIGHT_DECAY)]
    )


def draw(
    examples: list[Example], learned: list[int], params: TrainParams, random: np.random.Generator
) -> list[int]:
    """The training pictures of one batch; with `balance` each class is as probable as any other."""
    if not params.balance:
        return random.choice(learned, params.batch_size).tolist()
    members: dict[int, list[int]] = {}
    for index in learned:
        members.setdefault(examples[index].label, []).append(index)
    labels = random.choice(list(members), params.batch_size)
    return [int(random.choice(members[label])) for label in labels]


def crop(picture: Image.Image, mirror: bool, random: np.random.Generator) -> torch.Tensor:
    """(3, SIDE, SIDE): a part of the picture in other colors, with `mirror` mirrored half of the time."""
    width, height = (max(1, round(side * random.uniform(LEAST_SIDE, 1.0))) for side in picture.size)
    left = int(random.integers(0, picture.width - width + 1))
    top = int(random.integers(0, picture.height - height + 1))
    part = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, (left, top, left + width, top + height))
    if mirror and random.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return recolor(to_tensor(part), random, RECOLOR)


@dataclass(frozen=True)
class Answered:
    """What the network computes of N whole pictures."""

    probabilities: np.ndarray  # (N, C)
    standardized: torch.Tensor  # (N, F), the features as the last layer receives them
    context: torch.Tensor  # (N, 256): `Features.context`


@torch.inference_mode()
def answered(model: Classifier, copies: list[bytes]) -> Answered:
    """Of pictures as JPEG files."""
    model.eval()
    found = [features_of(model.encoder, opened(copy), model.pooling) for copy in copies]
    pooled = torch.stack([each.pooled for each in found]).to(model.head.mean.device)
    probabilities = softmax(model.head(pooled).double().cpu().numpy())
    return Answered(
        probabilities, model.head.standardized(pooled).cpu(), torch.stack([each.context for each in found])
    )


def measure(
    model: Classifier, examples: list[Example], copies: list[bytes], indices: list[int]
) -> dict[str, float]:
    """The metrics on some of the pictures."""
    found = answered(model, [copies[index] for index in indices])
    return quality(np.array([examples[index].label for index in indices]), found.probabilities)
