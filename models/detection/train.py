"""Training the grid detector on fresh composites: one visible loop.

Small pictures first, full size at the end; AdamW with warm-up and cosine decay; the weights that are kept are
a running mean of those that were trained (EMA), as in YOLOX (arXiv:2107.08430, section 2.1).
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.training.composites import Bank, Composer
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
    weight_groups,
)
from models.detection.architecture import Config, Detector, decode
from models.detection.card import START_SCRATCH, WEIGHTS, TrainParams
from models.detection.data import batch
from models.detection.evaluate import measure
from models.detection.loss import detection_loss

SMALL_SHARE = 0.8  # of the steps, on smaller pictures
SMALL_SCALE = 5 / 7  # 160 of 224 pixels
WEIGHT_DECAY = 0.05
CLIP = 10.0
VALIDATION_PICTURES = 128
VALIDATIONS = 8  # times in a training


def picture_size(step: int, params: TrainParams) -> int:
    """Side of the pictures at `step`, a multiple of 32."""
    if step >= SMALL_SHARE * params.steps:
        return params.image_size
    return max(64, round(params.image_size * SMALL_SCALE / 32) * 32)


def begin(bank: Bank, params: TrainParams) -> Detector:
    """The detector to train: new, or the shipped one where its shape fits (a new head for other labels).

    Raises:
        WeightsError: the file of shipped weights holds something else.
    """
    torch.manual_seed(params.seed)
    model = Detector(Config(labels=bank.labels, image_size=params.image_size))
    if params.start != START_SCRATCH and WEIGHTS.exists():
        start_from(model, files.load(WEIGHTS)[1], WEIGHTS)
    return model


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation composites.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is not a bank of cut-outs.
        WeightsError: the weights to start from, or the checkpoint, are another network's.
    """
    bank = Bank.load(dataset)
    composer, validation = Composer(bank, "train"), Composer(bank, "validation", augment=False)
    model = begin(bank, params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = running_mean(model)
    optimizer = torch.optim.AdamW(weight_groups(model, WEIGHT_DECAY))
    state = State({"model": model, "mean": mean}, {"adamw": optimizer})
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        size = picture_size(state.step, params)
        random = np.random.default_rng([params.seed, state.step])
        images, targets = batch([composer.compose(random, size) for _ in range(params.batch_size)])
        images = images.to(device, memory_format=torch.channels_last)
        with layers_in_bfloat16(device, params.mixed_precision):
            grids = model.train()(images)
        losses = detection_loss(decode(grids), targets.to(device))
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        follow(mean, model, state.step)
        state.step += 1
        recent.append({name: value.item() for name, value in losses.items()})
        if report_due(state.step, params.steps):
            row = averaged(recent)
            row["learning_rate"] = rate
            if validation_due(state.step, params.steps, VALIDATIONS):
                pictures = min(VALIDATION_PICTURES, params.steps)
                metrics = measure(mean, validation, params.image_size, pictures, seed=params.seed)
                row |= metrics
            recent = []
            log(log_file, {"step": state.step, "image_size": size, **row})
            progress(state.step, params.steps, row)
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint, model.config.to_json())
            progress.saved()
    files.save(weights, model.config.to_json(), halved(mean))
    return metrics
