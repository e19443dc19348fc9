"""Training a generator against a discriminator, and its twin without one: one visible loop.

Each step has four parts: the discriminator learns to distinguish pictures from answers, a classifier to name
the class of the pictures if they have any, the generator to deceive the one and to be understood by the other
while staying close to the true picture, and the twin learns from the distance alone, on the same batch and
from the same initial weights. What differs between both answers is due to the two opponents.

The generators that are kept are running means (EMA) of the trained ones.
"""

from pathlib import Path

import numpy as np
import torch

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.contract.trained import VALIDATION, Trained
from models.core.generative.pictures import is_bank
from models.core.generative.sample_history import SampleHistory
from models.core.training.loop import numbers, report, report_due, save_if_due, take_average, validation_due
from models.core.training.photos import split_notes
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate
from models.core.training.state import State, load_matching
from models.synthesis import metrics
from models.synthesis.architecture import EDGES, Networks, load_networks, save_networks
from models.synthesis.card import EDGES_WEIGHTS, FACES_WEIGHTS, START_SHIPPED, TrainParams
from models.synthesis.classifier import Classifier
from models.synthesis.data import (
    DEEP_FROM,
    Dataset,
    Pairs,
    augmented,
    exact,
    load,
    to_bytes,
    training_palettes,
)
from models.synthesis.loss import deception_loss, discriminator_loss, distance

WITH_ADVERSARY = Text("synthesis.generators.adversary", "with adversary")
L1_ALONE = Text("synthesis.generators.l1", "L1 alone")
OTHER_SIZE = Text(
    "synthesis.train.other_size",
    "The shipped model is for sides of at least {least} pixels that are multiples of 8, not {side}. Choose "
    "such a size, or train from scratch (start: scratch).",
)

