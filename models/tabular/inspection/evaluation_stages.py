"""Predictions compared with the actual values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn import metrics

from models.core.contract.card import Kind
from models.core.contract.messages import Message
from models.core.contract.prediction import Stage
from models.tabular.fitted_model import FittedModel
from models.tabular.inspection import stage_texts
from models.tabular.inspection.rounding import six_digits

MAX_POINTS = 1_000
MAX_THRESHOLDS = 200  # points of a curve that are drawn
MAX_CURVES = 12  # one for each class
BINS = 10  # of the calibration


def evaluation_stages(
    model: FittedModel, actual: np.ndarray, predicted: np.ndarray, rows: np.ndarray, rows_name: Message
) -> list[Stage]:
    """For n rows whose actual value is known; `rows` are their row numbers in the file."""
    if not model.classes:
        return [
            predicted_stage(model, actual, predicted, rows, rows_name),
            residuals_stage(model, actual, predicted, rows, rows_name),
        ]
    stages = [confusion_stage(model, actual, predicted, rows_name)]
    separable = [index for index in range(len(model.classes)) if 0 < (actual == index).sum() < len(actual)]
    if len(model.classes) == 2:
        separable = separable[1:]  # the curves of the first class have the same information
    if separable:
        stages += [
            roc_stage(model, actual, predicted, separable[:MAX_CURVES]),
            precision_stage(model, actual, predicted, separable[:MAX_CURVES]),
            calibration_stage(model, actual, predicted, separable[:MAX_CURVES]),
        ]
    return stages


def predicted_stage(
    model: FittedModel, actual: np.ndarray, predicted: np.ndarray, rows: np.ndarray, rows_name: Message
) -> Stage:
    """Predicted values on the x-axis, actual values on the y-axis."""
    low, high = min(predicted.min(), actual.min()), max(predicted.max(), actual.max())
    ends = [six_digits(float(low)), six_digits(float(high))]
    line = {"name": stage_texts.EQUAL(), "x": ends, "y": ends}
    labels = (
        stage_texts.PREDICTED_TARGET(target=model.target),
        stage_texts.ACTUAL_TARGET(target=model.target),
    )
    return Stage(
        "predicted",
        Kind.SCATTER,
        stage_texts.PREDICTED_TITLE(),
        stage_texts.PREDICTED(),
        _scatter(labels, predicted, actual, rows, rows_name, line),
        code="models.tabular.fitted_model.FittedModel.predict",
    )


def residuals_stage(
    model: FittedModel, actual: np.ndarray, predicted: np.ndarray, rows: np.ndarray, rows_name: Message
) -> Stage:
    """Predicted values on the x-axis, residuals on the y-axis."""
    ends = [six_digits(float(predicted.min())), six_digits(float(predicted.max()))]
    line = {"name": stage_texts.EQUAL(), "x": ends, "y": [0, 0]}
    labels = (stage_texts.PREDICTED_TARGET(target=model.target), stage_texts.RESIDUAL())
    return Stage(
        "residuals",
        Kind.SCATTER,
        stage_texts.RESIDUALS_TITLE(),
        stage_texts.RESIDUALS(),
        _scatter(labels, predicted, actual - predicted, rows, rows_name, line),
        code="models.tabular.inspection.evaluation_stages.residuals_stage",
    )


def _scatter(
    labels: tuple[Message, Message],
    x: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    rows_name: Message,
    line: dict[str, Any],
) -> dict[str, Any]:
    drawn = evenly_chosen(len(x), MAX_POINTS)
    return {
        "x_label": labels[0],
        "y_label": labels[1],
        "total": len(x),
        "groups": [rows_name],
        "rows": rows[drawn].tolist(),
        "points": [[six_digits(float(x[index])), six_digits(float(y[index]))] for index in drawn],
        "labels": [0] * len(drawn),
        "measures": [],
        "steps": [{"name": stage_texts.FIT(), "lines": [line], "values": []}],
    }


def evenly_chosen(count: int, most: int) -> np.ndarray:
    """Up to `most` of `count` indices, evenly spaced."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def confusion_stage(
    model: FittedModel, actual: np.ndarray, predicted: np.ndarray, rows_name: Message
) -> Stage:
    """Actual classes in rows, predicted classes in columns."""
    classes = list(range(len(model.classes)))
    counts = metrics.confusion_matrix(actual.astype(np.int64), predicted.argmax(axis=1), labels=classes)
    return Stage(
        "confusion",
        Kind.CONFUSION_MATRIX,
        stage_texts.CONFUSION_TITLE(),
        stage_texts.CONFUSION(),
        {"labels": list(model.classes), "counts": counts.tolist(), "total": len(actual), "of": rows_name},
        code="models.tabular.inspection.evaluation_stages.confusion_stage",
    )


