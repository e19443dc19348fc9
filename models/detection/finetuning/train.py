"""Training of NanoDet on a user's labeled pictures, from the weights of COCO, in one visible loop.

First the head learns the new classes, on maps of the backbone that are computed once: seconds. Then all
layers learn, on pictures that are drawn differently every time, the backbone at a fraction of the rate:
minutes. AdamW with warm-up and cosine decay. Of the running mean of the weights, the best on the validation
pictures are kept, and the training ends early when they no longer get better.
"""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.datasets.archive import Dataset
from models.core.generative import side_by_side
from models.core.training.best import Best
from models.core.training.cross_stage import normalized
from models.core.training.labeled_pictures import NOT_MEASURED, LabeledPictures
from models.core.training.loop import (
    STOPPED,
    is_exhausted,
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
from models.core.training.state import State, to_float16
from models.detection.card import TrainParams
from models.detection.data import batch
from models.detection.evaluate import truths
from models.detection.finetuning import quality
from models.detection.finetuning.features import CachedFeatures
from models.detection.finetuning.loss import generalized_focal_loss
from models.detection.finetuning.network import detect_in_pictures, initial_network
from models.detection.finetuning.sheets import pictures_with_boxes
from models.detection.pretrained.nanodet import NanoDet
from models.detection.pretrained.nanodet_network import ARCHITECTURE, BLACK

HEAD_SHARE, HEAD_STEPS = 0.25, 60  # of the steps, and at most, on cached maps
BACKBONE_PACE = 0.1  # of the learning rate
WEIGHT_DECAY = 0.05
CLIP = 10.0
VALIDATIONS = 12  # in one training
PATIENCE = 6  # of them without a better one, and the training ends
VALIDATION_PICTURES = 100  # at most, while it trains; at the end all are measured

HEAD = Text("detection.finetuning.head", "Training the head")
EVERYTHING = Text("detection.finetuning.everything", "Training all layers")


def head_steps(params: TrainParams) -> int:
    """How many of the steps train the head only."""
    return min(HEAD_STEPS, round(HEAD_SHARE * params.steps))


def optimizer_for(model: NanoDet) -> torch.optim.AdamW:
    """AdamW; the `pace` of a group is its share of the learning rate."""
    parts = (
        (model.stem, BACKBONE_PACE),
        (model.stages, BACKBONE_PACE),
        (model.pyramid, 1.0),
        (model.heads, 1.0),
    )
    return torch.optim.AdamW(
        [{**group, "pace": pace} for part, pace in parts for group in weight_groups(part, WEIGHT_DECAY)]
    )


def is_done(state: State, best: Best[NanoDet], params: TrainParams) -> bool:
    """Whether all steps are done, or measurements with all layers in training brought nothing better."""
    if state.step >= params.steps or not best.metrics.get(best.figure):  # 0 until it has found anything
        return state.step >= params.steps
    return is_exhausted(state, best.step, params.steps, VALIDATIONS, PATIENCE, since=head_steps(params))


def train(
    dataset: Dataset,
    coco: Path,
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
        WeightsError: `coco` holds no weights of NanoDet, or the checkpoint is another training's.
    """
    size, labels = params.side, dataset.manifest.classes
    learned = LabeledPictures(dataset, "train", size, augment=True, border=BLACK)
    held_out, test = (
        LabeledPictures(dataset, split, size, augment=False, border=BLACK) for split in ("validation", "test")
    )
    torch.manual_seed(params.seed)
    model = initial_network(labels, coco).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    config = {"architecture": ARCHITECTURE, "labels": labels, "image_size": size}
    mean, optimizer = running_mean(model), optimizer_for(model)
    best, samples = Best(mean, "map50_95"), side_by_side.history()
    state = State({"model": model, "mean": mean}, {"adamw": optimizer}, best, samples)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    cached: CachedFeatures | None = None
    recent: list[dict[str, float]] = []
    while not is_done(state, best, params):
        random = np.random.default_rng([params.seed, state.step])
        trains_head = state.step < head_steps(params)
        with layers_in_bfloat16(device, params.mixed_precision):
            if trains_head:
                cached = cached or CachedFeatures(model, learned, size, device)
                features, targets = cached.batch(random, params.batch_size)
            else:
                cached = None
                images, targets = batch([learned.compose(random, size) for _ in range(params.batch_size)])
                images = images.to(device, memory_format=torch.channels_last)
                features = model.train().features(normalized(images))
            grids = model.grids(model.pyramid(features))
        losses = generalized_focal_loss(grids, targets.to(device))
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
            if len(held_out) and validation_due(state.step, params.steps, VALIDATIONS):
                metrics = measure(mean, held_out, size, VALIDATION_PICTURES).metrics
                best.offer(mean, metrics, state.step)
                row |= metrics
            message = HEAD() if trains_head else EVERYTHING()
            report(progress, log_file, state.step, params.steps, row, message)
        rows = partial(answers, mean, held_out, size)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, config, checkpoint, progress)
    notes = [STOPPED(step=state.step, steps=params.steps, n=PATIENCE)] if state.step < params.steps else []
    kept = best.or_latest(mean)
    if not len(held_out):
        files.save(weights, config, to_float16(kept))
        return best.trained([*notes, NOT_MEASURED()])
    found = measure(kept, held_out, size, len(held_out))
    of_test = measure(kept, test, size, len(test)) if len(test) else None
    best.metrics, evaluation = quality.report(found, of_test)
    files.save(weights, config | quality.operating_point(found), to_float16(kept))
    return best.trained(notes, evaluation)


def measure(model: NanoDet, pictures: LabeledPictures, size: int, count: int) -> quality.Quality:
    """On at most `count` pictures, by class and by threshold."""
    composites, detections = detect_in_pictures(model, pictures, size, count)
    return quality.measure(detections, truths(composites), pictures.labels)


def answers(model: NanoDet, pictures: LabeledPictures, size: int) -> list[side_by_side.Row]:
    """The first pictures with detected and true boxes; none where there are no pictures."""
    return list(pictures_with_boxes(*detect_in_pictures(model, pictures, size, side_by_side.PICTURES)))
