"""Predictions held against the truth, as pictures."""

from typing import Any

import numpy as np
from sklearn import metrics

from models.core.contract.card import Kind
from models.core.contract.prediction import Stage
from models.tabular.fitted import Fitted
from models.tabular.inspection import stage_texts
from models.tabular.inspection.rounding import short

MOST_POINTS = 1_000
MOST_THRESHOLDS = 200  # points of a curve that are drawn
MOST_CURVES = 12  # classes that get one
BINS = 10  # of calibration


def judged_stages(
    model: Fitted, truth: np.ndarray, said: np.ndarray, rows: np.ndarray, of: str
) -> list[Stage]:
    """For n rows with known truth; `rows` is where they stand in the file, `of` what they are."""
    if not model.classes:
        return [predicted_stage(model, truth, said, rows, of), residuals_stage(model, truth, said, rows, of)]
    stages = [confusion_stage(model, truth, said, of)]
    both = [index for index in range(len(model.classes)) if 0 < (truth == index).sum() < len(truth)]
    if len(model.classes) == 2:
        both = both[1:]  # the curves of the other class say the same
    if both:
        stages += [
            roc_stage(model, truth, said, both[:MOST_CURVES]),
            precision_stage(model, truth, said, both[:MOST_CURVES]),
            calibration_stage(model, truth, said, both[:MOST_CURVES]),
        ]
    return stages


def predicted_stage(model: Fitted, truth: np.ndarray, said: np.ndarray, rows: np.ndarray, of: str) -> Stage:
    """Predicted across, true upwards."""
    ends = [short(float(min(said.min(), truth.min()))), short(float(max(said.max(), truth.max())))]
    line = {"name": "right", "x": ends, "y": ends}
    labels = ("predicted " + model.target, "true " + model.target)
    data = _scatter(labels, said, truth, rows, of, line)
    code = "models.tabular.fitted.Fitted.said"
    return Stage("predicted", Kind.SCATTER, "Predicted and true", stage_texts.PREDICTED, data, code=code)


def residuals_stage(model: Fitted, truth: np.ndarray, said: np.ndarray, rows: np.ndarray, of: str) -> Stage:
    """Predicted across, what is left over upwards."""
    line = {"name": "right", "x": [short(float(said.min())), short(float(said.max()))], "y": [0, 0]}
    data = _scatter(("predicted " + model.target, "residual"), said, truth - said, rows, of, line)
    code = "models.tabular.fitted.Fitted.said"
    return Stage("residuals", Kind.SCATTER, "Residuals", stage_texts.RESIDUALS, data, code=code)


def _scatter(
    labels: tuple[str, str], x: np.ndarray, y: np.ndarray, rows: np.ndarray, of: str, line: dict[str, Any]
) -> dict[str, Any]:
    drawn = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).round().astype(int))
    return {
        "x_label": labels[0],
        "y_label": labels[1],
        "total": len(x),
        "groups": [of],
        "rows": rows[drawn].tolist(),
        "points": [[short(float(x[place])), short(float(y[place]))] for place in drawn],
        "labels": [0] * len(drawn),
        "measures": [],
        "steps": [{"name": "fit", "lines": [line], "values": []}],
    }


def confusion_stage(model: Fitted, truth: np.ndarray, said: np.ndarray, of: str) -> Stage:
    """True classes down, said ones across."""
    classes = list(range(len(model.classes)))
    counts = metrics.confusion_matrix(truth.astype(np.int64), said.argmax(axis=1), labels=classes)
    data = {"labels": list(model.classes), "counts": counts.tolist(), "total": len(truth), "of": of}
    code = "models.tabular.inspection.evaluation_stages.confusion_stage"
    return Stage(
        "confusion", Kind.CONFUSION_MATRIX, "Confusion matrix", stage_texts.CONFUSION, data, code=code
    )


def roc_stage(model: Fitted, truth: np.ndarray, said: np.ndarray, classes: list[int]) -> Stage:
    """True positives over false positives, each class against the rest."""
    series = []
    for index in classes:
        false, true, _ = metrics.roc_curve(truth == index, said[:, index])
        area = metrics.roc_auc_score(truth == index, said[:, index])
        series.append(_line(f"{model.classes[index]} ({area:.3f})", false, true))
    series.append({"name": "guessing", "x": [0, 1], "y": [0, 1]})
    labels = ("false positives, share", "true positives, share")
    return _curve("roc", "ROC", stage_texts.ROC, labels, series)


def precision_stage(model: Fitted, truth: np.ndarray, said: np.ndarray, classes: list[int]) -> Stage:
    """Precision over recall, each class against the rest."""
    series = []
    for index in classes:
        precision, recall, _ = metrics.precision_recall_curve(truth == index, said[:, index])
        mean = metrics.average_precision_score(truth == index, said[:, index])
        series.append(_line(f"{model.classes[index]} ({mean:.3f})", recall[::-1], precision[::-1]))
        if len(classes) == 1:
            share = round(float((truth == index).mean()), 4)
            series.append({"name": "guessing", "x": [0, 1], "y": [share, share]})
    return _curve(
        "precision", "Precision and recall", stage_texts.PRECISION_RECALL, ("recall", "precision"), series
    )


def calibration_stage(model: Fitted, truth: np.ndarray, said: np.ndarray, classes: list[int]) -> Stage:
    """How often a class was true over how probable it was said to be, in ten bins of equal width."""
    series = []
    for index in classes:
        bins = np.minimum((said[:, index] * BINS).astype(int), BINS - 1)
        filled = [each for each in range(BINS) if (bins == each).any()]
        means = [round(float(said[bins == each, index].mean()), 4) for each in filled]
        shares = [round(float((truth[bins == each] == index).mean()), 4) for each in filled]
        series.append({"name": model.classes[index], "x": means, "y": shares})
    series.append({"name": "as it should be", "x": [0, 1], "y": [0, 1]})
    labels = ("said probability", "share that is so")
    return _curve("calibration", "Calibration", stage_texts.CALIBRATION, labels, series)


def _line(name: str, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Of thresholds with the same x the one with the highest y, as no other would be chosen."""
    across, groups = np.unique(x.round(4), return_inverse=True)
    best = np.zeros(len(across))
    np.maximum.at(best, groups, y)
    drawn = np.unique(np.linspace(0, len(across) - 1, min(len(across), MOST_THRESHOLDS)).round().astype(int))
    return {"name": name, "x": across[drawn].tolist(), "y": best[drawn].round(4).tolist()}


def _curve(
    name: str, title: str, explanation: str, labels: tuple[str, str], series: list[dict[str, Any]]
) -> Stage:
    data = {"x_label": labels[0], "y_label": labels[1], "series": series}
    return Stage(
        name,
        Kind.CURVE,
        title,
        explanation,
        data,
        code=f"models.tabular.inspection.evaluation_stages.{name}_stage",
    )
