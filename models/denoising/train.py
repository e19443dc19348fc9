"""Training the denoiser and its estimator on noisy crops: one visible loop.

Each crop gets fresh noise, and the network is told its level. The difference to the clean crop is measured as
Charbonnier's distance, the estimator by the likelihood of its guesses and by what they say together. AdamW
with warm-up and cosine decay; what is kept is a running mean of the weights (EMA).
"""

import csv
from collections.abc import Mapping
from math import cos, log10, pi
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core import checkpoint as files
from models.core.errors import InputError
from models.core.progress import Progress
from models.denoising.architecture import GATE, GUESS_STRIDE, GUESS_UNIT, Config, Denoiser
from models.denoising.card import START_SCRATCH, WEIGHTS, TrainParams
from models.denoising.data import Crops, Source
from models.denoising.noise import BITS

WARMUP_SHARE = 0.02
WEIGHT_DECAY = 1e-4
EMA_DECAY = 0.999
CLIP = 1.0
ROUNDING = 1e-3  # below this, Charbonnier's distance is a parabola
USUAL_LEVEL = 0.1  # about 25 of 255
GUESS_WEIGHT = 0.02  # of the estimator's loss; it shares no weights, so this only scales its steps
VALIDATION_LEVELS = (15.0, 25.0, 50.0)
VALIDATION_CROPS = 48
VALIDATION_SIDE = 128
VALIDATION_SEED = 20
VALIDATIONS = 20  # times in a training
REPORTS = 200
COLUMNS = (
    "step", "learning_rate", "loss", "loss_picture", "loss_guess",
    *(f"psnr_{level:.0f}" for level in VALIDATION_LEVELS), "psnr", "level_error",
)  # fmt: skip


def learning_rate(step: int, params: TrainParams) -> float:
    """Linear warm-up, then a cosine to a hundredth."""
    warmup = max(1, round(WARMUP_SHARE * params.steps))
    if step < warmup:
        return params.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, params.steps - warmup)
    return params.learning_rate * (0.01 + 0.99 * (1 + cos(pi * done)) / 2)


def losses(model: Denoiser, crops: Crops) -> dict[str, torch.Tensor]:
    """`loss` and its two parts."""
    difference = model(crops.noisy, crops.level) - crops.clean
    distance = (difference.square() + ROUNDING**2).sqrt().mean(dim=(1, 2, 3))
    mean_level = crops.level.mean(dim=(1, 2, 3))
    # errors grow with about the root of the level: so every level counts alike
    picture = (distance * (USUAL_LEVEL / (mean_level + GATE)).sqrt()).mean()
    guesses = model.estimator(crops.noisy)
    local = nn.functional.avg_pool2d(crops.level, GUESS_STRIDE)[:, 0]
    away = (guesses.level - local).abs() / GUESS_UNIT
    # Laplace's likelihood, exp(sure) being one over the width: being sure and wrong costs most
    likelihood = (away * guesses.sure.exp() - guesses.sure).mean()
    together = (guesses.together() - mean_level).abs().mean() / GUESS_UNIT
    guess = likelihood + 5 * together
    return {"loss": picture + GUESS_WEIGHT * guess, "loss_picture": picture, "loss_guess": guess}


