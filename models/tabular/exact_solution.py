"""Exact solutions by scikit-learn, on scaled features, for all methods but the network.

    linear regression      ŵ = argmin Σ (yᵢ - xᵢ·w - b)²
    ridge regression       ŵ = argmin Σ (yᵢ - xᵢ·w - b)² + alpha ‖w‖²
    logistic regression    ŵ = argmin C Σ (log loss) + ½ ‖w‖²      the losses by the weights of the classes

The bias b is not penalized. With X and y centered, linear regression is ŵ = (XᵀX)⁻¹ Xᵀy and ridge regression
ŵ = (XᵀX + alpha I)⁻¹ Xᵀy; logistic regression has no closed form and is solved by L-BFGS.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from models.core.contract.messages import Message, Text
from models.tabular.architecture import Layers
from models.tabular.gradient_descent import Problem

NAMES = {"ridge regression": "alpha", "logistic regression": "C"}  # of the strength of a penalty
DENSE = 1_500  # columns up to which all eigenvalues are computed

MAX_ITERATIONS = 10_000
TOLERANCE = 1e-8  # of the gradient, where logistic regression stops
NOT_CONVERGED = Text(
    "tabular.notes.not_converged", "scikit-learn did not converge within {iterations:,} iterations."
)


@dataclass(frozen=True)
class Strength:
    """The strength of a penalty, as the method's param has it."""

    name: str  # alpha or C
    value: float
    tried: tuple[tuple[float, float], ...] = ()  # (value, validation loss) of every candidate

    @property
    def penalty(self) -> float:
        """λ in J = L + λ / (2n) ‖w‖²."""
        return self.value if self.name == "alpha" else 1.0 / self.value

    def to_json(self) -> dict[str, Any]:
        tried = [{"value": value, "validation_loss": loss} for value, loss in self.tried]
        return {"name": self.name, "value": self.value, "tried": tried}


def solve(problem: Problem, method: str, strength: Strength | None) -> tuple[Layers, tuple[Message, ...]]:
    """The model's only layer, and notes on how it was found. `strength`: of the penalty, if there is one."""
    if method == "logistic regression":
        weights = None if problem.class_weights is None else dict(enumerate(problem.class_weights))
        model = LogisticRegression(
            C=strength.value if strength else 1.0,
            class_weight=weights,
            max_iter=MAX_ITERATIONS,
            tol=TOLERANCE,
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model.fit(problem.x, problem.y.astype(np.int64))
        notes = (NOT_CONVERGED(iterations=MAX_ITERATIONS),) if caught else ()
        return ((model.coef_.T.copy(), np.atleast_1d(model.intercept_).copy()),), notes
    linear = Ridge(alpha=strength.value) if strength else LinearRegression()
    linear.fit(problem.x, problem.y)
    return ((np.reshape(linear.coef_, (-1, 1)).copy(), np.atleast_1d(linear.intercept_).copy()),), ()


def critical_learning_rate(problem: Problem, penalty: float) -> float:
    """2 / (the largest curvature of J): below it every step of gradient descent goes downhill.

    For half the MSE the curvature is the same everywhere, so that above this rate every step overshoots by
    more than the one before. For the log loss it is an upper bound, and a higher rate may still converge.
    """
    return 2.0 / largest_curvature(problem, penalty)


def largest_curvature(problem: Problem, penalty: float = 0.0) -> float:
    """The largest eigenvalue of the Hessian of J = L + penalty / (2n) ‖w‖² (Boyd and Vandenberghe, 9.3).

    For half the MSE the Hessian is XᵀX / n + penalty / n · I, with a column of ones in X for the bias, whose
    diagonal element has no penalty. For the log loss it depends on the weights; the part of L is at most a
    quarter of XᵀX / n for two classes and half of it for more, the rows by the weights of their classes.
    """
    rows = len(problem.x)
    x = np.column_stack([problem.x, np.ones(rows)]) * np.sqrt(
        {0: 1.0, 2: 0.25}.get(problem.classes, 0.5) / rows
    )
    if problem.class_weights is not None:
        x *= np.sqrt(problem.class_weights[problem.y.astype(np.int64)])[:, None]
    ridge = np.full(x.shape[1], penalty / rows)
    ridge[-1] = 0.0
    if x.shape[1] <= DENSE:
        return float(np.linalg.eigvalsh(x.T @ x + np.diag(ridge))[-1])
    operator: Any = LinearOperator  # its stubs lack the arguments of this form
    hessian = operator((len(ridge), len(ridge)), matvec=lambda v: x.T @ (x @ v) + ridge * v, dtype=x.dtype)
    # a fixed start: the same table gives the same digits
    start = np.random.default_rng(0).normal(size=len(ridge))
    largest = eigsh(hessian, k=1, which="LA", v0=start, return_eigenvectors=False)
    return float(largest[0])
