"""The worked examples and formulas of `gradient_descent` and `loss`."""

from math import exp, log

import numpy as np
import pytest
import torch
from torch import nn

from models.core.contract.progress import Progress
from models.tabular.architecture import layers_of, network
from models.tabular.exact_solution import Strength, critical_learning_rate, largest_curvature, solve
from models.tabular.gradient_descent import History, Plan, Problem, descend
from models.tabular.loss import mean_loss, penalty


def problem(x: list[float], y: list[float], classes: int = 0) -> Problem:
    return Problem(np.array(x)[:, None], np.array(y), np.empty((0, 1)), np.empty(0), classes)


def run(of: Problem, **plan: float) -> History:
    epochs = int(plan.pop("epochs", 1))
    return descend(of, Plan(epochs=epochs, seed=0, **plan), device="cpu", progress=Progress())  # pyright: ignore[reportArgumentType]


def test_the_worked_example_of_linear_regression() -> None:
    history = run(problem([-1, 0, 1], [-2, 0, 2]), learning_rate=0.5)
    ((weights, bias),) = history.layers

    assert weights.item() == pytest.approx(2 / 3)
    assert bias.item() == pytest.approx(0)
    assert [loss for loss, _ in history.losses] == pytest.approx([4 / 3, 16 / 27])


def test_the_worked_example_of_logistic_regression() -> None:
    history = run(problem([-1, 1], [0, 1], classes=2), learning_rate=1.0)
    ((weights, bias),) = history.layers

    assert weights.item() == pytest.approx(0.5)
    assert bias.item() == pytest.approx(0)
    assert [loss for loss, _ in history.losses] == pytest.approx([log(2), log(1 + exp(-0.5))])
    assert history.losses[1][0] == pytest.approx(0.474, abs=5e-4)
    assert 1 / (1 + exp(0.5)) == pytest.approx(0.378, abs=5e-4)


def test_the_penalty_pulls_the_weights_and_is_part_of_the_reported_loss() -> None:
    """One step from w = 2/3 with λ = 3: ∂J/∂w = -2/3 (2 - w) + λ/n w = -8/9 + 2/3."""
    of = problem([-1, 0, 1], [-2, 0, 2])
    history = run(of, learning_rate=0.5, epochs=2, penalty=3.0)
    ((weights, _),) = history.layers

    assert weights.item() == pytest.approx(2 / 3 - 0.5 * (-8 / 9 + 2 / 3))
    error = 2 - weights.item()
    squares = 3.0 / (2 * 3) * weights.item() ** 2
    assert history.losses[2][0] == pytest.approx(error**2 * 2 / 6 + squares)


@pytest.mark.parametrize("alpha", [0.5, 3.0])
def test_gradient_descent_minimizes_the_objective_of_ridge_regression(alpha: float) -> None:
    of = problem([-1, 0, 1], [-2, 0, 2])
    ((descended, _),) = run(of, learning_rate=0.5, epochs=200, penalty=alpha).layers
    ((exact, _),), _ = solve(of, "ridge regression", Strength("alpha", alpha))

    assert exact.item() == pytest.approx(4 / (2 + alpha))  # Σ x y / (Σ x² + alpha)
    assert descended.item() == pytest.approx(exact.item())


@pytest.mark.parametrize("strength", [0.5, 4.0])
def test_gradient_descent_minimizes_the_objective_of_logistic_regression(strength: float) -> None:
    of = problem([-2, -1, 0, 1, 2, 3], [0, 0, 1, 0, 1, 1], classes=2)
    descended = run(of, learning_rate=0.5, epochs=500, penalty=1 / strength).layers
    exact, _ = solve(of, "logistic regression", Strength("C", strength))

    for descended_values, exact_values in zip(descended[0], exact[0], strict=True):
        np.testing.assert_allclose(descended_values, exact_values, atol=1e-6)


def test_the_losses_follow_their_formulas() -> None:
    z, y = torch.tensor([[0.5], [-1.0]]), torch.tensor([1.0, 0.0])
    p = 1 / (1 + np.exp(-z[:, 0].numpy()))
    scores = torch.tensor([[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    softmax = np.exp(scores.numpy()) / np.exp(scores.numpy()).sum(axis=1, keepdims=True)

    assert mean_loss(z, y, 0).item() == pytest.approx((0.5**2 + 1.0**2) / 4)
    assert mean_loss(z, y, 2).item() == pytest.approx(-(np.log(p[0]) + np.log(1 - p[1])) / 2)
    assert mean_loss(scores, torch.tensor([1.0, 2.0]), 3).item() == pytest.approx(
        -(np.log(softmax[0, 1]) + np.log(softmax[1, 2])) / 2
    )


def test_the_penalty_is_the_sum_of_squared_weights_without_the_bias() -> None:
    model = nn.Sequential(nn.Linear(2, 1))
    layer = model[0]
    assert isinstance(layer, nn.Linear)
    with torch.no_grad():
        layer.weight[:] = torch.tensor([[3.0, 4.0]])
        layer.bias[:] = 100.0

    assert penalty(model, 2.0, rows=5).item() == pytest.approx(2.0 / (2 * 5) * 25)


def test_the_largest_curvature_is_the_limit_of_the_learning_rate() -> None:
    of = problem([-2, 0, 2], [-2, 0, 2])  # XᵀX / n = diag(8/3, 1)
    limit = 2 / largest_curvature(of)

    assert limit == pytest.approx(3 / 4)
    assert run(of, learning_rate=0.95 * limit, epochs=200).diverged_at is None
    assert run(of, learning_rate=1.05 * limit, epochs=200).diverged_at is not None


def test_a_network_has_the_layers_of_its_widths_and_starts_from_its_seed() -> None:
    first, second = (layers_of(network(4, (16, 16), 3, "relu", seed)) for seed in (0, 1))

    assert [weights.shape for weights, _ in first] == [(4, 16), (16, 16), (16, 3)]
    assert not np.array_equal(first[0][0], second[0][0])
    assert np.array_equal(first[0][0], layers_of(network(4, (16, 16), 3, "relu", 0))[0][0])


@pytest.mark.parametrize("alpha", [0.0, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("columns", [2, 1_600])
def test_the_critical_learning_rate_is_two_over_the_largest_eigenvalue_of_the_objective(
    alpha: float, columns: int
) -> None:
    x = np.random.default_rng(0).normal(size=(40, columns))
    of = Problem(x, x[:, 0], np.empty((0, columns)), np.empty(0), 0)
    with_bias = np.column_stack([x, np.ones(40)])
    hessian = with_bias.T @ with_bias / 40 + alpha / 40 * np.diag([1.0] * columns + [0.0])

    assert critical_learning_rate(of, alpha) == pytest.approx(2 / np.linalg.eigvalsh(hessian)[-1], rel=1e-6)
