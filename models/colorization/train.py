"""Training the colorizer, with or without a discriminator: one visible loop.

AdamW with warm-up and cosine decay. The generator that is kept is a running mean (EMA) of the trained one.
The discriminator's learning rate is twice the generator's (Heusel et al. 2017, arXiv:1706.08500).
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.colorization.architecture import (
    Config,
    Discriminator,
    Generator,
    load_networks,
    save_networks,
    shrink_to_color,
)
from models.colorization.card import (
    GAN_WEIGHTS,
    L1_WEIGHTS,
    START_DETECTOR,
    START_L1,
    START_SCRATCH,
    TrainParams,
)
from models.colorization.data import color_photos, draw_indices, lightness_and_color, make_batch
from models.colorization.lab import lab_to_rgb
from models.colorization.loss import adversarial_loss, color_loss, discriminator_loss
from models.colorization.metrics import ab_distance, ab_psnr, colorfulness
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.training.backbone import backbone_state, detector_weights
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
from models.core.training.photos import split_notes
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate, weight_groups
from models.core.training.state import State, load_matching

WEIGHT_DECAY = 0.02
BETAS, ADVERSARIAL_BETAS = (0.9, 0.999), (0.5, 0.999)  # pix2pix, section 3.3
DISCRIMINATOR_PACE = 2.0  # its learning rate, as a multiple of the generator's
EMA_DECAY = 0.998
MAX_NORM = 5.0  # of the generator's gradient
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
    generator, discriminator = initial_networks(params)
    models = {"generator": generator} | ({"discriminator": discriminator} if discriminator else {})
    optimizers = {name: make_optimizer(name, model, device, params) for name, model in models.items()}
    mean = running_mean(generator)
    best = Best(mean, "ab_distance", lower_is_better=True, keeps_last=discriminator is not None)
    state, log_file = State({**models, "mean": mean}, optimizers, best), weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    precision = layers_in_bfloat16(device, params.mixed_precision)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        torch.manual_seed(params.seed * 1_000_003 + state.step)  # dropout is the same after a resume
        chosen = [photos[index] for index in draw_indices(len(photos), params.batch_size, random)]
        batch = make_batch(chosen, params.image_size, random)
        lightness, truth = (part.to(device, memory_format=torch.channels_last) for part in batch)
        small = shrink_to_color(lightness)  # the discriminator receives it with the colors
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        for optimizer in optimizers.values():
            set_learning_rate(optimizer, rate)

        # the generator's step: close to the true colors, and convincing to the discriminator
        with precision:
            predicted = generator.train()(lightness).float()
        losses = {"loss_color": color_loss(predicted, truth, params.rebalance)}
        loss = losses["loss_color"]
        if discriminator:
            discriminator.train().requires_grad_(False)  # it judges without learning
            with precision:
                logits = discriminator(torch.cat([small, predicted], dim=1)).float()
            losses["loss_adversarial"] = adversarial_loss(logits)
            loss = loss + params.adversarial * losses["loss_adversarial"]
        optimizers["generator"].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(generator.parameters(), MAX_NORM)
        optimizers["generator"].step()

        # the discriminator's step: a high probability for true colors, a low one for predicted colors
        if discriminator:
            discriminator.requires_grad_(True)
            with precision:
                true_logits = discriminator(torch.cat([small, truth], dim=1)).float()
            with precision:  # a block of its own, so that the two gradients are added in float32
                # detached: the generator does not learn from this
                predicted_logits = discriminator(torch.cat([small, predicted.detach()], dim=1)).float()
            losses["loss_discriminator"] = discriminator_loss(true_logits, predicted_logits)
            optimizers["discriminator"].zero_grad()
            losses["loss_discriminator"].backward()
            optimizers["discriminator"].step()

        update_mean(mean, generator, state.step, EMA_DECAY)
        state.step += 1
        recent.append(numbers({"loss": loss, **losses}, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if validation.pictures and validation_due(state.step, params.steps, VALIDATIONS):
                metrics = validation.measure(mean)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row)
        save_if_due(state, mean.config.to_json(), checkpoint, progress)
    save_networks(weights, best.or_latest(mean), discriminator)
    return best.trained(split_notes(dataset))


def initial_networks(params: TrainParams) -> tuple[Generator, Discriminator | None]:
    """The networks to train: new, or with the matching weights of those that `params.start` names.

    Raises:
        WeightsError: the shipped weights are missing, or a file holds another network.
    """
    torch.manual_seed(params.seed)
    config = Config(image_size=params.image_size)
    generator = Generator(config)
    discriminator = Discriminator(config) if params.adversarial else None
    if params.start == START_DETECTOR:
        load_backbone(generator)
    elif params.start != START_SCRATCH:
        file = L1_WEIGHTS if params.start == START_L1 else GAN_WEIGHTS
        shipped = load_networks(file)
        load_matching(generator, shipped.generator.state_dict(), file)
        if discriminator and shipped.discriminator:
            load_matching(discriminator, shipped.discriminator.state_dict(), file)
    return generator, discriminator


def load_backbone(generator: Generator) -> None:
    """The detector's backbone as the encoder. L* has one channel: the first kernels are summed over RGB."""
    detector = detector_weights()
    backbone = backbone_state(detector)
    first = "stages.0.0.0.weight"
    backbone[first] = backbone[first].float().sum(dim=1, keepdim=True)
    load_matching(generator.encoder, backbone, detector)


def make_optimizer(name: str, model: nn.Module, device: str, params: TrainParams) -> torch.optim.AdamW:
    """Move the model to the device; its optimizer, with the momentum that adversarial training needs."""
    model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    pace = DISCRIMINATOR_PACE if name == "discriminator" else 1.0
    groups = [group | {"pace": pace} for group in weight_groups(model, WEIGHT_DECAY)]
    return torch.optim.AdamW(groups, betas=ADVERSARIAL_BETAS if params.adversarial else BETAS)


class Validation:
    """Measures a generator on the validation photos, resized as in predictions. A dataset may have none."""

    def __init__(self, dataset: Path, image_size: int):
        self.pictures: list[tuple[torch.Tensor, torch.Tensor]] = []
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

    @torch.inference_mode()
    def measure(self, generator: Generator) -> dict[str, float]:
        """Mean ab distance, ab-PSNR, share of photos closer than both baselines, and relative colorfulness.

        The baselines are gray and the mean color of the training photos.
        """
        device = next(generator.parameters()).device
        distances, psnr, is_better, strength = [], [], [], []
        for lightness, truth in self.pictures:
            predicted = generator(lightness[None].to(device))[0].float().cpu()
            distances.append(ab_distance(predicted, truth))
            psnr.append(ab_psnr(predicted, truth))
            baselines = [ab_distance(each.expand_as(truth), truth) for each in (0 * truth, self.mean_color)]
            is_better.append(distances[-1] < min(baselines))
            small = shrink_to_color(lightness[None])[0]
            strength.append([colorfulness(lab_to_rgb(torch.cat([small, ab]))) for ab in (predicted, truth)])
        predicted_strength, true_strength = (sum(values) for values in zip(*strength, strict=True))
        count = len(self.pictures)
        return {
            "ab_distance": sum(distances) / count,
            "ab_psnr": sum(psnr) / count,
            "better_share": sum(is_better) / count,
            "colorfulness_ratio": predicted_strength / true_strength,
        }
