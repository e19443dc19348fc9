"""Training a generator against a discriminator: one visible loop, in which the two take turns.

Adam without momentum, two learning rates (Heusel et al. 2017, TTUR, arXiv:1706.08500), both falling to zero
over the last 30 % of the steps. The generator that is kept is a running mean (EMA) of the trained one, whose
normalizations are measured anew. With few pictures, both networks see them augmented (`augment`).
"""

import copy
import csv
from pathlib import Path

import numpy as np
import torch

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.contract.trained import TRAINING, VALIDATION, Trained
from models.core.generative.differentiable_augmentation import augment
from models.core.generative.pictures import Pictures, Split, is_bank
from models.core.generative.sample_history import SampleHistory
from models.core.training.loop import (
    layers_in_bfloat16,
    numbers,
    report,
    report_due,
    save_if_due,
    take_average,
)
from models.core.training.photos import split_notes
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import set_learning_rate
from models.core.training.state import State, to_float16
from models.generation.architecture import (
    DISCRIMINATOR,
    GENERATOR,
    Config,
    Discriminator,
    Generator,
    measure_statistics,
)
from models.generation.card import AUGMENTATION_BELOW, TrainParams
from models.generation.data import draw, from_tensor, load_pictures, noise, to_tensor
from models.generation.loss import discriminator_loss, generator_loss
from models.generation.metrics import pixel_spread
from models.generation.record import references

