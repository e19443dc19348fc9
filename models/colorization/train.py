"""Training the colorizer: one visible loop.

AdamW with warm-up and cosine decay. The model that is kept is a running mean (EMA) of the trained one. A
pretrained encoder learns at a fraction of the decoder's rate: it has no batch normalization, which was folded
into its convolutions, and it already knows photographs.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.colorization.architecture import Colorizer, Config, load_model, save_model, shrink_to_color
from models.colorization.card import (
    START_NANODET,
    START_SCRATCH,
    START_SHIPPED,
    TEMPERATURE,
    WEIGHTS,
    TrainParams,
)
from models.colorization.data import (
    Item,
    Photo,
    color_photos,
    draw_indices,
    lightness_and_color,
    make_batch,
    prepare,
)
from models.colorization.guided_filter import colorize, fit
from models.colorization.lab import lab_to_rgb
from models.colorization.loss import color_loss
from models.colorization.metrics import ab_distance, ab_psnr, colorfulness
from models.colorization.quantization import annealed_mean, centers, class_weights, frequencies
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.generative import side_by_side
from models.core.images.codec import from_tensor
from models.core.training.best import Best
from models.core.training.cross_stage import pretrained_encoder
from models.core.training.loop import (
    layers_in_bfloat16,
    numbers,
    report,
    report_due,
    save_if_due,
    take_average,
    validation_due,
)
from models.core.training.photos import split_notes
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate, weight_groups
from models.core.training.state import State, load_matching

WEIGHT_DECAY = 0.02
ENCODER_PACE = 0.1  # a pretrained encoder's share of the learning rate
EMA_DECAY = 0.998
MAX_NORM = 5.0  # of the gradient
VALIDATIONS = 12  # in one training


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation photos.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is not a ZIP of pictures, or all of them are gray.
        WeightsError: the initial weights or the checkpoint are missing or another network's.
    """
    photos, validation = color_photos(dataset, "train"), Validation(dataset, params.image_size)
    weight = color_weights(photos, params).to(device)
    model = initial_model(params).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean, optimizer = running_mean(model), make_optimizer(model, params)
    best = Best(mean, "cross_entropy", lower_is_better=True)  # it judges the distribution, not its mean
    samples = side_by_side.history()
    state = State({"model": model, "mean": mean}, {"adamw": optimizer}, best, samples)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        torch.manual_seed(params.seed * 1_000_003 + state.step)  # dropout is the same after a resume
        chosen = [photos[index] for index in draw_indices(len(photos), params.batch_size, random)]
        batch = make_batch(chosen, params.image_size, random)
        lightness, truth = (part.to(device, memory_format=torch.channels_last) for part in batch)
        with layers_in_bfloat16(device, params.mixed_precision):
            logits = model.train()(lightness)
        loss = color_loss(logits.float(), truth, weight)
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        set_learning_rate(optimizer, rate)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        optimizer.step()
        update_mean(mean, model, state.step, EMA_DECAY)
        state.step += 1
        recent.append(numbers({"loss": loss}, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if validation.pictures and validation_due(state.step, params.steps, VALIDATIONS):
                metrics = validation.measure(mean)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row)
        rows = partial(validation.colorized, mean)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, mean.config.to_json(), checkpoint, progress)
    save_model(weights, best.or_latest(mean))
    return best.trained(split_notes(dataset))


def color_weights(photos: list[Photo], params: TrainParams) -> torch.Tensor:
    """(Q,): the weight of each color in the loss, from how often it occurs in the photos."""
    maps = [lightness_and_color(photo.picture, params.image_size)[1] for photo in photos]
    return class_weights(frequencies(maps), params.rebalance)


def initial_model(params: TrainParams) -> Colorizer:
    """The network to train: new, with NanoDet's backbone as its encoder, or with the shipped weights.

    Raises:
        WeightsError: the weights to start from are missing, or a file holds another network.
    """
    torch.manual_seed(params.seed)
    model = Colorizer(Config(image_size=params.image_size))
    if params.start == START_NANODET:
        load_matching(model.encoder, *pretrained_encoder())
    elif params.start == START_SHIPPED:
        load_matching(model, load_model(WEIGHTS).state_dict(), WEIGHTS)
    return model


def make_optimizer(model: Colorizer, params: TrainParams) -> torch.optim.AdamW:
    """AdamW; the `pace` of a group is its share of the learning rate."""
    pace = 1.0 if params.start == START_SCRATCH else ENCODER_PACE
    groups = [{**group, "pace": pace} for group in weight_groups(model.encoder, WEIGHT_DECAY)]
    for part in (model.decoder, model.classify):
        groups += [{**group, "pace": 1.0} for group in weight_groups(part, WEIGHT_DECAY)]
    return torch.optim.AdamW(groups)


class Validation:
    """Measures a model on the validation photos, resized as in predictions. A dataset may have none."""

    def __init__(self, dataset: Path, image_size: int):
        self.pictures: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.samples: list[Item] = []
        try:
            photos = color_photos(dataset, "validation")
        except InputError:  # few photos: the training continues without validation
            return
        mean_colors = torch.stack([
            lightness_and_color(photo.picture, image_size)[1].mean(dim=(1, 2))
            for photo in color_photos(dataset, "train")
        ])  # fmt: skip
        self.mean_color = mean_colors.mean(dim=0)[:, None, None]
        self.pictures = [lightness_and_color(photo.picture, image_size) for photo in photos]
        self.samples = [prepare(photo.picture, image_size) for photo in photos[: side_by_side.PICTURES]]

    @torch.inference_mode()
    def measure(self, model: Colorizer, temperature: float = TEMPERATURE) -> dict[str, float]:
        """Cross-entropy without rebalancing, and of the annealed mean: ab distance, ab-PSNR, colorfulness.

        Besides, the share of photos that it is closer to than both baselines are: gray, and the mean color of
        the training photos.
        """
        device = next(model.parameters()).device
        alike = torch.ones(len(centers()))
        entropies, distances, psnr, is_better, strength = [], [], [], [], []
        for lightness, truth in self.pictures:
            logits = model(lightness[None].to(device)).float().cpu()
            predicted = annealed_mean(logits, temperature)[0]
            entropies.append(float(color_loss(logits, truth[None], alike)))
            distances.append(ab_distance(predicted, truth))
            psnr.append(ab_psnr(predicted, truth))
            baselines = [ab_distance(each.expand_as(truth), truth) for each in (0 * truth, self.mean_color)]
            is_better.append(distances[-1] < min(baselines))
            small = shrink_to_color(lightness[None])[0]
            strength.append([colorfulness(lab_to_rgb(torch.cat([small, ab]))) for ab in (predicted, truth)])
        predicted_strength, true_strength = (sum(values) for values in zip(*strength, strict=True))
        count = len(self.pictures)
        return {
            "cross_entropy": sum(entropies) / count,
            "ab_distance": sum(distances) / count,
            "ab_psnr": sum(psnr) / count,
            "better_share": sum(is_better) / count,
            "colorfulness_ratio": predicted_strength / true_strength,
        }

    @torch.inference_mode()
    def colorized(self, model: Colorizer) -> Iterator[side_by_side.Row]:
        """The first validation photos: their lightness, in the predicted colors, and in the true ones."""
        device = next(model.parameters()).device
        for item in self.samples:
            logits = model(item.lab[None, :1].to(device)).float().cpu()
            color = fit(item.lab[:1], annealed_mean(logits, TEMPERATURE)[0])
            gray = lab_to_rgb(torch.cat([item.lab[:1], torch.zeros_like(item.lab[1:])]))
            yield from_tensor(gray), colorize(item.resized, color), item.resized
