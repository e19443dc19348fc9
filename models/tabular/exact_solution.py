"""Exact solutions by scikit-learn, on scaled features, for all methods but the network.

    linear regression      ŵ = argmin Σ (yᵢ - xᵢ·w - b)²
    ridge regression       ŵ = argmin Σ (yᵢ - xᵢ·w - b)² + alpha ‖w‖²
    logistic regression    ŵ = argmin C Σ (log loss) + ½ ‖w‖²

The bias b is not penalized. With X and y centered, linear regression is ŵ = (XᵀX)⁻¹ Xᵀy and ridge regression
ŵ = (XᵀX + alpha I)⁻¹ Xᵀy; logistic regression has no closed form and is solved by L-BFGS.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from models.core.contract.messages import Message, Text
from models.tabular.architecture import Layers
from models.tabular.gradient_descent import Problem

MAX_ITERATIONS = 10_000
TOLERANCE = 1e-8  # of the gradient, where logistic regression stops
NOT_CONVERGED = Text(
    "tabular.notes.not_converged", "scikit-learn did not converge within {iterations:,} iterations."
)


def solve(
    problem: Problem, method: str, *, alpha: float, inverse_regularization: float
) -> tuple[Layers, tuple[Message, ...]]:
    """The model's only layer, and notes on how it was found."""
    if method == "logistic regression":
        model = LogisticRegression(C=inverse_regularization, max_iter=MAX_ITERATIONS, tol=TOLERANCE)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model.fit(problem.x, problem.y.astype(np.int64))
        notes = (NOT_CONVERGED(iterations=MAX_ITERATIONS),) if caught else ()
        return ((model.coef_.T.copy(), np.atleast_1d(model.intercept_).copy()),), notes
    linear = Ridge(alpha=alpha) if method == "ridge regression" else LinearRegression()
    linear.fit(problem.x, problem.y)
    return ((np.reshape(linear.coef_, (-1, 1)).copy(), np.atleast_1d(linear.intercept_).copy()),), ()


def largest_curvature(problem: Problem) -> float:
    """The largest eigenvalue λ of the Hessian of L; the penalty is not included.

    Gradient descent goes downhill with any learning rate below 2 / λ (Boyd and Vandenberghe, 9.3). For half
    the MSE the Hessian is XᵀX / n, with a column of ones in X for the bias. For the log loss it depends on
    the weights and is at most a quarter of that for two classes, and half of it for more.
    """
    x = np.column_stack([problem.x, np.ones(len(problem.x))])
    gram = x.T @ x if x.shape[1] <= len(x) else x @ x.T  # the same eigenvalues, and the smaller matrix
    largest = float(np.linalg.eigvalsh(gram)[-1]) / len(x)
    return largest * {0: 1.0, 2: 0.25}.get(problem.classes, 0.5)
