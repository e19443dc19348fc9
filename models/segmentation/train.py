"""Training of the U-Net, in one visible loop, on new composites in every step.

Small images first, full size at the end; AdamW with warm-up and cosine decay. The result is the exponential
moving average (EMA) of the weights, with balanced logits. An encoder that starts from the detector's backbone
gets a lower learning rate than the decoder, which starts from random weights.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.generative import side_by_side
from models.core.images.codec import from_tensor
from models.core.training.backbone import backbone_state, detector_weights
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
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import START_BACKBONE, START_SHIPPED, WEIGHTS, TrainParams
from models.segmentation.data import batch
from models.segmentation.evaluate import measure, segment_composites
from models.segmentation.familiarity import familiarity_of
from models.segmentation.loss import segmentation_loss
from models.segmentation.masks import overlay

SMALL_SHARE = 0.75  # of the steps, with smaller images
SMALL_SCALE = 4 / 5  # 128 of 160 pixels
ENCODER_PACE = 0.4  # of the learning rate, for an encoder that starts from trained weights
WEIGHT_DECAY = 0.05
CLIP = 5.0
VALIDATION_IMAGES = 96
BALANCE_IMAGES = 192
MAX_RATIO = 4.0  # of a class's mean probability to that of all classes, when logits are balanced
VALIDATIONS = 8  # in one training
MASK_OPACITY = 0.7  # in the samples


def image_size(step: int, params: TrainParams) -> int:
    """Side of the images at `step`, a multiple of 32."""
    if step >= SMALL_SHARE * params.steps:
        return params.image_size
    return max(64, round(params.image_size * SMALL_SCALE / 32) * 32)


def initial_model(bank: Bank, params: TrainParams) -> UNet:
    """The U-Net to train: with random weights, the shipped ones, or those of the detector in the encoder.

    Raises:
        WeightsError: a file of shipped weights holds the weights of another network.
    """
    torch.manual_seed(params.seed)
    model = UNet(Config((BACKGROUND, *bank.labels), image_size=params.image_size))
    if params.start == START_SHIPPED and WEIGHTS.exists():
        load_matching(model, files.load(WEIGHTS)[1], WEIGHTS)
    elif params.start == START_BACKBONE:
        detector = detector_weights()
        load_matching(model.encoder, backbone_state(detector), detector)
    return model


def optimizer_for(model: UNet, params: TrainParams) -> torch.optim.AdamW:
    """AdamW; the `pace` of a group is its share of the learning rate."""
    pace = ENCODER_PACE if params.start == START_BACKBONE else 1.0
    groups = [{**group, "pace": pace} for group in weight_groups(model.encoder, WEIGHT_DECAY)]
    for part in (model.decoder, model.classify):
        groups += [{**group, "pace": 1.0} for group in weight_groups(part, WEIGHT_DECAY)]
    return torch.optim.AdamW(groups)


@torch.no_grad()
def balance(model: UNet, composer: Composer, size: int, count: int, *, seed: int) -> None:
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
    """Write the trained weights to `weights` and a log beside them; return the validation metrics.

    The same params give the same weights on the same machine, whether or not the training was interrupted.

    Raises:
        InputError: `dataset` is not a bank of cut-outs.
        WeightsError: the initial weights or the checkpoint are those of another network.
    """
    bank = Bank.load(dataset)
    composer, validation = Composer(bank, "train"), Composer(bank, "validation", augment=False)
    model = initial_model(bank, params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean, optimizer = running_mean(model), optimizer_for(model, params)
    best = Best(mean, "miou")
    samples = side_by_side.history()
    state = State({"model": model, "mean": mean}, {"adamw": optimizer}, best, samples)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        size = image_size(state.step, params)
        random = np.random.default_rng([params.seed, state.step])
        images, classes = batch([composer.compose(random, size) for _ in range(params.batch_size)])
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
            if validation_due(state.step, params.steps, VALIDATIONS):
                count = min(VALIDATION_IMAGES, params.steps)
                metrics = measure(mean, validation, params.image_size, count, seed=params.seed)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row, image_size=size)
        rows = partial(pictures_with_masks, mean, validation, params)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, model.config.to_json(), checkpoint, progress)
    count = min(BALANCE_IMAGES, params.steps)
    balance(best.model, validation, params.image_size, count, seed=params.seed)
    count = min(VALIDATION_IMAGES, params.steps)
    best.metrics = measure(best.model, validation, params.image_size, count, seed=params.seed)
    familiarity = familiarity_of(best.model, composer, validation, params)
    known = familiarity.tensors() if familiarity else {}
    files.save(weights, model.config.to_json(), to_float16(best.model) | known)
    return best.trained()


def pictures_with_masks(model: UNet, composer: Composer, params: TrainParams) -> Iterator[side_by_side.Row]:
    """The first composites of the validation: alone, with the predicted classes, and with the true ones."""
    count, classes = side_by_side.PICTURES, len(model.config.classes)
    for composite, predicted in segment_composites(
        model, composer, params.image_size, count, seed=params.seed
    ):
        picture = from_tensor(composite.image)
        masks = (overlay(picture, each, classes, MASK_OPACITY) for each in (predicted, composite.classes))
        of_model, truth = (Image.fromarray(np.concatenate(list(bands))) for bands in masks)
        yield picture, of_model, truth