BETAS = (0.0, 0.9)  # momentum would carry on against an opponent that has moved
DECAY_SHARE = 0.3  # of the steps at the end, in which the rates fall to zero
SHEET_CLASSES, SHEET_COLUMNS = 10, 4  # of the samples drawn during the training, at most
SHEET_BYTES = 2**18  # of their pixels, approximately: about 40 sheets are kept with the weights
STATISTICS = 20  # batches of 100 that the normalizations are measured on in the end, at most
CHECKED = 500  # pictures of each kind that the final metrics are measured on


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write trained weights to `weights`, a log beside them, and return the metrics.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is neither a bank nor a ZIP of pictures, or the training diverged.
        WeightsError: the checkpoint is another training's.
    """
    pictures = load_pictures(dataset, params.image_size)
    generator, discriminator = initial_networks(pictures, params, device)
    mean = running_mean(generator)
    optimizers = {
        "generator": torch.optim.Adam(generator.parameters(), betas=BETAS),
        "discriminator": torch.optim.Adam(discriminator.parameters(), betas=BETAS),
    }
    samples = FixedSamples(mean.config, params.seed)
    models = {"generator": generator, "discriminator": discriminator, "mean": mean}
    state, log_file = State(models, optimizers, samples=samples.history), weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    precision = layers_in_bfloat16(device, params.mixed_precision)
    change = augment if is_augmented(params, len(pictures.train)) else lambda x: x
    recent: list[dict[str, float]] = []
    if state.step == 0:
        samples.add(0, mean, discriminator, progress)
    while state.step < params.steps:
        torch.manual_seed(params.seed * 1_000_003 + state.step)  # the same draws after a resume
        decay = min(1.0, (params.steps - state.step) / (DECAY_SHARE * params.steps))
        set_learning_rate(optimizers["generator"], params.learning_rate * decay)
        set_learning_rate(optimizers["discriminator"], params.discriminator_rate * decay)
        real, labels = (part.to(device) for part in draw(pictures.train, params.batch_size))
        z, other_z = torch.randn(2, params.batch_size, mean.config.latent).to(device)

        # the discriminator's step: verdicts above 1 on real pictures, below -1 on generated ones
        discriminator.requires_grad_(True)
        with precision:
            with torch.no_grad():  # the generator does not learn from this
                generated = generator(z, labels)
            on_real = discriminator(change(real), labels).float()
            on_generated = discriminator(change(generated), labels).float()
        loss_discriminator = discriminator_loss(on_real, on_generated)
        optimizers["discriminator"].zero_grad()
        loss_discriminator.backward()
        optimizers["discriminator"].step()

        # the generator's step: pictures whose verdicts are high
        discriminator.requires_grad_(False)  # it judges without learning
        with precision:
            verdicts = discriminator(change(generator(other_z, labels)), labels).float()
        loss_generator = generator_loss(verdicts)
        optimizers["generator"].zero_grad()
        loss_generator.backward()
        optimizers["generator"].step()

        update_mean(mean, generator, state.step)
        state.step += 1
        losses = {"loss_discriminator": loss_discriminator, "loss_generator": loss_generator}
        means = {"verdict_real": on_real.mean(), "verdict_generated": on_generated.mean()}
        recent.append(numbers({**losses, **means}, state.step))
        if report_due(state.step, params.steps):
            report(progress, log_file, state.step, params.steps, take_average(recent))
        if samples.history.due(state.step, params.steps):
            samples.add(state.step, mean, discriminator, progress)
        save_if_due(state, mean.config.to_json(), checkpoint, progress)
    # in proportion: after a short training they would take longer than the training itself
    measure_statistics(mean, params.seed, batches=min(STATISTICS, 1 + params.steps // 100))
    verdicts_on, metrics = measure(mean, discriminator.eval(), pictures, params.seed)
    tensors = {f"verdicts/{name}": values for name, values in verdicts_on.items()}
    tensors |= {"losses": read_losses(log_file), **references(pictures.train, params.seed)}
    tensors |= {GENERATOR + name: value for name, value in to_float16(mean).items()}
    tensors |= {DISCRIMINATOR + name: value for name, value in to_float16(discriminator).items()}
    about = {"learned_from": len(pictures.train), "train_params": params.model_dump()}
    files.save(weights, {**mean.config.to_json(), **about}, tensors | samples.history.tensors())
    part = VALIDATION if "validation" in verdicts_on else TRAINING
    return Trained(metrics, part=part, notes=[] if is_bank(dataset) else split_notes(dataset))


def initial_networks(pictures: Pictures, params: TrainParams, device: str) -> tuple[Generator, Discriminator]:
    """New networks for pictures of this size, these channels and classes."""
    torch.manual_seed(params.seed)
    config = Config(pictures.side, pictures.channels, pictures.classes, width=params.width)
    generator, discriminator = Generator(config), Discriminator(config)
    for network in (generator, discriminator):
        network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return generator, discriminator


def is_augmented(params: TrainParams, count: int) -> bool:
    """Whether the networks see augmented pictures."""
    return params.augmentation == "on" or (params.augmentation == "auto" and count < AUGMENTATION_BELOW)


class FixedSamples:
    """The pictures of the same z after more and more steps: a row for each class, a column for each z."""

    def __init__(self, config: Config, seed: int):
        classes = config.classes[:SHEET_CLASSES]
        side = config.image_size
        fitting = SHEET_BYTES // (side**2 * config.channels * len(classes))  # pictures of each class
        columns = min(SHEET_COLUMNS, max(1, fitting))
        rows = min(SHEET_COLUMNS // len(classes), fitting // columns) or 1  # of each class
        self.seed = seed
        self.labels = torch.arange(len(classes)).repeat_interleave(rows * columns)
        self.z = noise(rows * columns, config.latent, seed).repeat(len(classes), 1)
        names = [name for name in classes for _ in range(rows)]
        self.history = SampleHistory(
            tile=(side, side),
            columns=columns,
            row_names=names if any(names) else (),
            column_names=[f"z {index + 1}" for index in range(columns)] if rows == 1 else (),
        )

    @torch.no_grad()
    def add(self, step: int, mean: Generator, discriminator: Discriminator, progress: Progress) -> None:
        """Draw the samples with the running mean, each with its verdict, and report them."""
        device = mean.embedding.weight.device
        z, labels = self.z.to(device), self.labels.to(device)
        shown = copy.deepcopy(mean)  # its statistics are measured anew; those of the mean stay untouched
        measure_statistics(shown, self.seed, batches=1)
        pictures = shown(z, labels)
        verdicts = discriminator.eval()(pictures, labels)
        discriminator.train()
        self.history.add(step, from_tensor(pictures), [f"{verdict:.2f}" for verdict in verdicts.tolist()])
        progress.samples(self.history)


@torch.no_grad()
def measure(
    generator: Generator, discriminator: Discriminator, pictures: Pictures, seed: int
) -> tuple[dict[str, torch.Tensor], dict[str, float]]:
    """Verdicts (n,) on training, held-out and generated pictures; their means, and the spread of the pixels.

    A discriminator that knows its training pictures by heart judges held-out ones lower.
    """
    device, random = generator.embedding.weight.device, np.random.default_rng(seed)
    chosen = random.permutation(len(pictures.train))[:CHECKED]
    real = Split(pictures.train.pictures[chosen], pictures.train.labels[chosen])
    labels = torch.from_numpy(random.choice(pictures.train.labels, CHECKED).astype(np.int64)).to(device)
    z = noise(CHECKED, generator.config.latent, seed).to(device)
    generated = generator(z, labels)
    verdicts = {"training": _verdicts(discriminator, real), "generated": discriminator(generated, labels)}
    held_out = Split(pictures.validation.pictures[:CHECKED], pictures.validation.labels[:CHECKED])
    if len(held_out):
        verdicts["validation"] = _verdicts(discriminator, held_out)
    metrics = {f"verdict_{name}": float(values.mean()) for name, values in verdicts.items()}
    real_labels = torch.from_numpy(real.labels.astype(np.int64)).to(device)
    spread = pixel_spread(generated, labels, to_tensor(real.pictures).to(device), real_labels)
    return verdicts, {**metrics, "pixel_spread": spread}


def _verdicts(discriminator: Discriminator, split: Split) -> torch.Tensor:
    device = next(discriminator.parameters()).device
    labels = torch.from_numpy(split.labels.astype(np.int64))
    return discriminator(to_tensor(split.pictures).to(device), labels.to(device))


def read_losses(log_file: Path) -> torch.Tensor:
    """(n, 3): step and both losses, as reported."""
    with log_file.open(newline="", encoding="utf-8") as file:
        rows = {int(row["step"]): row for row in csv.DictReader(file)}  # a resumed training repeats some
    names = ("loss_discriminator", "loss_generator")
    return torch.tensor([[step, *(float(row[name]) for name in names)] for step, row in rows.items()])
