"""Training the colorizer: one visible loop, with or without an adversary.

AdamW with warm-up and cosine decay; the generator that is kept is a running mean of the one that was
trained (EMA). The discriminator learns twice as fast as the generator (Heusel et al. 2017, arXiv:1706.08500).
"""

import csv
from collections.abc import Mapping
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.colorization import networks
from models.colorization.architecture import Config, Discriminator, Generator, shrink_to_color
from models.colorization.card import (
    DETECTOR_WEIGHTS,
    GAN_WEIGHTS,
    L1_WEIGHTS,
    START_DETECTOR,
    START_SCRATCH,
    TrainParams,
)
from models.colorization.data import batch, draw, photos
from models.colorization.loss import color_loss, discriminator_loss, judged_true
from models.colorization.state import State
from models.colorization.validation import Validation
from models.core import checkpoint as files
from models.core.progress import Progress

WARMUP_SHARE = 0.03
DISCRIMINATOR_RATE = 2.0
EMA_DECAY = 0.998
CLIP = 5.0
VALIDATIONS = 12  # times in a training
REPORTS = 200
COLUMNS: list[str] = [
    "step", "learning_rate", "loss", "loss_color", "loss_adversarial", "loss_discriminator",
    "ab_distance", "ab_psnr", "better_share", "colorfulness_ratio",
]  # fmt: skip


def learning_rate(step: int, params: TrainParams) -> float:
    """Linear warm-up, then a cosine to a hundredth."""
    warmup = max(1, round(WARMUP_SHARE * params.steps))
    if step < warmup:
        return params.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, params.steps - warmup)
    return params.learning_rate * (0.01 + 0.99 * (1 + cos(pi * done)) / 2)


@torch.no_grad()
def follow(mean: nn.Module, model: nn.Module, step: int) -> None:
    """Move the running mean a little towards the trained weights; quickly at first."""
    decay = min(EMA_DECAY, (1 + step) / (10 + step))
    trained = model.state_dict()
    for name, value in mean.state_dict().items():
        if value.is_floating_point():
            value.lerp_(trained[name], 1 - decay)
        else:
            value.copy_(trained[name])


def begin(params: TrainParams) -> tuple[Generator, Discriminator | None]:
    """The networks to train: new, or with what fits of those that `params.start` names."""
    torch.manual_seed(params.seed)
    config = Config(image_size=params.image_size)
    generator = Generator(config)
    discriminator = Discriminator(config) if params.adversarial else None
    if params.start == START_DETECTOR and DETECTOR_WEIGHTS.exists():
        take_backbone(generator, files.load(DETECTOR_WEIGHTS)[1])
    elif params.start not in (START_SCRATCH, START_DETECTOR):
        shipped = networks.load(L1_WEIGHTS if params.start == "l1" else GAN_WEIGHTS)
        networks.fill(generator, shipped.generator.state_dict())
        if discriminator and shipped.discriminator:
            networks.fill(discriminator, shipped.discriminator.state_dict())
    return generator, discriminator


def take_backbone(generator: Generator, detector: Mapping[str, torch.Tensor]) -> None:
    """The detector's backbone as encoder: what it sees in a gray picture, of which L has one channel."""
    backbone = networks.part(detector, "backbone.")
    first = "stages.0.0.0.weight"
    backbone[first] = backbone[first].float().sum(dim=1, keepdim=True)
    networks.fill(generator.encoder, backbone)


def log(path: Path, row: Mapping[str, float]) -> None:
    """Append one row to the training's log, a CSV file beside the weights."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerow({name: value if name == "step" else f"{value:.5g}" for name, value in row.items()})


def learn(
    state: State, lightness: torch.Tensor, truth: torch.Tensor, params: TrainParams
) -> dict[str, float]:
    """One step of both networks on a batch: L (B, 1, S, S) and its true ab (B, 2, S/2, S/2)."""
    guess, small = state.generator.train()(lightness), shrink_to_color(lightness)
    losses = {"loss_color": color_loss(guess, truth, params.rebalance)}
    loss = losses["loss_color"]
    if state.discriminator:
        state.discriminator.train().requires_grad_(False)
        losses["loss_adversarial"] = judged_true(state.discriminator(torch.cat([small, guess], dim=1)))
        loss = loss + params.adversarial * losses["loss_adversarial"]
    state.optimizers[0].zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(state.generator.parameters(), CLIP)
    state.optimizers[0].step()
    if state.discriminator:
        state.discriminator.requires_grad_(True)
        true = state.discriminator(torch.cat([small, truth], dim=1))
        guessed = state.discriminator(torch.cat([small, guess.detach()], dim=1))
        losses["loss_discriminator"] = discriminator_loss(true, guessed)
        state.optimizers[1].zero_grad()
        losses["loss_discriminator"].backward()
        state.optimizers[1].step()
    return {"loss": loss.item(), **{name: value.item() for name, value in losses.items()}}


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation photos.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is no ZIP of pictures, or none of them is in color.
    """
    learned = photos(dataset, "train")
    validation = Validation(dataset, params.image_size)
    state = State(*begin(params), device)
    log_file = weights.with_suffix(".log.csv")
    if checkpoint and checkpoint.exists():
        state.load(checkpoint)
    else:
        log_file.unlink(missing_ok=True)
    every = max(1, params.steps // REPORTS)
    measured = max(every, params.steps // VALIDATIONS // every * every)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        torch.manual_seed(params.seed * 1_000_003 + state.step)  # dropout, the same after a resume
        chosen = [learned[index] for index in draw(len(learned), params.batch_size, random)]
        lightness, truth = batch(chosen, params.image_size, random)
        state.set_rates(rate := learning_rate(state.step, params), rate * DISCRIMINATOR_RATE)
        recent.append(learn(state, state.placed(lightness), state.placed(truth), params))
        follow(state.mean, state.generator, state.step)
        state.step += 1
        if state.step % every == 0 or state.step == params.steps:
            row = {name: sum(each[name] for each in recent) / len(recent) for name in recent[0]}
            row["learning_rate"] = rate
            if state.step % measured == 0 or state.step == params.steps:
                metrics = validation.measure(state.mean)
                row |= metrics
            recent = []
            log(log_file, {"step": state.step, **row})
            progress(state.step, params.steps, row)
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint)
            progress.saved()
    networks.save(weights, state.mean, state.discriminator)
    return metrics
