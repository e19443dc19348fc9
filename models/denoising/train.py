"""Training the denoiser and its level estimator on noisy crops: one visible loop.

Each crop gets new noise, whose level is an input of the network. AdamW with warm-up and cosine decay; the
result is a running mean of the weights (EMA).
"""

from collections.abc import Iterator
from functools import partial
from math import log10
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.generative import side_by_side
from models.core.images.codec import from_tensor
from models.core.training import photos
from models.core.training.best import Best
from models.core.training.loop import (
    layers_in_bfloat16,
    numbers,
    report,
    report_due,
    save_if_due,
    take_average,
    validation_due,
)
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate
from models.core.training.state import State, load_matching, to_float16
from models.denoising.architecture import Config, Denoiser
from models.denoising.card import START_SCRATCH, WEIGHTS, TrainParams
from models.denoising.data import Source
from models.denoising.loss import total_loss
from models.denoising.noise import FULL_SCALE

WARMUP_SHARE = 0.02
WEIGHT_DECAY = 1e-4
CLIP = 1.0
VALIDATION_LEVELS = (15.0, 25.0, 50.0)
VALIDATION_CROPS = 48
VALIDATION_SIDE = 128
VALIDATION_SEED = 20
VALIDATIONS = 20  # in one training
SAMPLE_CANDIDATES = 8  # crops drawn for each one shown: that with the most contrast


@torch.inference_mode()
def measure(model: Denoiser, source: Source, crops: int, device: str) -> dict[str, float]:
    """On validation crops: PSNR in dB at three given levels, and the mean error of the estimated level."""
    metrics: dict[str, float] = {}
    level_errors = []
    side = crop_side(source, VALIDATION_SIDE)
    for level in VALIDATION_LEVELS:
        random = np.random.default_rng([VALIDATION_SEED, int(level)])
        errors = []
        for _ in range(crops):
            clean = source.crop(random, side)[None]
            noise = torch.from_numpy(random.standard_normal(clean.shape, dtype=np.float32))
            noisy = (clean + level / FULL_SCALE * noise).to(device)
            levels = torch.full((1, 1, side, side), level / FULL_SCALE, device=device)
            errors.append((model(noisy, levels).cpu().clamp(0, 1) - clean).square().mean().item())
            estimate = model.estimator(noisy).combined().item() * FULL_SCALE
            level_errors.append(abs(estimate - level))
        metrics[f"psnr_{level:.0f}"] = float(np.mean([-10 * log10(max(error, 1e-10)) for error in errors]))
    mean = sum(metrics.values()) / len(metrics)
    return {**metrics, "psnr": mean, "level_error": float(np.mean(level_errors))}


@torch.inference_mode()
def denoised(model: Denoiser, source: Source | None, device: str) -> Iterator[side_by_side.Row]:
    """Validation crops with the strongest noise that is measured: noisy, denoised, and clean."""
    if source is None:
        return
    random = np.random.default_rng([VALIDATION_SEED])
    side, level = crop_side(source, side_by_side.SIDE), VALIDATION_LEVELS[-1] / FULL_SCALE
    for _ in range(side_by_side.PICTURES):
        crops = [source.crop(random, side) for _ in range(SAMPLE_CANDIDATES)]
        clean = max(crops, key=lambda crop: float(crop.std()))
        noisy = clean + level * torch.from_numpy(random.standard_normal(clean.shape, dtype=np.float32))
        levels = torch.full((1, 1, side, side), level, device=device)
        answer = model(noisy[None].to(device), levels)[0].cpu()
        yield from_tensor(noisy), from_tensor(answer), from_tensor(clean)


def crop_side(source: Source, longest: int) -> int:
    """The side of validation crops: a multiple of 8, as the network halves its input three times."""
    return min(longest, *(min(photo.shape[:2]) // 8 * 8 for photo in source.photos))


def initial_model(params: TrainParams) -> Denoiser:
    """The denoiser to train: with random or with the shipped weights.

    Raises:
        WeightsError: the file of the shipped weights contains something else.
    """
    torch.manual_seed(params.seed)
    model = Denoiser(Config())
    if params.start != START_SCRATCH and WEIGHTS.exists():
        load_matching(model, files.load(WEIGHTS)[1], WEIGHTS)
    return model


def sources(dataset: Path, params: TrainParams) -> tuple[Source, Source | None]:
    """Photos for training and for validation; a very small set has none for validation.

    Raises:
        InputError: `dataset` is not a ZIP of photos, or no photo is large enough.
    """
    smallest = max(params.patch, params.smallest_side)
    training = Source.of(dataset, "train", smallest)
    try:
        return training, Source.of(dataset, "validation", smallest)
    except InputError:
        return training, None


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation crops.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is not a ZIP of photos, or no photo is large enough.
        WeightsError: the initial weights or the checkpoint belong to another network.
    """
    training, validation = sources(dataset, params)
    model = initial_model(params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = running_mean(model)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
    best = Best(mean, "psnr")
    samples = side_by_side.history()
    state = State({"model": model, "mean": mean}, {"adamw": optimizer}, best, samples)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        batch = training.batch(random, params.batch_size, params.patch, params.highest_level).to(device)
        with layers_in_bfloat16(device, params.mixed_precision):
            losses = total_loss(model.train(), batch)
        rate = learning_rate(state.step, params.steps, params.learning_rate, WARMUP_SHARE)
        set_learning_rate(optimizer, rate)
        optimizer.zero_grad()
        losses["loss"].backward()
        for part in (model.autoencoder, model.estimator):  # separately: neither limits the other's steps
            nn.utils.clip_grad_norm_(part.parameters(), CLIP)
        optimizer.step()
        update_mean(mean, model, state.step)
        state.step += 1
        recent.append(numbers(losses, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if validation and validation_due(state.step, params.steps, VALIDATIONS):
                metrics = measure(mean, validation, min(VALIDATION_CROPS, params.steps), device)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row)
        rows = partial(denoised, mean, validation, device)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, model.config.to_json(), checkpoint, progress)
    files.save(weights, model.config.to_json(), to_float16(best.or_latest(mean)))
    return best.trained(photos.split_notes(dataset))