BETAS = (0.5, 0.99)  # of Adam
EMA_DECAY = 0.998
VALIDATIONS = 6  # in one training
VALIDATION_PICTURES = 200
SHOWN = 6  # validation pictures in the samples of a training
PALETTES = 128  # of training pictures, kept with the weights


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation pictures.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` holds no pictures, or no label maps to train from.
        WeightsError: the initial weights or the checkpoint are missing or another network's.
    """
    data = load(dataset, params.condition, params.image_size, params.class_weight)
    networks = initial_networks(data, params).to(device)
    generator, twin, discriminator = networks.generator, networks.twin, networks.discriminator
    mean, twin_mean = running_mean(generator), running_mean(twin)
    classifier = Classifier(data, params.learning_rate, BETAS, device)
    adams = {
        name: torch.optim.Adam(network.parameters(), lr=params.learning_rate, betas=BETAS)
        for name, network in (("generator", generator), ("discriminator", discriminator), ("twin", twin))
    } | classifier.optimizers
    history = Samples(data)
    state = State(
        {"networks": networks, "mean": mean, "twin_mean": twin_mean, **classifier.networks},
        adams,
        samples=history.sheets,
    )
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    measured: dict[str, float] = {}
    networks.train()
    if state.step == 0:
        history.draw(0, mean, twin_mean)
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        chosen = data.train.part(random.integers(0, len(data.train), params.batch_size).tolist())
        condition, picture = (part.to(device) for part in augmented(chosen, data.config, random))
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        for optimizer in adams.values():
            set_learning_rate(optimizer, rate)

        answer = generator(condition)

        # the discriminator: real pictures above 1, answers below -1
        real, fake = discriminator(condition, picture), discriminator(condition, answer.detach())
        loss_d = discriminator_loss(real, fake)
        adams["discriminator"].zero_grad()
        loss_d.backward()
        adams["discriminator"].step()

        # the classifier: the class of the real pictures, and never of an answer
        labels = chosen.labels.to(device)
        naming = classifier.learn(picture, labels)

        # the generator: close to the picture, taken for real, and of the picture's class
        l1 = distance(answer, picture)
        loss_g = params.l1_weight * l1 + deception_loss(discriminator(condition, answer))
        naming |= classifier.loss(answer, labels)
        loss_g = loss_g + classifier.weight * naming.get("class_loss", 0.0)
        adams["generator"].zero_grad()
        loss_g.backward()
        adams["generator"].step()

        # its twin: close to the picture
        twin_l1 = distance(twin(condition), picture)
        adams["twin"].zero_grad()
        twin_l1.backward()
        adams["twin"].step()

        update_mean(mean, generator, state.step, EMA_DECAY)
        update_mean(twin_mean, twin, state.step, EMA_DECAY)
        state.step += 1
        losses = {
            "loss": loss_g, "l1": l1, "twin_l1": twin_l1, "discriminator": loss_d,
            "verdict_real": real.mean(), "verdict_fake": fake.mean(), **naming,
        }  # fmt: skip
        recent.append(numbers(losses, state.step))
        if history.sheets.due(state.step, params.steps):
            history.draw(state.step, mean, twin_mean)
            progress.samples(history.sheets)
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if len(data.validation) and validation_due(state.step, params.steps, VALIDATIONS):
                measured = measure(mean, twin_mean, data)
                row |= measured
            report(progress, log_file, state.step, params.steps, row)
        save_if_due(state, data.config.to_json(), checkpoint, progress)
    generator.load_state_dict(mean.state_dict())
    twin.load_state_dict(twin_mean.state_dict())
    save_networks(weights, networks, history.sheets)
    notes = () if is_bank(dataset) else split_notes(dataset)
    return Trained(measured, part=VALIDATION if measured else None, notes=notes)


def initial_networks(data: Dataset, params: TrainParams) -> Networks:
    """The networks to train: new ones, or with the shipped weights where shapes match.

    Raises:
        InputError: the shipped model is too deep for pictures of this size.
        WeightsError: the weights to start from are missing.
    """
    torch.manual_seed(params.seed)
    networks = Networks(data.config, training_palettes(data.train, data.config, PALETTES))
    if params.start == START_SHIPPED:
        shipped = EDGES_WEIGHTS if data.config.condition == EDGES else FACES_WEIGHTS
        known = load_networks(shipped)[0].state_dict()
        del known["palettes"]  # of other pictures
        if known.keys() - networks.state_dict().keys():  # it has more levels than these pictures allow
            raise InputError(OTHER_SIZE(least=DEEP_FROM, side=data.config.side))
        load_matching(networks, known, shipped)
    return networks


class Samples:
    """The answers of both generators to the same validation pictures, drawn again and again."""

    def __init__(self, data: Dataset):
        source = data.validation if len(data.validation) else data.train
        self.condition, _ = exact(source.part(list(range(min(SHOWN, len(source))))), data.config)
        side = data.config.side
        self.sheets = SampleHistory(
            (side, side), len(self.condition), row_names=[str(WITH_ADVERSARY()), str(L1_ALONE())]
        )

    @torch.inference_mode()
    def draw(self, step: int, generator: torch.nn.Module, twin: torch.nn.Module) -> None:
        condition = self.condition.to(next(generator.parameters()).device)
        answers = torch.cat([generator(condition), twin(condition)])
        self.sheets.add(step, to_bytes(answers))


@torch.inference_mode()
def measure(generator: torch.nn.Module, twin: torch.nn.Module, data: Dataset) -> dict[str, float]:
    """L1, PSNR, sharpness relative to the true pictures and, for edges, their recall; of both generators."""
    pairs = data.validation.part(list(range(min(VALIDATION_PICTURES, len(data.validation)))))
    return {
        f"{prefix}{name}": value
        for prefix, network in (("", generator), ("twin_", twin))
        for name, value in measured_on(network, pairs, data).items()
    }


def measured_on(network: torch.nn.Module, pairs: Pairs, data: Dataset) -> dict[str, float]:
    """The figures of one generator."""
    device = next(network.parameters()).device
    condition, picture = exact(pairs, data.config)
    answer = torch.cat([network(part.to(device)).cpu() for part in condition.split(50)])
    figures = {
        "l1_levels": metrics.l1(answer, picture),
        "psnr": metrics.psnr(answer, picture),
    }
    if data.config.condition == EDGES:
        figures["edge_recall"] = metrics.edge_recall(condition, answer)
    values = {name: float(value.mean()) for name, value in figures.items()}
    values["sharpness"] = float(metrics.sharpness(answer).mean() / metrics.sharpness(picture).mean())
    return values