def roc_stage(model: FittedModel, actual: np.ndarray, predicted: np.ndarray, classes: list[int]) -> Stage:
    """True positive rate over false positive rate, each class against the rest."""
    series = []
    for index in classes:
        false_rate, true_rate, _ = metrics.roc_curve(actual == index, predicted[:, index])
        area = metrics.roc_auc_score(actual == index, predicted[:, index])
        series.append(
            _curve(
                stage_texts.CLASS_AND_FIGURE(name=model.classes[index], figure=round(float(area), 3)),
                false_rate,
                true_rate,
            )
        )
    series.append({"name": stage_texts.GUESSING(), "x": [0, 1], "y": [0, 1]})
    labels = (stage_texts.FALSE_POSITIVE_RATE(), stage_texts.TRUE_POSITIVE_RATE())
    return _curve_stage("roc", stage_texts.ROC_TITLE(), stage_texts.ROC(), labels, series)


def precision_stage(
    model: FittedModel, actual: np.ndarray, predicted: np.ndarray, classes: list[int]
) -> Stage:
    """Precision over recall, each class against the rest."""
    series = []
    for index in classes:
        precision, recall, _ = metrics.precision_recall_curve(actual == index, predicted[:, index])
        mean = metrics.average_precision_score(actual == index, predicted[:, index])
        series.append(
            _curve(
                stage_texts.CLASS_AND_FIGURE(name=model.classes[index], figure=round(float(mean), 3)),
                recall[::-1],
                precision[::-1],
            )
        )
        if len(classes) == 1:
            share = round(float((actual == index).mean()), 4)
            series.append({"name": stage_texts.GUESSING(), "x": [0, 1], "y": [share, share]})
    labels = (stage_texts.RECALL_AXIS(), stage_texts.PRECISION_AXIS())
    title, explanation = stage_texts.PRECISION_TITLE(), stage_texts.PRECISION()
    return _curve_stage("precision", title, explanation, labels, series)


def calibration_stage(
    model: FittedModel, actual: np.ndarray, predicted: np.ndarray, classes: list[int]
) -> Stage:
    """The share of rows of a class over its predicted probability, in ten bins of equal width."""
    series = []
    for index in classes:
        bins = np.minimum((predicted[:, index] * BINS).astype(int), BINS - 1)
        filled = [each for each in range(BINS) if (bins == each).any()]
        means = [round(float(predicted[bins == each, index].mean()), 4) for each in filled]
        shares = [round(float((actual[bins == each] == index).mean()), 4) for each in filled]
        series.append({"name": model.classes[index], "x": means, "y": shares})
    series.append({"name": stage_texts.CALIBRATED(), "x": [0, 1], "y": [0, 1]})
    labels = (stage_texts.PREDICTED_PROBABILITY(), stage_texts.ACTUAL_SHARE())
    title, explanation = stage_texts.CALIBRATION_TITLE(), stage_texts.CALIBRATION()
    return _curve_stage("calibration", title, explanation, labels, series)


def _curve(name: str, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Of thresholds with the same x only the one with the highest y: the others are never preferable."""
    distinct, groups = np.unique(x.round(4), return_inverse=True)
    best = np.zeros(len(distinct))
    np.maximum.at(best, groups, y)
    drawn = evenly_chosen(len(distinct), MAX_THRESHOLDS)
    return {"name": name, "x": distinct[drawn].tolist(), "y": best[drawn].round(4).tolist()}


def _curve_stage(
    name: str,
    title: Message,
    explanation: Message,
    labels: tuple[Message, Message],
    series: Sequence[dict[str, Any]],
) -> Stage:
    data = {"x_label": labels[0], "y_label": labels[1], "series": list(series)}
    code = f"models.tabular.inspection.evaluation_stages.{name}_stage"
    return Stage(name, Kind.CURVE, title, explanation, data, code=code)
