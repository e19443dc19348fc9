"""Training a restorer against a discriminator, on a set with a chosen share of one group: one visible loop.

Nothing in the loop treats the groups differently, unless `oversampled` asks for it: the network, the losses
and the number of pictures are the same for every share.
"""

from functools import partial
from pathlib import Path

import numpy as np
import torch

from models.core.contract.progress import Progress
from models.core.contract.trained import VALIDATION, Trained
from models.core.generative.pictures import is_bank
from models.core.generative.sample_history import SampleHistory
from models.core.training import familiarity
from models.core.training.familiarity import Evidence, Familiarity
from models.core.training.loop import numbers, report, report_due, save_if_due, take_average, validation_due
from models.core.training.photos import split_notes
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate
from models.core.training.state import State
from models.depixelization.architecture import Discriminator, Restorer
from models.depixelization.camera import shrink
from models.depixelization.card import TrainParams
from models.depixelization.data import (
    Data,
    Groups,
    counts_of,
    draw_batch,
    load_groups,
    to_bytes,
    to_tensor,
    training_set,
)
from models.depixelization.files import Condition, Depixelizer, save
from models.depixelization.judge import Judge, fit_judge
from models.depixelization.loss import deception_loss, discriminator_loss, distance
from models.depixelization.metrics import gap_of, is_changed, rate_of

BETAS = (0.5, 0.99)  # of Adam
EMA_DECAY = 0.995
VALIDATIONS = 4  # in one training
MEASURED = 400  # validation pictures of each group, at most
SHOWN = 6  # of each group in the samples of a training, and in its weights
FAMILIAR = 512  # training pictures that familiarity is measured by


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
        InputError: `dataset` holds no pictures of two groups, or the training diverged.
        WeightsError: the checkpoint is another network's.
    """
    data = load_groups(dataset, params.frequent, params.rare, params.width)
    config = data.config
    counts = counts_of(data.train, params.share / 100, params.size)
    groups = training_set(data.train, counts, params.seed)
    judge = fit_judge(config, data.train)
    torch.manual_seed(params.seed)
    restorer, discriminator = Restorer(config).to(device), Discriminator(config).to(device)
    for network in (restorer, discriminator):
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = running_mean(restorer)
    adam_r, adam_d = (
        torch.optim.Adam(each.parameters(), lr=params.learning_rate, betas=BETAS)
        for each in (restorer, discriminator)
    )
    held_out = data.validation if all(map(len, data.validation.pictures)) else data.train
    samples = SampleHistory((config.side, config.side), SHOWN, row_names=config.groups)
    state = State(
        {"restorer": restorer, "discriminator": discriminator, "mean": mean},
        {"restorer": adam_r, "discriminator": adam_d},
        samples=samples,
    )
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    measured: dict[str, float] = {}
    while state.step < params.steps:
        random = np.random.default_rng([params.seed, state.step])
        pictures = draw_batch(groups, params.batch_size, random, balanced=params.oversampled).to(device)
        small = shrink(pictures, config.small)
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        set_learning_rate(adam_r, rate)
        set_learning_rate(adam_d, rate)

        restored = restorer(small)

        # the discriminator: real pictures above 1, restored ones below -1
        verdict_real, verdict_restored = (
            discriminator(small, pictures),
            discriminator(small, restored.detach()),
        )
        loss_d = discriminator_loss(verdict_real, verdict_restored)
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()

        # the restorer: close to the picture, and taken for real
        l1 = distance(restored, pictures)
        loss = l1 + params.adversary * deception_loss(discriminator(small, restored))
        adam_r.zero_grad()
        loss.backward()
        adam_r.step()

        update_mean(mean, restorer, state.step, EMA_DECAY)
        state.step += 1
        recent.append(numbers({"loss": loss, "l1": l1, "discriminator": loss_d}, state.step))
        if samples.due(state.step, params.steps):
            samples.add(state.step, to_bytes(restore(mean, shown(held_out))))
            progress.samples(samples)
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if validation_due(state.step, params.steps, VALIDATIONS):
                measured = changed_rates(mean, judge, held_out.first(MEASURED))
                row |= measured
            report(progress, log_file, state.step, params.steps, row)
        save_if_due(state, config.to_json(), checkpoint, progress)
    condition = measure(Condition(counts, params.oversampled), mean, judge, held_out.first(MEASURED))
    save(
        weights,
        Depixelizer(
            config,
            [condition],
            [mean],
            judge,
            held_out.first(SHOWN),
            known_pictures(mean, judge, groups, data),
        ),
    )
    notes = () if is_bank(dataset) else split_notes(dataset)
    return Trained(measured, part=VALIDATION if held_out is data.validation else None, notes=notes)


def shown(held_out: Groups) -> torch.Tensor:
    """As many of both groups, (2 SHOWN, C, S, S); of few pictures, the first ones again."""
    rows = [own[np.arange(SHOWN) % len(own)] for own in held_out.pictures]
    return to_tensor(np.concatenate(rows))


@torch.inference_mode()
def restore(restorer: Restorer, pictures: torch.Tensor) -> torch.Tensor:
    """(N, C, S, S): the pictures shrunk and restored."""
    config = restorer.config
    device = next(restorer.parameters()).device
    return torch.cat([restorer(shrink(part.to(device), config.small)).cpu() for part in pictures.split(100)])


def changed(restorer: Restorer, judge: Judge, groups: Groups) -> tuple[np.ndarray, np.ndarray]:
    """For the pictures of each group: whether the judge sees the other group in their restoration."""
    odds = [judge.log_odds(restore(restorer, to_tensor(own))).numpy() for own in groups.pictures]
    frequent, rare = (is_changed(each, np.full(len(each), label)) for label, each in enumerate(odds))
    return frequent, rare


def changed_rates(restorer: Restorer, judge: Judge, groups: Groups) -> dict[str, float]:
    """The rates as metrics of a training."""
    frequent, rare = (float(each.mean()) for each in changed(restorer, judge, groups))
    return {"changed_frequent": frequent, "changed_rare": rare, "gap": rare - frequent}


def measure(condition: Condition, restorer: Restorer, judge: Judge, groups: Groups) -> Condition:
    """The condition with its rates and their intervals."""
    frequent, rare = (each[None] for each in changed(restorer, judge, groups))
    return Condition(
        condition.counts,
        condition.is_oversampled,
        (rate_of(frequent), rate_of(rare)),
        gap_of(frequent, rare),
    )


def known_pictures(restorer: Restorer, judge: Judge, groups: Groups, data: Data) -> Familiarity | None:
    """What the small pictures of the training set have in common. None: too few."""
    of = partial(evidence_of, restorer, judge)
    half = FAMILIAR // 2
    return familiarity.fit(of(groups.first(half).together), of(data.validation.first(half // 2).together))


@torch.inference_mode()
def evidence_of(restorer: Restorer, judge: Judge, pictures: np.ndarray) -> list[Evidence]:
    """What familiarity compares: the cells, and how certain the judge of the answer is."""
    if not len(pictures):
        return []
    clean = to_tensor(pictures)
    cells = shrink(clean, restorer.config.small).flatten(1)
    odds = judge.log_odds(restore(restorer, clean)).abs()
    return [Evidence(own, float(certain)) for own, certain in zip(cells, odds, strict=True)]
