"""How good predictions are, by scikit-learn's definitions."""

import numpy as np
from sklearn import metrics

from models.tabular.layers import probabilities

HIGHER_IS_BETTER = {"r2", "accuracy", "f1_macro", "roc_auc"}


def of_numbers(truth: np.ndarray, said: np.ndarray) -> dict[str, float | None]:
    """R², mean absolute error and root mean squared error, in the target's unit. All (N,)."""
    return {
        # of one row, or rows of one value, no share can be explained
        "r2": float(metrics.r2_score(truth, said)) if np.ptp(truth) > 0 else None,
        "mae": float(metrics.mean_absolute_error(truth, said)),
        "rmse": float(metrics.root_mean_squared_error(truth, said)),
    }


def of_classes(truth: np.ndarray, said: np.ndarray) -> dict[str, float | None]:
    """Accuracy, macro F1, log loss, and area under the ROC curve (one against the rest, their mean).

    Args:
        truth: (N,) indices of classes.
        said: (N, K) probabilities.
    """
    likeliest, classes = said.argmax(axis=1), np.arange(said.shape[1])
    found: dict[str, float | None] = {
        "accuracy": float(metrics.accuracy_score(truth, likeliest)),
        "f1_macro": float(
            metrics.f1_score(truth, likeliest, average="macro", zero_division=0.0)  # type: ignore[arg-type]
        ),
        "log_loss": float(metrics.log_loss(truth, said, labels=classes)),
        "roc_auc": None,
    }
    present = [index for index in classes if 0 < (truth == index).sum() < len(truth)]
    if len(present) == len(classes):
        if len(classes) == 2:
            found["roc_auc"] = float(metrics.roc_auc_score(truth, said[:, 1]))
        else:
            areas = [metrics.roc_auc_score(truth == index, said[:, index]) for index in classes]
            found["roc_auc"] = float(np.mean(areas))
    return found


def baseline(truth: np.ndarray, of_training: np.ndarray, classes: int) -> dict[str, float | None]:
    """The same of who only knows the training rows' mean, or how frequent their classes are."""
    if not classes:
        return of_numbers(truth, np.full(len(truth), of_training.mean()))
    shares = np.bincount(of_training.astype(np.int64), minlength=classes) / len(of_training)
    return of_classes(truth, np.tile(shares, (len(truth), 1)))


def said_by(scores: np.ndarray, mean: float, spread: float, classes: int) -> np.ndarray:
    """Scores (N, K) to numbers in the target's unit (N,), or to probabilities (N, classes)."""
    return probabilities(scores) if classes else scores[:, 0] * spread + mean
