"""Gradient descent: the visible loop that trains the network and that is shown beside an exact solution.

Each step moves every weight against the gradient of J (see `loss`), by the learning rate η:

    w ← w - η · ∂J/∂w        for a linear model: ∂L/∂w = 1/n · Σ (ŷᵢ - yᵢ) xᵢ,   ∂L/∂b = 1/n · Σ (ŷᵢ - yᵢ)

A penalty adds λ/n · w to ∂L/∂w. For logistic regression the same formula holds with the probability pᵢ in
place of ŷᵢ. For a network, backpropagation (`backward`) applies the chain rule layer by layer.

A linear or logistic model starts at zero and takes one step per epoch, on all training rows. A network
starts at random weights, takes one step of Adam per mini-batch, and keeps the weights of the epoch with the
lowest validation loss.

Worked example: the rows x = (-1, 0, 1) with y = (-2, 0, 2), from w = b = 0, with η = 0.5.

    ŷ = (0, 0, 0)       L = (4 + 0 + 4) / (2 · 3) = 4/3
    ∂L/∂w = ((0 + 2)(-1) + 0 + (0 - 2)(1)) / 3 = -4/3       ∂L/∂b = (2 + 0 - 2) / 3 = 0
    w ← 0 + 0.5 · 4/3 = 2/3                                 b ← 0
    ŷ = (-2/3, 0, 2/3)  L = (16/9 + 0 + 16/9) / 6 = 16/27: smaller than 4/3, and on the way to w = 2, L = 0

And for two classes, x = (-1, 1) with y = (0, 1), from w = b = 0, with η = 1.

    p = (½, ½)          L = ln 2 ≈ 0.693
    ∂L/∂w = ((½ - 0)(-1) + (½ - 1)(1)) / 2 = -½             w ← ½
    p = (sigmoid(-½), sigmoid(½)) ≈ (0.378, 0.622)          L = ln(1 + e^(-½)) ≈ 0.474
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress
from models.core.training.loop import save_if_due
from models.core.training.state import State
from models.tabular.architecture import Layers, layers_of, network
from models.tabular.loss import mean_loss, penalty

MAX_SNAPSHOTS = 30
MAX_SNAPSHOT_NUMBERS = 100_000  # of all snapshots together
DIVERGED = 1e6  # times the loss at the start

Loss = tuple[float, float | None]  # on the training rows, on the validation rows (None: there are none)


@dataclass(frozen=True)
class Problem:
    """Matrices (N, D) and targets (N,): scaled numbers or, if there are `classes`, their indices."""

    x: np.ndarray
    y: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    classes: int
    class_weights: np.ndarray | None = None  # (classes,); None: all rows count alike

    @property
    def outputs(self) -> int:
        """Number of scores: one is enough for a number, and for two classes."""
        return self.classes if self.classes > 2 else 1


@dataclass(frozen=True)
class Plan:
    """How to train."""

    epochs: int
    learning_rate: float
    seed: int
    widths: tuple[int, ...] = ()  # of the hidden layers; empty: a linear or logistic model
    activation: str = "relu"
    batch_size: int | None = None  # None: all rows
    penalty: float = 0.0  # λ
    keeps_snapshots: bool = False


@dataclass(frozen=True)
class History:
    """The course of a training. Epoch 0 is the state before the first step."""

    layers: Layers  # of the epoch with the lowest validation loss; without validation rows, of the last one
    losses: tuple[Loss, ...]  # by epoch: J on the training rows, L on the validation rows
    best_epoch: int
    diverged_at: int | None = None
    snapshots: tuple[tuple[int, Layers], ...] = field(default=())


def snapshot_epochs(epochs: int) -> list[int]:
    """Up to `MAX_SNAPSHOTS` epochs, denser at the start, where most of the change happens."""
    spaced = np.unique(np.geomspace(1, epochs, MAX_SNAPSHOTS - 1).round().astype(int))
    return [0, *spaced.tolist()]


def descend(
    problem: Problem, plan: Plan, *, device: str, progress: Progress, checkpoint: Path | None = None
) -> History:
    """Train for `plan.epochs`, or until the loss diverges.

    A training resumed from `checkpoint` ends exactly as one that was never interrupted.
    """
    data = _Data(problem, plan.penalty, device)
    model = network(problem.x.shape[1], plan.widths, problem.outputs, plan.activation, plan.seed).to(device)
    best = copy.deepcopy(model)
    snapshots = _empty_snapshots(model, plan)
    adam = torch.optim.Adam(model.parameters(), lr=plan.learning_rate) if plan.widths else None
    kept = {f"snapshot{epoch}": each for epoch, each in snapshots.items()}
    state = State({"model": model, "best": best, **kept}, {} if adam is None else {"steps": adam})
    losses = [data.measure(model)]
    if checkpoint and checkpoint.exists():
        state.load(checkpoint)
        losses = [(each[0], each[1]) for each in files.load(checkpoint)[0]["losses"]]
    while state.step < plan.epochs and not _has_diverged(losses):
        for rows in _batches(len(problem.x), plan, state.step, device):
            model.zero_grad()
            data.objective(model, rows).backward()
            if adam is None:
                step_downhill(model, plan.learning_rate)
            else:
                adam.step()
        state.step += 1
        losses.append(data.measure(model))
        if _is_best(losses):
            best.load_state_dict(model.state_dict())
        if state.step in snapshots:
            snapshots[state.step].load_state_dict(model.state_dict())
        progress(state.step, plan.epochs, _metrics(losses[-1]))
        save_if_due(state, {"architecture": "tabular-checkpoint", "losses": losses}, checkpoint, progress)
    has_diverged = _has_diverged(losses)
    reached = [(epoch, layers_of(each)) for epoch, each in snapshots.items() if epoch <= state.step]
    return History(
        layers=layers_of(best),
        losses=tuple(losses),
        best_epoch=_best_epoch(losses),
        diverged_at=state.step if has_diverged else None,
        snapshots=tuple(reached[:-1] if has_diverged and reached else reached),
    )


class _Data:
    """The rows of a problem as tensors, and the losses on them."""

    def __init__(self, problem: Problem, penalty_strength: float, device: str):
        arrays = [problem.x, problem.y, problem.x_validation, problem.y_validation]
        tensors = (torch.from_numpy(part).double().to(device) for part in arrays)
        self.x, self.y, self.x_validation, self.y_validation = tensors
        self.classes, self.penalty = problem.classes, penalty_strength
        weights = problem.class_weights
        self.class_weights = None if weights is None else torch.from_numpy(weights).to(device)

    def objective(self, model: nn.Sequential, rows: torch.Tensor | slice) -> torch.Tensor:
        """J, the mean loss of these training rows plus the penalty."""
        loss = mean_loss(model(self.x[rows]), self.y[rows], self.classes, self.class_weights)
        return loss + penalty(model, self.penalty, len(self.x)) if self.penalty else loss

    @torch.no_grad()
    def measure(self, model: nn.Sequential) -> Loss:
        """J on all training rows, and L on the validation rows."""
        training = self.objective(model, slice(None)).item()
        if len(self.x_validation) == 0:
            return training, None
        scores = model(self.x_validation)
        return training, mean_loss(scores, self.y_validation, self.classes, self.class_weights).item()


@torch.no_grad()
def step_downhill(model: nn.Sequential, learning_rate: float) -> None:
    """w ← w - η · ∂J/∂w. Not by torch.optim, whose first use loads a compiler for seven seconds."""
    for value in model.parameters():
        value -= learning_rate * value.grad  # type: ignore[operator]


def _empty_snapshots(model: nn.Sequential, plan: Plan) -> dict[int, nn.Sequential]:
    """A copy of the model for each epoch to be shown; none where they would take too much memory."""
    epochs = snapshot_epochs(plan.epochs) if plan.keeps_snapshots else []
    numbers = sum(value.numel() for value in model.parameters())
    if numbers * len(epochs) > MAX_SNAPSHOT_NUMBERS:
        return {}
    return {epoch: copy.deepcopy(model) for epoch in epochs}


def _batches(rows: int, plan: Plan, epoch: int, device: str) -> Sequence[torch.Tensor]:
    """All rows once, in a new random order for each epoch."""
    order = torch.from_numpy(np.random.default_rng([plan.seed, epoch]).permutation(rows)).to(device)
    return order.split(plan.batch_size or rows)


def _selection_loss(loss: Loss) -> float:
    """The loss that epochs are compared by: validation, or training if there are no validation rows."""
    return loss[0] if loss[1] is None else loss[1]


def _is_best(losses: list[Loss]) -> bool:
    """Whether the last epoch is the one to keep; without validation rows always, unless it diverged."""
    if losses[-1][1] is None:
        return not _has_diverged(losses)
    return _selection_loss(losses[-1]) < min(map(_selection_loss, losses[:-1]))


def _best_epoch(losses: list[Loss]) -> int:
    if losses[-1][1] is None:
        return len(losses) - (2 if _has_diverged(losses) else 1)
    compared = np.array([_selection_loss(loss) for loss in losses])
    return int(np.nanargmin(np.where(np.isfinite(compared), compared, np.nan)))


def _has_diverged(losses: list[Loss]) -> bool:
    last, first = losses[-1][0], losses[0][0]
    return not np.isfinite(last) or last > DIVERGED * max(first, np.finfo(np.float64).tiny)


def _metrics(loss: Loss) -> dict[str, float]:
    return {"loss": loss[0]} | ({} if loss[1] is None else {"validation_loss": loss[1]})
