"""Training the generator on patches of photos, with or without a discriminator: one visible loop.

Adam with warm-up and cosine decay. The generator that is kept is a running mean (EMA) of the trained one.
With a discriminator, the two take turns on every batch (SRGAN, arXiv:1609.04802).
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.generative import side_by_side
from models.core.images.codec import from_tensor
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
from models.core.training.photos import Photo, split_notes
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate
from models.core.training.state import State, load_matching, to_float16
from models.super_resolution.architecture import SCALES, Config, Discriminator, Generator
from models.super_resolution.card import (
    START_OTHER,
    START_SCRATCH,
    TrainParams,
    shipped_weights,
)
from models.super_resolution.data import Pair, Patches, shrink, to_tensor, validation_photos
from models.super_resolution.loss import PERCEPTUAL, Features, perceptual_loss, relativistic_loss
from models.super_resolution.metrics import psnr_y

BETAS = (0.9, 0.99)
EMA_DECAY = 0.998
DISCRIMINATOR_PACE = 2.0  # its learning rate, as a multiple of the generator's: normalization slows it down
MAX_NORM = 0.5  # of the generator's gradient
VALIDATION_SIDE = 320  # pixels of the center of each validation photo
VALIDATION_QUALITY = 60  # of the JPEGs that are measured beside the clean pictures
VALIDATIONS = 10  # in one training


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
        InputError: `dataset` is not a ZIP of photos, or they are too small.
        WeightsError: the initial weights, those of the perceptual loss or the checkpoint are missing or
            another network's.
    """
    patches = Patches(dataset, params.scale, params.patch_size, params.degraded)
    validation = validation_photos(dataset)
    generator, discriminator = initial_networks(params, device)
    features = Features().to(device) if discriminator else None
    models: dict[str, nn.Module] = {"generator": generator}
    optimizers = {"generator": make_optimizer(generator)}
    if discriminator:
        models["critic"] = discriminator  # its name in checkpoints
        optimizers["critic"] = make_optimizer(discriminator, DISCRIMINATOR_PACE)
    mean = running_mean(generator)
    best = Best(mean, validation_figure(params.degraded), keeps_last=discriminator is not None)
    samples = side_by_side.history()
    state = State({**models, "mean": mean}, optimizers, best, samples)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    precision = layers_in_bfloat16(device, params.mixed_precision)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        low, high = (part.to(device) for part in patches.batch(random, params.batch_size))
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        for optimizer in optimizers.values():
            set_learning_rate(optimizer, rate)

        # the generator's step: close to the photo, and convincing to the discriminator
        with precision:
            answer = generator(low).float()
        losses = {"loss_pixels": F.l1_loss(answer, high)}
        loss = losses["loss_pixels"]
        if discriminator and features:
            discriminator.requires_grad_(False)  # it judges without learning
            with precision:
                adversarial = relativistic_loss(discriminator(answer), discriminator(high))
                perceptual = perceptual_loss(features, answer, high)
            losses |= {"loss_perceptual": perceptual, "loss_adversarial": adversarial}
            loss = loss + PERCEPTUAL * perceptual + params.adversarial * adversarial
        optimizers["generator"].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(generator.parameters(), MAX_NORM)
        optimizers["generator"].step()

        # the discriminator's step: higher logits for photos than for answers
        if discriminator:
            discriminator.requires_grad_(True)
            with precision:  # detached: the generator does not learn from this
                loss_discriminator = relativistic_loss(discriminator(high), discriminator(answer.detach()))
            losses["loss_critic"] = loss_discriminator  # its name in logs
            optimizers["critic"].zero_grad()
            loss_discriminator.backward()
            optimizers["critic"].step()

        update_mean(mean, generator, state.step, EMA_DECAY)
        state.step += 1
        recent.append(numbers({"loss": loss, **losses}, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if validation and validation_due(state.step, params.steps, VALIDATIONS):
                metrics = validate(mean, validation, device)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row)
        rows = partial(enlarged, mean, validation, device)
        side_by_side.draw_if_due(samples, state.step, params.steps, progress, rows)
        save_if_due(state, mean.config.to_json(), checkpoint, progress)
    files.save(weights, mean.config.to_json(), to_float16(best.or_latest(mean)))
    return best.trained(split_notes(dataset))


def initial_networks(params: TrainParams, device: str) -> tuple[Generator, Discriminator | None]:
    """The networks to train: new, or the generator with the matching weights of a shipped PSNR model.

    Raises:
        WeightsError: the shipped weights are missing, or their file holds another network.
    """
    torch.manual_seed(params.seed)
    generator = Generator(Config(scale=params.scale, loss="gan" if params.adversarial else "psnr"))
    if params.start != START_SCRATCH:
        other = SCALES[1 - SCALES.index(params.scale)]
        file = shipped_weights("psnr", other if params.start == START_OTHER else params.scale)
        load_matching(generator, files.load(file)[1], file)
    return generator.to(device), Discriminator().to(device) if params.adversarial else None


def make_optimizer(model: nn.Module, pace: float = 1.0) -> torch.optim.Adam:
    """Adam at `pace` times the learning rate."""
    return torch.optim.Adam([{"params": list(model.parameters()), "pace": pace}], betas=BETAS)


def validation_figure(degraded: float) -> str:
    """The metric of `validate` that chooses the weights: from the pictures that the network learned from."""
    if degraded in (0, 1):
        return "psnr_y_jpeg" if degraded else "psnr_y"
    return "psnr_y_both"


def validate(model: Generator, photos: list[Photo], device: str) -> dict[str, float]:
    """Mean luma PSNR in dB over the centers of the photos, of the model and of bicubic resizing.

    `psnr_y` from the clean small pictures, `psnr_y_jpeg` from JPEGs of them, `psnr_y_both` their mean.
    """
    scale, centers = model.config.scale, [center(photo.pixels) for photo in photos]
    clean = [shrink(picture, scale) for picture in centers]
    compressed = [shrink(picture, scale, VALIDATION_QUALITY) for picture in centers]
    of_clean, of_clean_bicubic = mean_psnr(model, clean, device)
    of_jpeg, of_jpeg_bicubic = mean_psnr(model, compressed, device)
    return {
        "psnr_y": of_clean,
        "psnr_y_bicubic": of_clean_bicubic,
        "psnr_y_jpeg": of_jpeg,
        "psnr_y_jpeg_bicubic": of_jpeg_bicubic,
        "psnr_y_both": (of_clean + of_jpeg) / 2,
    }


def center(picture: np.ndarray, length: int = VALIDATION_SIDE) -> np.ndarray:
    """The central `length` x `length` pixels of a picture."""
    top, left = (max(0, side - length) // 2 for side in picture.shape[:2])
    return picture[top : top + length, left : left + length]


@torch.inference_mode()
def enlarged(model: Generator, photos: Sequence[Photo], device: str) -> Iterator[side_by_side.Row]:
    """Centers of the first validation photos: small, enlarged by the model, and as they were."""
    for photo in photos[: side_by_side.PICTURES]:
        pair = shrink(center(photo.pixels, side_by_side.SIDE), model.config.scale)
        answer = from_tensor(model(to_tensor([pair.low]).to(device))[0].float().cpu())
        yield Image.fromarray(pair.low), answer, Image.fromarray(pair.high)


@torch.inference_mode()
def mean_psnr(model: Generator, pairs: Sequence[Pair], device: str) -> tuple[float, float]:
    """Mean luma PSNR in dB of the model and of bicubic resizing."""
    of_model, of_bicubic = [], []
    for pair in pairs:
        low = to_tensor([pair.low]).to(device)
        residual = model.residual(low)
        answer = model(low)
        for results, picture in ((of_model, answer), (of_bicubic, answer - residual)):
            pixels = picture[0].clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).cpu().numpy()
            results.append(psnr_y(pixels, pair.high, model.config.scale))
    return float(np.mean(of_model)), float(np.mean(of_bicubic))
