"""Multinomial logistic regression, fitted exactly: what `LogisticRegression` of scikit-learn computes.

Book: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd edition, section 4.4.
Newton's method with conjugate gradients (Nocedal and Wright, Numerical Optimization, algorithm 7.1). scikit-
learn takes seconds to import, which would be most of the time of a training; a test holds both equal.

The loss of N pictures with features x_i, classes y_i and weights a_i is

    C sum_i a_i (log sum_c exp z_ic - z_i,y_i) + |W|^2 / 2,    z_i = W x_i + b

With two classes scikit-learn fits one score, the difference of the two: |W|^2 then counts twice.

Shapes: N pictures, D features, C classes.
"""

from collections.abc import Callable

import numpy as np

TOLERANCE = 1e-7  # of the largest element of the gradient, per picture
NEWTON_STEPS, CONJUGATE_STEPS, HALVINGS = 60, 200, 30


def fit(
    x: np.ndarray,
    y: np.ndarray,
    classes: int,
    *,
    inverse_regularization: float = 1.0,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """W (C, D) and b (C,) that minimize the loss.

    Args:
        x: (N, D), standardized.
        y: (N,) indices of the classes.
        weights: (N,) of the pictures; None: 1 each.
    """
    # the optimum lies in the span of the pictures, which is smaller where there are fewer than features
    basis, inside = _span(x.astype(np.float64))
    importance = inverse_regularization * (np.ones(len(y)) if weights is None else weights)
    parameters = _minimize(inside, np.eye(classes)[y], importance, 2.0 if classes == 2 else 1.0)
    weight, bias = parameters[:-1].T @ basis, parameters[-1]
    return weight, bias - bias.mean()  # adding the same number to all logits changes nothing


def probabilities(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(N, C) the softmax of the logits."""
    return softmax(x @ weight.T + bias)


def softmax(z: np.ndarray) -> np.ndarray:
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def balanced_weights(y: np.ndarray, classes: int) -> np.ndarray:
    """(N,): N / (C n_c) for a picture of a class with n_c pictures, so that all classes weigh alike."""
    counts = np.bincount(y, minlength=classes)
    return len(y) / (np.count_nonzero(counts) * counts[y])


def _span(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An orthonormal basis (r, D) of the rows of `x`, and the rows in it (N, r)."""
    if len(x) >= x.shape[1]:
        return np.eye(x.shape[1]), x
    q, r = np.linalg.qr(x.T)
    return q.T, r.T


def _minimize(x: np.ndarray, truth: np.ndarray, importance: np.ndarray, penalty: float) -> np.ndarray:
    """(D + 1, C): the weights of each class as a column, its bias below."""
    x = np.column_stack([x, np.ones(len(x))])
    decay = np.full((x.shape[1], 1), penalty)
    decay[-1] = 0.0  # the bias is free
    a = importance[:, None]

    def loss(w: np.ndarray) -> float:
        z = x @ w
        peak = z.max(axis=1, keepdims=True)
        log_sum = peak[:, 0] + np.log(np.exp(z - peak).sum(axis=1))
        return float((importance * (log_sum - (z * truth).sum(axis=1))).sum() + 0.5 * (decay * w * w).sum())

    w = np.zeros((x.shape[1], truth.shape[1]))
    for _ in range(NEWTON_STEPS):
        p = softmax(x @ w)
        gradient = x.T @ (a * (p - truth)) + decay * w
        if np.abs(gradient).max() <= TOLERANCE * importance.sum():
            break

        def curvature(v: np.ndarray, p: np.ndarray = p) -> np.ndarray:
            """The Hessian times v."""
            s = x @ v
            return x.T @ (a * p * (s - (p * s).sum(axis=1, keepdims=True))) + decay * v

        direction = _conjugate_gradients(curvature, -gradient)
        slope, before, step = float((gradient * direction).sum()), loss(w), 1.0
        for _ in range(HALVINGS):
            if loss(w + step * direction) <= before + 1e-4 * step * slope:
                break
            step /= 2
        w = w + step * direction
    return w


def _conjugate_gradients(multiply: Callable[[np.ndarray], np.ndarray], target: np.ndarray) -> np.ndarray:
    """x with `multiply(x)` near `target`: the nearer, the smaller the target is."""
    x, residual = np.zeros_like(target), target.copy()
    direction, size = residual.copy(), float((residual**2).sum())
    enough = size * min(0.25, size**0.5) ** 2
    for _ in range(CONJUGATE_STEPS):
        image = multiply(direction)
        along = float((direction * image).sum())
        if along <= 0 or size <= enough:
            break
        x += size / along * direction
        residual -= size / along * image
        before, size = size, float((residual**2).sum())
        direction = residual + size / before * direction
    return x
