"""Training the generator on patches of photos, with or without a critic: one visible loop.

Adam with warm-up and cosine decay; the weights that are kept are a running mean of those that were trained
(EMA). With a critic, generator and critic take turns on every batch (SRGAN, arXiv:1609.04802).
"""

import csv
from collections.abc import Mapping
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.core import checkpoint as files
from models.core.photos import Photo
from models.core.progress import Progress
from models.super_resolution.architecture import Config, Generator
from models.super_resolution.card import FEATURES, START_OTHER, START_SCRATCH, TrainParams
from models.super_resolution.card import weights as shipped_weights
from models.super_resolution.data import Patches, held_out, shrink, tensor
from models.super_resolution.loss import CRITIC_RATE, PERCEPTUAL, Adversary
from models.super_resolution.metrics import psnr_y

WARMUP_SHARE = 0.03
BETAS = (0.9, 0.99)
EMA_DECAY = 0.998
CLIP = 0.5
VALIDATION_SIDE = 320  # pixels of each validation photo's middle
VALIDATIONS = 10  # times in a training
REPORTS = 200
LOSSES = ("loss", "loss_pixels", "loss_perceptual", "loss_adversarial", "loss_critic")
COLUMNS: tuple[str, ...] = ("step", "learning_rate", *LOSSES, "psnr_y", "psnr_y_bicubic")


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
    for kept, trained in zip(mean.parameters(), model.parameters(), strict=True):
        kept.lerp_(trained, 1 - decay)


def begin(params: TrainParams) -> Generator:
    """The generator to train: new, or with what fits of the shipped PSNR model.

    Raises:
        WeightsError: the shipped weights are missing.
    """
    torch.manual_seed(params.seed)
    model = Generator(Config(scale=params.scale, loss="gan" if params.adversarial else "psnr"))
    if params.start != START_SCRATCH:
        scale = 6 - params.scale if params.start == START_OTHER else params.scale
        _, shipped = files.load(shipped_weights("psnr", scale))
        own = model.state_dict()
        fitting = {name: value.float() for name, value in shipped.items() if value.shape == own[name].shape}
        model.load_state_dict(own | fitting)
    return model


class State:
    """Everything that changes from step to step, to and from one file."""

    def __init__(self, params: TrainParams, device: str):
        self.model = begin(params)
        self.mean = Generator(self.model.config)
        self.mean.load_state_dict(self.model.state_dict())
        self.mean.requires_grad_(False).eval()
        self.adversary = Adversary(FEATURES) if params.adversarial else None
        self.modules: dict[str, nn.Module] = {"model": self.model, "mean": self.mean}
        if self.adversary:
            self.modules["critic"] = self.adversary.critic
        for module in filter(None, (self.model, self.mean, self.adversary)):
            module.to(device)
        trained = [each for each in self.modules if each != "mean"]
        self.optimizers = {
            each: torch.optim.Adam(self.modules[each].parameters(), betas=BETAS) for each in trained
        }
        self.step = 0

    def save(self, path: Path) -> None:
        tensors = {
            f"{prefix}.{name}": value
            for prefix, module in self.modules.items()
            for name, value in module.state_dict().items()
        }
        for which, optimizer in self.optimizers.items():
            for index, moments in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer:{which}:{index}:{name}": value for name, value in moments.items()}
        files.save(path, {"step": self.step, **self.model.config.to_json()}, tensors)

    def load(self, path: Path) -> None:
        config, tensors = files.load(path)
        self.step = int(config["step"])
        for prefix, module in self.modules.items():
            start = f"{prefix}."
            module.load_state_dict(
                {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}
            )
        for which, optimizer in self.optimizers.items():
            moments: dict[int, dict[str, torch.Tensor]] = {}
            for name, value in tensors.items():
                if name.startswith(f"optimizer:{which}:"):
                    _, _, index, key = name.split(":")
                    moments.setdefault(int(index), {})[key] = value
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})


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


def validation_due(step: int, every: int, params: TrainParams) -> bool:
    """Whether a report at `step`, of those after `every` steps, also measures on validation photos."""
    return step == params.steps or step % max(every, params.steps // VALIDATIONS // every * every) == 0


def learn(state: State, low: torch.Tensor, high: torch.Tensor, params: TrainParams) -> dict[str, float]:
    """One step of the generator, and of the critic where there is one. Returns the losses."""
    for which, optimizer in state.optimizers.items():
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(state.step, params) * (CRITIC_RATE if which == "critic" else 1.0)
    answer = state.model(low)
    losses = {"loss_pixels": F.l1_loss(answer, high)}
    loss = losses["loss_pixels"]
    if state.adversary:
        losses |= state.adversary.judge(answer, high)
        loss = loss + PERCEPTUAL * losses["loss_perceptual"] + params.adversarial * losses["loss_adversarial"]
    state.optimizers["model"].zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(state.model.parameters(), CLIP)
    state.optimizers["model"].step()
    if state.adversary:
        losses["loss_critic"] = state.adversary.teach(answer, high)
        state.optimizers["critic"].zero_grad()
        losses["loss_critic"].backward()
        state.optimizers["critic"].step()
    return {"loss": loss.item()} | {name: value.item() for name, value in losses.items()}


def log(path: Path, row: Mapping[str, float]) -> None:
    """Append one row to the training's log, a CSV file beside the weights."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerow({name: value if name == "step" else f"{value:.5g}" for name, value in row.items()})


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
        WeightsError: the weights to start from, or the features' for the critic, are missing.
    """
    patches, validation = Patches(dataset, params.scale, params.patch_size), held_out(dataset)
    state = State(params, device)
    log_file = weights.with_suffix(".log.csv")
    if checkpoint and checkpoint.exists():
        state.load(checkpoint)
    else:
        log_file.unlink(missing_ok=True)
    every = max(1, params.steps // REPORTS)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        low, high = (part.to(device) for part in patches.batch(random, params.batch_size))
        recent.append(learn(state, low, high, params))
        follow(state.mean, state.model, state.step)
        state.step += 1
        if state.step % every == 0 or state.step == params.steps:
            row = {name: sum(each[name] for each in recent) / len(recent) for name in recent[0]}
            row["learning_rate"] = learning_rate(state.step, params)
            if validation_due(state.step, every, params):
                metrics = validate(state.mean, validation, device)
                row |= metrics
            recent = []
            log(log_file, {"step": state.step, **row})
            progress(state.step, params.steps, row)
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint)
            progress.saved()
    half = {name: value.half() for name, value in state.mean.state_dict().items()}
    files.save(weights, state.mean.config.to_json(), half)
    return metrics
