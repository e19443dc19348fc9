"""The exact solutions, by scikit-learn, on scaled features."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from models.tabular.layers import Layers
from models.tabular.learn import Problem

MOST_ITERATIONS = 10_000
TOLERANCE = 1e-8  # of the gradient, where logistic regression stops


def solve(problem: Problem, method: str, *, alpha: float, freedom: float) -> tuple[Layers, str]:
    """The model's only layer, and what is to be said of it."""
    if method == "logistic regression":
        model = LogisticRegression(C=freedom, max_iter=MOST_ITERATIONS, tol=TOLERANCE)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model.fit(problem.x, problem.y.astype(np.int64))
        note = f"scikit-learn had not settled after {MOST_ITERATIONS:,} iterations." if caught else ""
        return ((model.coef_.T.copy(), np.atleast_1d(model.intercept_).copy()),), note
    linear = Ridge(alpha=alpha) if method == "ridge regression" else LinearRegression()
    linear.fit(problem.x, problem.y)
    return ((np.reshape(linear.coef_, (-1, 1)).copy(), np.atleast_1d(linear.intercept_).copy()),), ""


def curvature(problem: Problem) -> float:
    """The greatest curvature of the loss: steps of up to 2 / this go downhill (Boyd and Vandenberghe, 9.3).

    For the log loss an upper bound: a quarter of that of squares for two classes, half for more.
    """
    x = np.column_stack([problem.x, np.ones(len(problem.x))])
    small = x.T @ x if x.shape[1] <= len(x) else x @ x.T
    greatest = float(np.linalg.eigvalsh(small)[-1]) / len(x)
    return greatest * {0: 1.0, 2: 0.25}.get(problem.classes, 0.5)
