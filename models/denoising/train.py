"""Training the denoiser and its estimator on noisy crops: one visible loop.

Each crop gets fresh noise, and the network is told its level. The difference to the clean crop is measured as
Charbonnier's distance, the estimator by the likelihood of its guesses and by what they say together. AdamW
with warm-up and cosine decay; what is kept is a running mean of the weights (EMA).
"""

from math import log10
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.errors import InputError
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
from models.denoising.architecture import GATE, GUESS_STRIDE, GUESS_UNIT, Config, Denoiser, Guesses
from models.denoising.card import START_SCRATCH, WEIGHTS, TrainParams
from models.denoising.data import Crops, Source
from models.denoising.noise import BITS

WARMUP_SHARE = 0.02
WEIGHT_DECAY = 1e-4
CLIP = 1.0
ROUNDING = 1e-3  # below this, Charbonnier's distance is a parabola
USUAL_LEVEL = 0.1  # about 25 of 255
GUESS_WEIGHT = 0.02  # of the estimator's loss; it shares no weights, so this only scales its steps
VALIDATION_LEVELS = (15.0, 25.0, 50.0)
VALIDATION_CROPS = 48
VALIDATION_SIDE = 128
VALIDATION_SEED = 20
VALIDATIONS = 20  # times in a training


def losses(model: Denoiser, crops: Crops) -> dict[str, torch.Tensor]:
    """`loss` and its two parts."""
    difference = model(crops.noisy, crops.level) - crops.clean
    distance = (difference.square() + ROUNDING**2).sqrt().mean(dim=(1, 2, 3))
    mean_level = crops.level.mean(dim=(1, 2, 3))
    # errors grow with about the root of the level: so every level counts alike
    picture = (distance * (USUAL_LEVEL / (mean_level + GATE)).sqrt()).mean()
    guesses = model.estimator(crops.noisy)
    guesses = Guesses(guesses.level.float(), guesses.sure.float())  # layers may have computed in bfloat16
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
    """The denoiser to train: new, or the shipped one.

    Raises:
        WeightsError: the file of shipped weights holds something else.
    """
    torch.manual_seed(params.seed)
    model = Denoiser(Config())
    if params.start != START_SCRATCH and WEIGHTS.exists():
        start_from(model, files.load(WEIGHTS)[1], WEIGHTS)
    return model


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
        WeightsError: the weights to start from, or the checkpoint, are another network's.
    """
    training, validation = sources(dataset, params)
    model = begin(params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = running_mean(model)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
    state = State({"model": model, "mean": mean}, {"adamw": optimizer})
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        batch = training.batch(random, params.batch_size, params.patch, params.highest_level).to(device)
        with layers_in_bfloat16(device, params.mixed_precision):
            parts = losses(model.train(), batch)
        rate = learning_rate(state.step, params.steps, params.learning_rate, WARMUP_SHARE)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        parts["loss"].backward()
        for part in (model.autoencoder, model.estimator):  # apart: neither slows the other
            nn.utils.clip_grad_norm_(part.parameters(), CLIP)
        optimizer.step()
        follow(mean, model, state.step)
        state.step += 1
        recent.append({name: value.item() for name, value in parts.items()})
        if report_due(state.step, params.steps):
            row = averaged(recent)
            row["learning_rate"] = rate
            if validation_due(state.step, params.steps, VALIDATIONS):
                metrics = measure(mean, validation, min(VALIDATION_CROPS, params.steps), device)
                row |= metrics
            recent = []
            log(log_file, {"step": state.step, **row})
            progress(state.step, params.steps, row)
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint, model.config.to_json())
            progress.saved()
    files.save(weights, model.config.to_json(), halved(mean))
    return metrics
