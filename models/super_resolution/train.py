"""Training the generator on patches of photos, with or without a critic: one visible loop.

Adam with warm-up and cosine decay; the weights that are kept are a running mean of those that were trained
(EMA). With a critic, generator and critic take turns on every batch (SRGAN, arXiv:1609.04802).
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.training.loop import (
    State,
    averaged,
    follow,
    halved,
    layers_in_bfloat16,
    learning_rate,
    log,
    report_due,
    running_mean,
    start_from,
    validation_due,
)
from models.core.training.photos import Photo
from models.super_resolution.architecture import Config, Generator
from models.super_resolution.card import FEATURES, START_OTHER, START_SCRATCH, TrainParams
from models.super_resolution.card import weights as shipped_weights
from models.super_resolution.data import Patches, held_out, shrink, tensor
from models.super_resolution.loss import CRITIC_RATE, PERCEPTUAL, Adversary
from models.super_resolution.metrics import psnr_y

BETAS = (0.9, 0.99)
EMA_DECAY = 0.998
CLIP = 0.5
VALIDATION_SIDE = 320  # pixels of each validation photo's middle
VALIDATIONS = 10  # times in a training


def begin(params: TrainParams) -> Generator:
    """The generator to train: new, or with what fits of the shipped PSNR model.

    Raises:
        WeightsError: the shipped weights are missing, or their file holds something else.
    """
    torch.manual_seed(params.seed)
    model = Generator(Config(scale=params.scale, loss="gan" if params.adversarial else "psnr"))
    if params.start != START_SCRATCH:
        scale = 6 - params.scale if params.start == START_OTHER else params.scale
        file = shipped_weights("psnr", scale)
        start_from(model, files.load(file)[1], file)
    return model


class Learners:
    """What learns, each with an optimizer: the generator and, where there is an adversary, its critic."""

    def __init__(self, params: TrainParams, device: str):
        self.precision = layers_in_bfloat16(device, params.mixed_precision)
        self.generator = begin(params).to(device)
        self.adversary = Adversary(FEATURES).to(device) if params.adversarial else None
        self.models: dict[str, nn.Module] = {"generator": self.generator}
        if self.adversary:
            self.models["critic"] = self.adversary.critic
        self.optimizers = {
            name: torch.optim.Adam(model.parameters(), betas=BETAS) for name, model in self.models.items()
        }

    def learn(self, low: torch.Tensor, high: torch.Tensor, rate: float, opinion: float) -> dict[str, float]:
        """One step of all on a batch (B, 3, S, S) and its truth (B, 3, r*S, r*S). Returns the losses.

        Args:
            rate: step size of the generator.
            opinion: weight of the critic's opinion.
        """
        for name, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                group["lr"] = rate * (CRITIC_RATE if name == "critic" else 1.0)
        with self.precision:
            answer = self.generator(low).float()
        losses = {"loss_pixels": F.l1_loss(answer, high)}
        loss = losses["loss_pixels"]
        if self.adversary:
            with self.precision:
                losses |= self.adversary.judge(answer, high)
            loss = loss + PERCEPTUAL * losses["loss_perceptual"] + opinion * losses["loss_adversarial"]
        self.optimizers["generator"].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.generator.parameters(), CLIP)
        self.optimizers["generator"].step()
        if self.adversary:
            with self.precision:
                losses["loss_critic"] = self.adversary.teach(answer, high)
            self.optimizers["critic"].zero_grad()
            losses["loss_critic"].backward()
            self.optimizers["critic"].step()
        return {"loss": loss.item()} | {name: value.item() for name, value in losses.items()}


@torch.inference_mode()
def validate(model: Generator, photos: list[Photo], device: str) -> dict[str, float]:
    """Mean luma PSNR in dB over the photos' middles, of the model and of bicubic."""
    scale = model.config.scale
    mine, plain = [], []
    for photo in photos:
        top, left = (max(0, side - VALIDATION_SIDE) // 2 for side in photo.pixels.shape[:2])
        pair = shrink(photo.pixels[top : top + VALIDATION_SIDE, left : left + VALIDATION_SIDE], scale)
        low = tensor([pair.low]).to(device)
        added = model.residual(low)
        answer = model(low)
        for kept, picture in ((mine, answer), (plain, answer - added)):
            pixels = picture[0].clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).cpu().numpy()
            kept.append(psnr_y(pixels, pair.high, scale))
    return {"psnr_y": float(np.mean(mine)), "psnr_y_bicubic": float(np.mean(plain))}


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
        InputError: `dataset` is not a ZIP of photos, or they are too small.
        WeightsError: the weights to start from, the features' for the critic, or the checkpoint are missing
            or another network's.
    """
    patches, validation = Patches(dataset, params.scale, params.patch_size), held_out(dataset)
    learners = Learners(params, device)
    mean = running_mean(learners.generator)
    state = State({**learners.models, "mean": mean}, learners.optimizers)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        low, high = (part.to(device) for part in patches.batch(random, params.batch_size))
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        recent.append(learners.learn(low, high, rate, params.adversarial))
        follow(mean, learners.generator, state.step, EMA_DECAY)
        state.step += 1
        if report_due(state.step, params.steps):
            row = averaged(recent)
            row["learning_rate"] = rate
            if validation_due(state.step, params.steps, VALIDATIONS):
                metrics = validate(mean, validation, device)
                row |= metrics
            recent = []
            log(log_file, {"step": state.step, **row})
            progress(state.step, params.steps, row)
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint, mean.config.to_json())
            progress.saved()
    files.save(weights, mean.config.to_json(), halved(mean))
    return metrics
