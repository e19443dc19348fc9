"""Training the colorizer: one visible loop, with or without an adversary.

AdamW with warm-up and cosine decay; the generator that is kept is a running mean of the one that was
trained (EMA). The discriminator learns twice as fast as the generator (Heusel et al. 2017, arXiv:1706.08500).
"""

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
from models.colorization.validation import Validation
from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.training.loop import (
    State,
    averaged,
    follow,
    layers_in_bfloat16,
    learning_rate,
    log,
    report_due,
    running_mean,
    start_from,
    validation_due,
    weight_groups,
)

WEIGHT_DECAY = 0.02
BETAS, ADVERSARIAL_BETAS = (0.9, 0.999), (0.5, 0.999)  # pix2pix, section 3.3
DISCRIMINATOR_RATE = 2.0
EMA_DECAY = 0.998
CLIP = 5.0
VALIDATIONS = 12  # times in a training


def begin(params: TrainParams) -> tuple[Generator, Discriminator | None]:
    """The networks to train: new, or with what fits of those that `params.start` names.

    Raises:
        WeightsError: the shipped weights are missing, or a file holds something else.
    """
    torch.manual_seed(params.seed)
    config = Config(image_size=params.image_size)
    generator = Generator(config)
    discriminator = Discriminator(config) if params.adversarial else None
    if params.start == START_DETECTOR and DETECTOR_WEIGHTS.exists():
        take_backbone(generator)
    elif params.start not in (START_SCRATCH, START_DETECTOR):
        file = L1_WEIGHTS if params.start == "l1" else GAN_WEIGHTS
        shipped = networks.load(file)
        start_from(generator, shipped.generator.state_dict(), file)
        if discriminator and shipped.discriminator:
            start_from(discriminator, shipped.discriminator.state_dict(), file)
    return generator, discriminator


def take_backbone(generator: Generator) -> None:
    """The detector's backbone as encoder: what it sees in a gray picture, of which L has one channel."""
    backbone = files.below(files.load(DETECTOR_WEIGHTS)[1], "backbone.")
    first = "stages.0.0.0.weight"
    backbone[first] = backbone[first].float().sum(dim=1, keepdim=True)
    start_from(generator.encoder, backbone, DETECTOR_WEIGHTS)


class Learners:
    """What learns, each with an optimizer: the generator and, where there is one, its adversary."""

    def __init__(self, params: TrainParams, device: str):
        self.precision = layers_in_bfloat16(device, params.mixed_precision)
        self.generator, self.discriminator = begin(params)
        self.models: dict[str, nn.Module] = {"generator": self.generator}
        if self.discriminator:
            self.models["discriminator"] = self.discriminator
        for model in self.models.values():
            model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        betas = ADVERSARIAL_BETAS if self.discriminator else BETAS
        self.optimizers = {
            name: torch.optim.AdamW(weight_groups(model, WEIGHT_DECAY), betas=betas)
            for name, model in self.models.items()
        }

    def learn(
        self, lightness: torch.Tensor, truth: torch.Tensor, rate: float, params: TrainParams
    ) -> dict[str, float]:
        """One step of all on a batch, the generator's of size `rate`. Returns the losses.

        Args:
            lightness: L* (B, 1, S, S).
            truth: its ab (B, 2, S/2, S/2).
        """
        for name, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                group["lr"] = rate * (DISCRIMINATOR_RATE if name == "discriminator" else 1.0)
        small = shrink_to_color(lightness)
        with self.precision:
            guess = self.generator.train()(lightness).float()
        losses = {"loss_color": color_loss(guess, truth, params.rebalance)}
        loss = losses["loss_color"]
        if self.discriminator:
            self.discriminator.train().requires_grad_(False)
            losses["loss_adversarial"] = judged_true(self.verdict(small, guess))
            loss = loss + params.adversarial * losses["loss_adversarial"]
        self.optimizers["generator"].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.generator.parameters(), CLIP)
        self.optimizers["generator"].step()
        if self.discriminator:
            self.discriminator.requires_grad_(True)
            true, guessed = self.verdict(small, truth), self.verdict(small, guess.detach())
            losses["loss_discriminator"] = discriminator_loss(true, guessed)
            self.optimizers["discriminator"].zero_grad()
            losses["loss_discriminator"].backward()
            self.optimizers["discriminator"].step()
        return {"loss": loss.item()} | {name: value.item() for name, value in losses.items()}

    def verdict(self, lightness: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
        """What the discriminator says of each patch, as logits, for L* and ab of one size."""
        assert self.discriminator  # noqa: S101  asked only where there is one
        with self.precision:
            return self.discriminator(torch.cat([lightness, ab], dim=1)).float()


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
        WeightsError: the weights to start from, or the checkpoint, are missing or another network's.
    """
    learned = photos(dataset, "train")
    validation = Validation(dataset, params.image_size)
    learners = Learners(params, device)
    mean = running_mean(learners.generator)
    state = State({**learners.models, "mean": mean}, learners.optimizers)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        torch.manual_seed(params.seed * 1_000_003 + state.step)  # dropout, the same after a resume
        chosen = [learned[index] for index in draw(len(learned), params.batch_size, random)]
        lightness, truth = (
            part.to(device, memory_format=torch.channels_last)
            for part in batch(chosen, params.image_size, random)
        )
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        recent.append(learners.learn(lightness, truth, rate, params))
        follow(mean, learners.generator, state.step, EMA_DECAY)
        state.step += 1
        if report_due(state.step, params.steps):
            row = averaged(recent)
            row["learning_rate"] = rate
            if validation_due(state.step, params.steps, VALIDATIONS):
                metrics = validation.measure(mean)
                row |= metrics
            recent = []
            log(log_file, {"step": state.step, **row})
            progress(state.step, params.steps, row)
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint, mean.config.to_json())
            progress.saved()
    networks.save(weights, mean, learners.discriminator)
    return metrics
