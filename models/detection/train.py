"""Training of the grid detector, in one visible loop, on new composites in every step.

Small images first, full size at the end; AdamW with warm-up and cosine decay. The result is the exponential
moving average (EMA) of the weights, as in YOLOX (arXiv:2107.08430, section 2.1).
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.generative import side_by_side
from models.core.images.codec import from_tensor
from models.core.training.best import Best
from models.core.training.composites import Bank, Composer
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
from models.core.training.schedule import learning_rate, set_learning_rate, weight_groups
from models.core.training.state import State, load_matching, to_float16
from models.detection.architecture import Config, Detector, decode
from models.detection.card import START_SCRATCH, WEIGHTS, TrainParams
from models.detection.data import batch
from models.detection.evaluate import detect_in_composites, measure
from models.detection.familiarity import familiarity_of
from models.detection.loss import detection_loss
from models.detection.predict import COLORS

SMALL_SHARE = 0.8  # of the steps, with smaller images
SMALL_SCALE = 5 / 7  # 160 of 224 pixels
WEIGHT_DECAY = 0.05
CLIP = 10.0
VALIDATION_IMAGES = 128
VALIDATIONS = 8  # in one training
SHOWN_SCORE = 0.25  # of a box in a sample, at least


def image_size(step: int, params: TrainParams) -> int:
    """Side of the images at `step`, a multiple of 32."""
    if step >= SMALL_SHARE * params.steps:
        return params.image_size
    return max(64, round(params.image_size * SMALL_SCALE / 32) * 32)


def initial_model(bank: Bank, params: TrainParams) -> Detector:
    """The detector to train: with random weights or the shipped ones (and, for other labels, a new head).

    Raises:
        WeightsError: the file of shipped weights holds the weights of another network.
    """
    torch.manual_seed(params.seed)
    model = Detector(Config(labels=bank.labels, image_size=params.image_size))
    if params.start != START_SCRATCH and WEIGHTS.exists():
        load_matching(model, files.load(WEIGHTS)[1], WEIGHTS)
    return model


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write the trained weights to `weights` and a log beside them; return the validation metrics.

    The same params give the same weights on the same machine, whether or not the training was interrupted.

    Raises:
        InputError: `dataset` is not a bank of cut-outs.
        WeightsError: the initial weights or the checkpoint are those of another network.
    """
    bank = Bank.load(dataset)
    composer, validation = Composer(bank, "train"), Composer(bank, "validation", augment=False)
    model = initial_model(bank, params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = running_mean(model)
    optimizer = torch.optim.AdamW(weight_groups(model, WEIGHT_DECAY))
    best = Best(mean, "map50")
    samples = side_by_side.history()
    state = State({"model": model, "mean": mean}, {"adamw": optimizer}, best, samples)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        size = image_size(state.step, params)
        random = np.random.default_rng([params.seed, state.step])
        images, targets = batch([composer.compose(random, size) for _ in range(params.batch_size)])
        images = images.to(device, memory_format=torch.channels_last)
        with layers_in_bfloat16(device, params.mixed_precision):
            grids = model.train()(images)
        losses = detection_loss(decode(grids), targets.to(device))
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        set_learning_rate(optimizer, rate)
        optimizer.zero_grad()
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        update_mean(mean, model, state.step)
        state.step += 1
        recent.append(numbers(losses, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if validation_due(state.step, params.steps, VALIDATIONS):
                count = min(VALIDATION_IMAGES, params.steps)
                metrics = measure(mean, validation, params.image_size, count, seed=params.seed)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row, image_size=size)
        rows = partial(pictures_with_boxes, mean, validation, params)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, model.config.to_json(), checkpoint, progress)
    familiarity = familiarity_of(best.model, composer, validation, params)
    known = familiarity.tensors() if familiarity else {}
    files.save(weights, model.config.to_json(), to_float16(best.model) | known)
    return best.trained()


def pictures_with_boxes(
    model: Detector, composer: Composer, params: TrainParams
) -> Iterator[side_by_side.Row]:
    """The first composites of the validation: alone, with the detected boxes, and with the true ones."""
    found = detect_in_composites(model, composer, params.image_size, side_by_side.PICTURES, seed=params.seed)
    for composite, detected in zip(*found, strict=True):
        picture = from_tensor(composite.image)
        is_shown = detected.scores >= SHOWN_SCORE
        predicted = with_boxes(picture, detected.boxes[is_shown], detected.labels[is_shown])
        yield picture, predicted, with_boxes(picture, composite.boxes, composite.labels)


def with_boxes(picture: Image.Image, boxes: np.ndarray, labels: Iterable[int]) -> Image.Image:
    """The picture with its boxes (n, 4), each in the color of its label, at the size of the samples."""
    drawn = side_by_side.tile(picture)
    pen, scale = ImageDraw.Draw(drawn), drawn.width / picture.width
    for box, label in zip(boxes, labels, strict=True):
        left, top, right, bottom = (box * scale).tolist()
        corners = (left, top, max(left, right - 1), max(top, bottom - 1))
        pen.rectangle(corners, outline=COLORS[int(label) % len(COLORS)])
    return drawn
