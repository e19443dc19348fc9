"""Learning step by step: one visible loop for the network and for the gradient descent that is watched.

A linear or logistic model is a network without hidden layers; gradient descent is its training with all rows
in one batch, from zero. A network starts at random, sees its rows in batches, and is kept as it was at the
epoch that did best on validation rows.
"""

import copy
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.training.loop import State
from models.tabular.layers import Layers

MOST_SNAPSHOTS = 30
MOST_KEPT_NUMBERS = 100_000  # of all snapshots together
DIVERGED = 1e6  # times the loss at the start


@dataclass(frozen=True)
class Problem:
    """Matrices (N, D) and targets (N,): scaled numbers, or the classes' indices where there are `classes`."""

    x: np.ndarray
    y: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    classes: int

    @property
    def outputs(self) -> int:
        """How many scores a model gives: one is enough for a number, and for two classes."""
        return self.classes if self.classes > 2 else 1


@dataclass(frozen=True)
class Plan:
    """How to learn."""

    epochs: int
    rate: float
    seed: int
    widths: tuple[int, ...] = ()  # hidden layers; none: gradient descent
    activation: str = "relu"
    batch_size: int | None = None  # None: all rows
    penalty: float = 0.0  # on half the squared weights, for all rows together
    wants_snapshots: bool = False


@dataclass(frozen=True)
class Learned:
    """How it went. Epoch 0 is before the first step."""

    layers: Layers  # of the best epoch on validation rows; without those, of the last
    losses: tuple[tuple[float, float | None], ...]  # by epoch: on training and on validation rows
    best_epoch: int
    diverged_at: int | None = None
    snapshots: tuple[tuple[int, Layers], ...] = field(default=())


def network(inputs: int, outputs: int, plan: Plan) -> nn.Sequential:
    """Layers of float64; without hidden layers they start at zero."""
    torch.manual_seed(plan.seed)
    sides = (inputs, *plan.widths, outputs)
    parts: list[nn.Module] = []
    for before, after in pairwise(sides):
        parts += [nn.Linear(before, after), nn.ReLU() if plan.activation == "relu" else nn.Tanh()]
    model = nn.Sequential(*parts[:-1]).double()
    if not plan.widths:
        for value in model.parameters():
            nn.init.zeros_(value)
    return model


def layers_of(model: nn.Sequential) -> Layers:
    """The weights, to compute with in NumPy."""
    found = [part for part in model if isinstance(part, nn.Linear)]
    # copies: what NumPy shares with torch would go on changing
    return tuple(
        (part.weight.detach().cpu().numpy().T.copy(), part.bias.detach().cpu().numpy().copy())
        for part in found
    )


def loss_of(scores: torch.Tensor, truth: torch.Tensor, classes: int) -> torch.Tensor:
    """Half the mean squared error of scaled numbers, or the mean log loss of classes."""
    if classes == 0:
        return 0.5 * F.mse_loss(scores[:, 0], truth)
    if classes == 2:
        return F.binary_cross_entropy_with_logits(scores[:, 0], truth)
    return F.cross_entropy(scores, truth.long())


def watched(epochs: int) -> list[int]:
    """Up to `MOST_SNAPSHOTS` epochs: the first ones closely, as most happens there."""
    spaced = np.unique(np.geomspace(1, epochs, MOST_SNAPSHOTS - 1).round().astype(int))
    return [0, *spaced.tolist()]


