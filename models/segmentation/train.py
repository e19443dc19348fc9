"""Training the UNet on fresh composites: one visible loop.

Small pictures first, full size at the end; AdamW with warm-up and cosine decay; the weights that are kept are
a running mean of those that were trained, balanced at the end. An encoder that starts from the detector's
backbone moves more slowly than the decoder, which starts from nothing.
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
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import BACKBONE, START_BACKBONE, START_SHIPPED, WEIGHTS, TrainParams
from models.segmentation.data import batch
from models.segmentation.evaluate import measure
from models.segmentation.loss import segmentation_loss

SMALL_SHARE = 0.75  # of the steps, on smaller pictures
SMALL_SCALE = 4 / 5  # 128 of 160 pixels
ENCODER_PACE = 0.4  # of the learning rate, for an encoder that already knows something
WEIGHT_DECAY = 0.05
CLIP = 5.0
VALIDATION_PICTURES = 96
BALANCE_PICTURES = 192
MOST_READY = 4.0  # times as readily said as the mean, at most, when logits are balanced
VALIDATIONS = 8  # times in a training


def picture_size(step: int, params: TrainParams) -> int:
    """Side of the pictures at `step`, a multiple of 32."""
    if step >= SMALL_SHARE * params.steps:
        return params.image_size
    return max(64, round(params.image_size * SMALL_SCALE / 32) * 32)


def begin(bank: Bank, params: TrainParams) -> UNet:
    """The UNet to train: new, the shipped one, or one whose encoder is the detector's backbone.

    Raises:
        WeightsError: a file of shipped weights holds something else.
    """
    torch.manual_seed(params.seed)
    model = UNet(Config((BACKGROUND, *bank.labels), image_size=params.image_size))
    if params.start == START_SHIPPED and WEIGHTS.exists():
        start_from(model, files.load(WEIGHTS)[1], WEIGHTS)
    elif params.start == START_BACKBONE and BACKBONE.exists():
        start_from(model.encoder, files.below(files.load(BACKBONE)[1], "backbone."), BACKBONE)
    return model


def optimizer_for(model: UNet, params: TrainParams) -> torch.optim.AdamW:
    """AdamW; each group's `pace` is its share of the learning rate."""
    pace = ENCODER_PACE if params.start == START_BACKBONE else 1.0
    groups = [{**group, "pace": pace} for group in weight_groups(model.encoder, WEIGHT_DECAY)]
    for part in (model.decoder, model.classify):
        groups += [{**group, "pace": 1.0} for group in weight_groups(part, WEIGHT_DECAY)]
    return torch.optim.AdamW(groups)


@torch.no_grad()
def balance(model: UNet, composer: Composer, size: int, pictures: int, *, seed: int) -> None:
    """Shift the logits of the things by how readily each is said of any thing, so that none prevails.

    Post-hoc logit adjustment, Menon et al. 2021, arXiv:2007.07314, section 4.1: on things that it never saw a
    network falls back on the classes that it found easiest to learn. The shift becomes part of the weights.
    """
    readily = torch.zeros(len(model.config.classes) - 1)
    for index in range(pictures):
        images, classes = batch([composer.compose(np.random.default_rng([seed, 8, index]), size)])
        probabilities = model(images.to(model.classify.weight.device)).softmax(1)[0].cpu()
        readily += probabilities[1:, classes[0] > 0].sum(1)
    shift = (readily / readily.mean()).clamp(1 / MOST_READY, MOST_READY).log()
    assert model.classify.bias is not None  # noqa: S101  the convolution was built with one
    model.classify.bias[1:] -= shift.to(model.classify.bias.device)


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
    mean, optimizer = running_mean(model), optimizer_for(model, params)
    state = State({"model": model, "mean": mean}, {"adamw": optimizer})
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        size = picture_size(state.step, params)
        random = np.random.default_rng([params.seed, state.step])
        images, classes = batch([composer.compose(random, size) for _ in range(params.batch_size)])
        with layers_in_bfloat16(device, params.mixed_precision):
            logits = model.train()(images.to(device, memory_format=torch.channels_last))
        losses = segmentation_loss(logits.float(), classes.to(device))
        pace = learning_rate(state.step, params.steps, params.learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = pace * group["pace"]
        optimizer.zero_grad()
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        follow(mean, model, state.step)
        state.step += 1
        if state.step == params.steps:
            pictures = min(BALANCE_PICTURES, params.steps)
            balance(mean, validation, params.image_size, pictures, seed=params.seed)
        recent.append({name: value.item() for name, value in losses.items()})
        if report_due(state.step, params.steps):
            row = averaged(recent)
            row["learning_rate"] = pace
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
