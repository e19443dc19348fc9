"""Quality of predictions, by scikit-learn's definitions."""

import numpy as np
from sklearn import metrics


def quality(actual: np.ndarray, predicted: np.ndarray, classes: int) -> dict[str, float | None]:
    """All metrics of these rows. `classes`: how many; 0 for numbers."""
    return classification_quality(actual, predicted) if classes else regression_quality(actual, predicted)


def regression_quality(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    """R², mean absolute error and root mean squared error, the errors in the target's unit. All (N,).

    R² = 1 - Σ (yᵢ - ŷᵢ)² / Σ (yᵢ - ȳ)²       MAE = 1/N Σ |yᵢ - ŷᵢ|       RMSE = √(1/N Σ (yᵢ - ŷᵢ)²)
    """
    return {
        # undefined where all values are equal, as in a single row
        "r2": float(metrics.r2_score(actual, predicted)) if np.ptp(actual) > 0 else None,
        "mae": float(metrics.mean_absolute_error(actual, predicted)),
        "rmse": float(metrics.root_mean_squared_error(actual, predicted)),
    }


def classification_quality(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    """Accuracy, macro F1, log loss, and the area under the ROC curve.

    With more than two classes, the area is the mean over the classes, each against the rest.

    Args:
        actual: (N,) indices of the classes.
        predicted: (N, K) class probabilities.
    """
    likeliest, classes = predicted.argmax(axis=1), np.arange(predicted.shape[1])
    values: dict[str, float | None] = {
        "accuracy": float(metrics.accuracy_score(actual, likeliest)),
        "f1_macro": float(
            metrics.f1_score(actual, likeliest, average="macro", zero_division=0.0)  # type: ignore[arg-type]
        ),
        "log_loss": float(metrics.log_loss(actual, predicted, labels=classes)),
        "roc_auc": None,
    }
    present = [index for index in classes if 0 < (actual == index).sum() < len(actual)]
    if len(present) == len(classes):
        if len(classes) == 2:
            values["roc_auc"] = float(metrics.roc_auc_score(actual, predicted[:, 1]))
        else:
            areas = [metrics.roc_auc_score(actual == index, predicted[:, index]) for index in classes]
            values["roc_auc"] = float(np.mean(areas))
    return values


def baseline_quality(actual: np.ndarray, training: np.ndarray, classes: int) -> dict[str, float | None]:
    """The quality without features: predicting the training rows' mean, or the shares of their classes."""
    if not classes:
        return regression_quality(actual, np.full(len(actual), training.mean()))
    shares = np.bincount(training.astype(np.int64), minlength=classes) / len(training)
    return classification_quality(actual, np.tile(shares, (len(actual), 1)))