def learn(
    problem: Problem, plan: Plan, *, device: str, progress: Progress, checkpoint: Path | None = None
) -> Learned:
    """Learn for `plan.epochs`, or until it diverges; resumed from `checkpoint`, end as if never stopped."""
    rows = [problem.x, problem.y, problem.x_validation, problem.y_validation]
    x, y, x_validation, y_validation = (torch.from_numpy(part).double().to(device) for part in rows)
    model = network(x.shape[1], problem.outputs, plan).to(device)
    best = copy.deepcopy(model)
    numbers = sum(value.numel() for value in model.parameters())
    at = watched(plan.epochs) if plan.wants_snapshots else []
    at = at if numbers * len(at) <= MOST_KEPT_NUMBERS else []
    snapshots = {epoch: copy.deepcopy(model) for epoch in at}
    # Adam for the network; plain steps for gradient descent
    kind = torch.optim.Adam if plan.widths else torch.optim.SGD
    optimizer = kind(model.parameters(), lr=plan.rate)
    kept = {f"snapshot{epoch}": each for epoch, each in snapshots.items()}
    state = State({"model": model, "best": best, **kept}, {"steps": optimizer})

    @torch.no_grad()
    def measured() -> tuple[float, float | None]:
        of_validation = (
            loss_of(model(x_validation), y_validation, problem.classes) if len(x_validation) else None
        )
        on_training = loss_of(model(x), y, problem.classes).item()
        return on_training, None if of_validation is None else of_validation.item()

    losses = [measured()]
    if checkpoint and checkpoint.exists():
        state.load(checkpoint)
        losses = [(each[0], each[1]) for each in files.load(checkpoint)[0]["losses"]]
    while state.step < plan.epochs and not _diverges(losses):
        _epoch(model, optimizer, x, y, problem.classes, plan, state.step)
        state.step += 1
        losses.append(measured())
        if _is_best(losses):
            best.load_state_dict(model.state_dict())
        if state.step in snapshots:
            snapshots[state.step].load_state_dict(model.state_dict())
        progress(state.step, plan.epochs, _row(losses[-1]))
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint, {"architecture": "tabular-checkpoint", "losses": losses})
            progress.saved()
    diverged = _diverges(losses)
    reached = [(epoch, layers_of(each)) for epoch, each in snapshots.items() if epoch <= state.step]
    return Learned(
        layers=layers_of(best),
        losses=tuple(losses),
        best_epoch=_best_epoch(losses),
        diverged_at=state.step if diverged else None,
        snapshots=tuple(reached[:-1] if diverged and reached else reached),
    )


def _epoch(
    model: nn.Sequential,
    optimizer: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    classes: int,
    plan: Plan,
    number: int,
) -> None:
    """All rows once: in batches of a new order, or in one step."""
    order = torch.from_numpy(np.random.default_rng([plan.seed, number]).permutation(len(x))).to(x.device)
    for chosen in order.split(plan.batch_size or len(x)):
        loss = loss_of(model(x[chosen]), y[chosen], classes)
        if plan.penalty:
            squares = sum((part.weight**2).sum() for part in model if isinstance(part, nn.Linear))
            loss = loss + plan.penalty / len(x) * squares / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _judged(loss: tuple[float, float | None]) -> float:
    """By validation rows, where there are any."""
    return loss[0] if loss[1] is None else loss[1]


def _is_best(losses: list[tuple[float, float | None]]) -> bool:
    """Whether the last epoch is to be kept: without validation rows always, unless it diverges."""
    if losses[-1][1] is None:
        return not _diverges(losses)
    return _judged(losses[-1]) < min(map(_judged, losses[:-1]))


def _best_epoch(losses: list[tuple[float, float | None]]) -> int:
    if losses[-1][1] is None:
        return len(losses) - (2 if _diverges(losses) else 1)
    judged = np.array([_judged(loss) for loss in losses])
    return int(np.nanargmin(np.where(np.isfinite(judged), judged, np.nan)))


def _diverges(losses: list[tuple[float, float | None]]) -> bool:
    last, first = losses[-1][0], losses[0][0]
    return not np.isfinite(last) or last > DIVERGED * max(first, np.finfo(np.float64).tiny)


def _row(loss: tuple[float, float | None]) -> dict[str, float]:
    return {"loss": loss[0]} | ({} if loss[1] is None else {"validation_loss": loss[1]})