@torch.inference_mode()
def measure(model: Denoiser, source: Source, crops: int, device: str) -> dict[str, float]:
    """PSNR in dB at three levels, told, on held-out crops, and how far estimates are off, in 8-bit units."""
    answer: dict[str, float] = {}
    away = []
    side = min(VALIDATION_SIDE, *(min(photo.shape[:2]) // 8 * 8 for photo in source.photos))
    for level in VALIDATION_LEVELS:
        random = np.random.default_rng([VALIDATION_SEED, int(level)])
        errors = []
        for _ in range(crops):
            clean = source.crop(random, side)[None]
            noise = torch.from_numpy(random.standard_normal(clean.shape, dtype=np.float32))
            noisy = (clean + level / BITS * noise).to(device)
            told = torch.full((1, 1, side, side), level / BITS, device=device)
            errors.append((model(noisy, told).cpu().clamp(0, 1) - clean).square().mean().item())
            away.append(abs(model.estimator(noisy).together().item() * BITS - level))
        answer[f"psnr_{level:.0f}"] = float(np.mean([-10 * log10(max(error, 1e-10)) for error in errors]))
    mean = sum(answer.values()) / len(answer)
    return {**answer, "psnr": mean, "level_error": float(np.mean(away))}


def begin(params: TrainParams) -> Denoiser:
    """The denoiser to train: new, or the shipped one."""
    torch.manual_seed(params.seed)
    model = Denoiser(Config())
    if params.start != START_SCRATCH and WEIGHTS.exists():
        _, shipped = files.load(WEIGHTS)
        model.load_state_dict(shipped)
    return model


@torch.no_grad()
def follow(mean: nn.Module, model: nn.Module, step: int) -> None:
    """Move the running mean a little towards the trained weights; quickly at first."""
    decay = min(EMA_DECAY, (1 + step) / (10 + step))
    for kept, trained in zip(mean.parameters(), model.parameters(), strict=True):
        kept.lerp_(trained, 1 - decay)


class State:
    """Everything that changes from step to step, to and from one file."""

    def __init__(self, model: Denoiser, device: str):
        self.mean = Denoiser(model.config)
        self.mean.load_state_dict(model.state_dict())
        for module in (model, self.mean):
            module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model = model
        self.mean.requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
        self.step = 0

    def save(self, path: Path) -> None:
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"mean.{name}": value for name, value in self.mean.state_dict().items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": value for name, value in moments.items()}
        files.save(path, {"step": self.step, **self.model.config.to_json()}, tensors)

    def load(self, path: Path) -> None:
        config, tensors = files.load(path)
        self.step = int(config["step"])
        parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "mean": {}}
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            part, rest = name.split(".", 1)
            if part == "optimizer":
                index, key = rest.split(".")
                moments.setdefault(int(index), {})[key] = value
            else:
                parts[part][rest] = value
        self.model.load_state_dict(parts["model"])
        self.mean.load_state_dict(parts["mean"])
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})


def log(path: Path, row: Mapping[str, float]) -> None:
    """Append one row to the training's log, a CSV file beside the weights."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerow({name: value if name == "step" else f"{value:.5g}" for name, value in row.items()})


def sources(dataset: Path, params: TrainParams) -> tuple[Source, Source]:
    """Photos to learn from and, for validation, others; a few photos without any serve for both.

    Raises:
        InputError: `dataset` is no ZIP of photos, or none is large enough.
    """
    smallest = max(params.patch, params.smallest_side)
    training = Source.of(dataset, "train", smallest)
    try:
        return training, Source.of(dataset, "validation", smallest)
    except InputError:
        return training, training


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation crops.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is no ZIP of photos, or none is large enough.
    """
    training, validation = sources(dataset, params)
    state = State(begin(params), device)
    log_file = weights.with_suffix(".log.csv")
    if checkpoint and checkpoint.exists():
        state.load(checkpoint)
    else:
        log_file.unlink(missing_ok=True)
    every = max(1, params.steps // REPORTS)
    crops = min(VALIDATION_CROPS, params.steps)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        batch = training.batch(random, params.batch_size, params.patch, params.highest_level).to(device)
        parts = losses(state.model.train(), batch)
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate(state.step, params)
        state.optimizer.zero_grad()
        parts["loss"].backward()
        for part in (state.model.autoencoder, state.model.estimator):  # apart: neither slows the other
            nn.utils.clip_grad_norm_(part.parameters(), CLIP)
        state.optimizer.step()
        follow(state.mean, state.model, state.step)
        state.step += 1
        recent.append({name: value.item() for name, value in parts.items()})
        last = state.step == params.steps
        if state.step % every == 0 or last:
            row = {name: sum(each[name] for each in recent) / len(recent) for name in parts}
            row["learning_rate"] = learning_rate(state.step, params)
            if last or state.step // every % max(1, REPORTS // VALIDATIONS) == 0:
                metrics = measure(state.mean, validation, crops, device)
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
