"""Training of the U-Net, in one visible loop, on new pictures in every step.

They are composites of a bank of cut-outs, or a user's pictures with masks, changed at random. Small images
first, full size at the end; AdamW with warm-up and cosine decay. The result is the exponential moving average
(EMA) of the weights, for composites with balanced logits. An encoder that starts from a detector's backbone
gets a lower learning rate than the decoder, which starts from random weights.
"""

import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.dataset import SPLITS
from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.datasets import archive
from models.core.generative import side_by_side
from models.core.images.codec import from_tensor
from models.core.training.backbone import backbone_state, detector_weights
from models.core.training.best import Best
from models.core.training.composites import Bank, Composer, Pictures
from models.core.training.cross_stage import pretrained_encoder, shipped_encoder
from models.core.training.labeled_pictures import NOT_MEASURED, LabeledPictures, check_kind, is_bank
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
from models.core.training.state import State, load_matching, to_float16
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import (
    CARD,
    START_AUTOMATIC,
    START_BACKBONE,
    START_COCO,
    START_SHIPPED,
    WEIGHTS,
    TrainParams,
)
from models.segmentation.data import batch
from models.segmentation.evaluate import confusion_in, measure, quality_of, segment_composites
from models.segmentation.familiarity import familiarity_of
from models.segmentation.loss import segmentation_loss
from models.segmentation.masks import overlay
from models.segmentation.metrics import by_class

SMALL_SHARE = 0.75  # of the steps, with smaller images
SMALL_SCALE = 4 / 5  # 128 of 160 pixels
# of the learning rate, for an encoder that starts from trained weights; NanoDet's has no batch normalization
ENCODER_PACES = {START_BACKBONE: 0.4, START_COCO: 0.1}
WEIGHT_DECAY = 0.05
CLIP = 5.0
VALIDATION_IMAGES = 96
BALANCE_IMAGES = 192
MAX_RATIO = 4.0  # of a class's mean probability to that of all classes, when logits are balanced
VALIDATIONS = 8  # in one training
PATIENCE = 5  # of them without a better one, and a training on a user's pictures ends
MASK_OPACITY = 0.7  # in the samples


def image_size(step: int, params: TrainParams) -> int:
    """Side of the images at `step`, a multiple of 32."""
    if step >= SMALL_SHARE * params.steps:
        return params.image_size
    return max(64, round(params.image_size * SMALL_SCALE / 32) * 32)


def initial_model(labels: tuple[str, ...], params: TrainParams) -> UNet:
    """The U-Net to train: with random weights, the shipped ones, or those of a detector in the encoder.

    Raises:
        WeightsError: a file of shipped weights is missing or holds the weights of another network.
    """
    torch.manual_seed(params.seed)
    classes = (BACKGROUND, *labels)
    if params.start == START_COCO:
        model = UNet(Config.of_photos(classes, params.image_size))
        known, file = encoder_of_photos()
        load_matching(model.encoder, known, file)
        return model
    model = UNet(Config(classes, image_size=params.image_size))
    if params.start == START_SHIPPED and WEIGHTS.exists():
        load_matching(model, files.load(WEIGHTS)[1], WEIGHTS)
    elif params.start == START_BACKBONE:
        detector = detector_weights()
        load_matching(model.encoder, backbone_state(detector), detector)
    return model


def encoder_of_photos() -> tuple[dict[str, torch.Tensor], Path]:
    """NanoDet's backbone, and its file; where it is not installed, as the mask network trained it further."""
    try:
        return pretrained_encoder()
    except WeightsError:
        return shipped_encoder()


def optimizer_for(model: UNet, params: TrainParams) -> torch.optim.AdamW:
    """AdamW; the `pace` of a group is its share of the learning rate."""
    pace = ENCODER_PACES.get(params.start, 1.0)
    groups = [{**group, "pace": pace} for group in weight_groups(model.encoder, WEIGHT_DECAY)]
    for part in (model.decoder, model.classify):
        groups += [{**group, "pace": 1.0} for group in weight_groups(part, WEIGHT_DECAY)]
    return torch.optim.AdamW(groups)


