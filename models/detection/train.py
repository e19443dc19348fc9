"""Training of a detector: the grid detector in the loop below, NanoDet in `finetuning/train.py`.

The pictures of every step are new: composites of a bank of cut-outs, or a user's labeled pictures, changed
at random. Small images first, full size at the end; AdamW with warm-up and cosine decay. The result is the
exponential moving average (EMA) of the weights, as in YOLOX (arXiv:2107.08430, section 2.1).
"""

import sys
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract import registry
from models.core.contract.dataset import SPLITS
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.datasets import archive
from models.core.generative import side_by_side
from models.core.training.best import Best
from models.core.training.composites import Bank, Composer, Pictures
from models.core.training.cross_stage import NOT_INSTALLED
from models.core.training.labeled_pictures import NOT_MEASURED, LabeledPictures, check_kind, is_bank
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
from models.detection.card import (
    CARD,
    COCO_MODEL,
    START_AUTOMATIC,
    START_COCO,
    START_GRID,
    START_SCRATCH,
    WEIGHTS,
    TrainParams,
)
from models.detection.data import batch
from models.detection.evaluate import detect_in_composites, measure, truths
from models.detection.familiarity import familiarity_of
from models.detection.finetuning import quality
from models.detection.finetuning import train as finetuning
from models.detection.finetuning.sheets import pictures_with_boxes
from models.detection.loss import detection_loss

SMALL_SHARE = 0.8  # of the steps, with smaller images
SMALL_SCALE = 5 / 7  # 160 of 224 pixels
WEIGHT_DECAY = 0.05
CLIP = 10.0
VALIDATION_IMAGES = 128
VALIDATIONS = 8  # in one training

NEEDS_PICTURES = Text(
    "detection.train.needs_pictures",
    "A training from the COCO detector needs a dataset of labeled pictures; a bank of cut-outs trains the "
    "grid detector.",
)
GRID_INSTEAD = Text(
    "detection.train.grid_instead",
    "NanoDet-g is not installed, so the grid detector was trained further. For photos, install it (glassbox "
    "models pull nanodet-g) and train again.",
)


def image_size(step: int, params: TrainParams) -> int:
    """Side of the images at `step`, a multiple of 32."""
    if step >= SMALL_SHARE * params.steps:
        return params.side
    return max(64, round(params.side * SMALL_SCALE / 32) * 32)


def initial_model(labels: tuple[str, ...], params: TrainParams) -> Detector:
    """The detector to train: with random weights or the shipped ones (and, for other labels, a new head).

    Raises:
        WeightsError: the file of shipped weights holds the weights of another network.
    """
    torch.manual_seed(params.seed)
    model = Detector(Config(labels=labels, image_size=params.side))
    if params.start == START_GRID and WEIGHTS.exists():
        load_matching(model, files.load(WEIGHTS)[1], WEIGHTS)
    return model


def coco_weights() -> Path | None:
    """The weights of NanoDet if they are installed."""
    return registry.installed_weights(next(model for model in CARD.models if model.name == COCO_MODEL))


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write the trained weights to `weights` and a log beside them; return the metrics.

    The same params give the same weights on the same machine, whether or not the training was interrupted.

    Raises:
        InputError: `dataset` is neither a bank of cut-outs nor a dataset with labeled boxes or masks.
        WeightsError: the initial weights or the checkpoint are those of another network, or not installed.
    """
    if not zipfile.is_zipfile(dataset) or is_bank(dataset):
        bank = Bank.load(dataset)
        if params.start == START_COCO:
            raise InputError(NEEDS_PICTURES())
        start = START_SCRATCH if params.start == START_AUTOMATIC else params.start
        params = params.model_copy(update={"start": start})
        learned, held_out = Composer(bank, "train"), Composer(bank, "validation", augment=False)
        return train_grid_detector(learned, held_out, params, weights, device, progress, checkpoint)
    with archive.load(dataset) as labeled:
        check_kind(labeled, CARD.trains_on_datasets)
        coco, notes = coco_weights(), []
        if params.start == START_AUTOMATIC:
            params = params.model_copy(update={"start": START_COCO if coco else START_GRID})
            notes += [] if coco else [GRID_INSTEAD()]
        if params.start == START_COCO:
            if coco is None:
                raise WeightsError(NOT_INSTALLED())
            return finetuning.train(
                labeled,
                coco,
                params,
                weights=weights,
                device=device,
                progress=progress,
                checkpoint=checkpoint,
            )
        learned, held_out, test = (
            LabeledPictures(labeled, split, params.side, augment=split == "train") for split in SPLITS
        )
        return train_grid_detector(
            learned, held_out, params, weights, device, progress, checkpoint, test, notes
        )


def train_grid_detector(
    learned: Pictures,
    held_out: Pictures,
    params: TrainParams,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None,
    test: LabeledPictures | None = None,
    notes: Sequence[str] = (),
) -> Trained:
    """The loop. `test` is that of labeled pictures, which are then measured by class and by threshold."""
    model = initial_model(learned.labels, params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
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
        images, targets = batch([learned.compose(random, size) for _ in range(params.batch_size)])
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
            if validation_due(state.step, params.steps, VALIDATIONS) and held_out:
                count = min(VALIDATION_IMAGES, params.steps)
                metrics = measure(mean, held_out, params.side, count, seed=params.seed)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row, image_size=size)
        rows = partial(answers, mean, held_out, params)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, model.config.to_json(), checkpoint, progress)
    kept = best.or_latest(mean)
    familiarity = familiarity_of(kept, learned, held_out, params) if held_out else None
    known = familiarity.tensors() if familiarity else {}
    config, evaluation = model.config.to_json(), None
    if test is not None and held_out:
        found = measure_fully(kept, held_out, params)
        best.metrics, evaluation = quality.report(found, measure_fully(kept, test, params) if test else None)
        config |= quality.operating_point(found)
    files.save(weights, config, to_float16(kept) | known)
    return best.trained(notes if held_out else [*notes, NOT_MEASURED()], evaluation)


def answers(model: Detector, pictures: Pictures, params: TrainParams) -> list[side_by_side.Row]:
    """The first pictures of the validation with detected and true boxes; none where there are no pictures."""
    count = side_by_side.PICTURES if pictures else 0
    found = detect_in_composites(model, pictures, params.side, count, seed=params.seed)
    return list(pictures_with_boxes(*found))


def measure_fully(model: Detector, pictures: Pictures, params: TrainParams) -> quality.Quality:
    """On all labeled pictures, by class and by threshold."""
    found = detect_in_composites(model, pictures, params.side, sys.maxsize, seed=params.seed)
    return quality.measure(found[1], truths(found[0]), pictures.labels)