@torch.no_grad()
def balance(model: UNet, composer: Pictures, size: int, count: int, *, seed: int) -> None:
    """Lower the logits of object classes that are predicted too often, and raise the others.

    On unseen objects, a network falls back on the classes that were easiest to learn. Post-hoc logit
    adjustment (Menon et al. 2021, arXiv:2007.07314, section 4.1) subtracts log(pi_c / mean(pi)) from the bias
    of class c, where pi_c is its mean probability over all object pixels of `count` composites.
    """
    priors = torch.zeros(len(model.config.classes) - 1)  # pi, not normalized
    for index in range(count):
        images, classes = batch([composer.compose(np.random.default_rng([seed, 8, index]), size)])
        probabilities = model(images.to(model.classify.weight.device)).softmax(1)[0].cpu()
        priors += probabilities[1:, classes[0] > 0].sum(1)
    shift = (priors / priors.mean()).clamp(1 / MAX_RATIO, MAX_RATIO).log()
    assert model.classify.bias is not None  # noqa: S101  the convolution has one
    model.classify.bias[1:] -= shift.to(model.classify.bias.device)


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
        InputError: `dataset` is neither a bank of cut-outs nor a dataset with masks.
        WeightsError: the initial weights or the checkpoint are those of another network.
    """
    is_automatic = params.start == START_AUTOMATIC
    if not zipfile.is_zipfile(dataset) or is_bank(dataset):
        bank = Bank.load(dataset)
        params = params.model_copy(update={"start": START_BACKBONE}) if is_automatic else params
        learned, held_out = Composer(bank, "train"), Composer(bank, "validation", augment=False)
        return train_unet(learned, held_out, params, weights, device, progress, checkpoint)
    with archive.load(dataset) as labeled:
        check_kind(labeled, CARD.trains_on_datasets)
        params = params.model_copy(update={"start": START_COCO}) if is_automatic else params
        learned, held_out, test = (
            LabeledPictures(labeled, split, params.image_size, augment=split == "train", with_classes=True)
            for split in SPLITS
        )
        return train_unet(learned, held_out, params, weights, device, progress, checkpoint, test)


def train_unet(
    learned: Pictures,
    held_out: Pictures,
    params: TrainParams,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None,
    test: LabeledPictures | None = None,
) -> Trained:
    """The loop. With `test`, the pictures are a user's: it may end early, and measures every class.

    `held_out` may then be empty: nothing is measured, and the last weights are kept.
    """
    model = initial_model(learned.labels, params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean, optimizer = running_mean(model), optimizer_for(model, params)
    best = Best(mean, "miou")
    samples = side_by_side.history()
    state = State({"model": model, "mean": mean}, {"adamw": optimizer}, best, samples)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    while not is_done(state, best, params, stops_early=test is not None):
        size = image_size(state.step, params)
        random = np.random.default_rng([params.seed, state.step])
        images, classes = batch([learned.compose(random, size) for _ in range(params.batch_size)])
        with layers_in_bfloat16(device, params.mixed_precision):
            logits = model.train()(images.to(device, memory_format=torch.channels_last))
        losses = segmentation_loss(logits.float(), classes.to(device))
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
                metrics = measure(mean, held_out, params.image_size, count_of(params), seed=params.seed)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row, image_size=size)
        rows = partial(pictures_with_masks, mean, held_out, params)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, model.config.to_json(), checkpoint, progress)
    kept, evaluation = best.or_latest(mean), None
    if test is None:  # a user's classes may be as unequal in the pictures to come as in those to learn from
        count = min(BALANCE_IMAGES, params.steps)
        balance(kept, held_out, params.image_size, count, seed=params.seed)
        best.metrics = measure(kept, held_out, params.image_size, count_of(params), seed=params.seed)
    elif held_out:
        best.metrics, evaluation = measure_splits(kept, held_out, test, params)
    familiarity = familiarity_of(kept, learned, held_out, params) if held_out else None
    known = familiarity.tensors() if familiarity else {}
    files.save(weights, model.config.to_json(), to_float16(kept) | known)
    notes = [STOPPED(step=state.step, steps=params.steps, n=PATIENCE)] if state.step < params.steps else []
    return best.trained(notes if held_out else [*notes, NOT_MEASURED()], evaluation)


def is_done(state: State, best: Best[UNet], params: TrainParams, *, stops_early: bool) -> bool:
    """Whether all steps are done, or the measurements no longer get better."""
    if state.step >= params.steps or not (stops_early and best.metrics):
        return state.step >= params.steps
    return is_exhausted(state, best.step, params.steps, VALIDATIONS, PATIENCE)


def count_of(params: TrainParams) -> int:
    """How many pictures are measured while it trains."""
    return min(VALIDATION_IMAGES, params.steps)


def measure_splits(
    model: UNet, held_out: Pictures, test: Pictures, params: TrainParams
) -> tuple[dict[str, float], dict[str, Any]]:
    """Metrics and evaluation on all labeled pictures: the validation chose the weights, the test did not."""
    of_validation, of_test = (
        confusion_in(model, pictures, params.image_size, sys.maxsize, seed=params.seed)
        for pictures in (held_out, test)
    )
    metrics = quality_of(of_validation)
    if test:
        metrics |= {f"test_{name}": value for name, value in quality_of(of_test).items()}
    return metrics, {"by_class": by_class(of_test if test else of_validation, model.config.classes)}


def pictures_with_masks(model: UNet, pictures: Pictures, params: TrainParams) -> Iterator[side_by_side.Row]:
    """The first pictures of the validation: alone, with the predicted classes, and with the true ones."""
    count, classes = side_by_side.PICTURES if pictures else 0, len(model.config.classes)
    for composite, predicted in segment_composites(
        model, pictures, params.image_size, count, seed=params.seed
    ):
        picture = from_tensor(composite.image)
        masks = (overlay(picture, each, classes, MASK_OPACITY) for each in (predicted, composite.classes))
        of_model, truth = (Image.fromarray(np.concatenate(list(bands))) for bands in masks)
        yield picture, of_model, truth
