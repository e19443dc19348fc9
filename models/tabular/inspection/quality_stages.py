"""The quality in numbers: with intervals, by class, and by fold."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.core.contract.messages import Message, join
from models.core.contract.prediction import Stage
from models.core.tables import headings
from models.tabular.evaluation.quality_of_table import QualityOfTable
from models.tabular.fitted_model import FittedModel
from models.tabular.inspection import stage_texts
from models.tabular.inspection.rounding import finite
from models.tabular.inspection.table_stage import table_stage

_CODE = "models.tabular.metrics.quality"

Quality = Mapping[str, float | None]


def quality_stage(model: FittedModel, notes: Sequence[Message]) -> Stage:
    """Every metric: of the test rows with its interval, of the baseline, and of the other parts."""
    record = model.record
    first, of_part = record["measured_on"], record["quality"]
    names = list(record["baseline"])
    rows = [
        _row(stage_texts.PARTS[first](), record["rows"][first], of_part[first], names),
        *_interval_rows(record["intervals"], names),
        _row(
            stage_texts.BASELINE(part=stage_texts.PARTS[first]()),
            record["rows"][first],
            record["baseline"],
            names,
        ),
        *(
            _row(stage_texts.PARTS[part](), record["rows"][part], quality, names)
            for part, quality in of_part.items()
            if part != first
        ),
    ]
    text = stage_texts.QUALITY_CLASSES() if model.classes else stage_texts.QUALITY_NUMBERS()
    interval = _explain_interval(record["intervals"], record["rows"][first])
    columns = _columns(stage_texts.PART(), names)
    title = stage_texts.QUALITY_TITLE()
    return table_stage("quality", title, join(text, interval), columns, rows, _CODE, notes=notes)


def fitted_quality_stage(record: Mapping[str, Any], of_table: QualityOfTable | None) -> Stage:
    """The quality on this table, if it is known, and that of the fit."""
    names, first = list(record["baseline"]), record["measured_on"]
    rows: list[list[Any]] = []
    interval: str = ""
    if of_table:
        rows = [
            _row(stage_texts.THIS_TABLE(), of_table.rows, of_table.metrics, names),
            *_interval_rows(of_table.intervals, names),
        ]
        interval = _explain_interval(of_table.intervals, of_table.rows)
    for part in dict.fromkeys((first, *record["quality"])):
        name = stage_texts.AT_THE_FIT(part=stage_texts.PARTS[part]())
        rows.append(_row(name, record["rows"][part], record["quality"][part], names))
    baseline = stage_texts.AT_THE_FIT(part=stage_texts.BASELINE(part=stage_texts.PARTS[first]()))
    rows.append(_row(baseline, record["rows"][first], record["baseline"], names))
    columns = _columns(stage_texts.PART(), names)
    explanation = join(stage_texts.QUALITY_FITTED(), interval)
    return table_stage("quality", stage_texts.QUALITY_TITLE(), explanation, columns, rows, _CODE)


def _columns(first: Message, names: Sequence[str]) -> tuple[Message, ...]:
    return (first, headings.ROWS(), *(stage_texts.METRICS[name]() for name in names))


def _row(part: Message, rows: int | None, quality: Quality, names: Sequence[str]) -> list[Any]:
    return [part, rows, *(finite(quality[name]) for name in names)]


def _has_intervals(found: Mapping[str, Any]) -> bool:
    return any(found["metrics"].values())


def _explain_interval(found: Mapping[str, Any], rows: int) -> str:
    return stage_texts.INTERVAL(n=found["resamples"], rows=rows) if _has_intervals(found) else ""


def _interval_rows(found: Mapping[str, Any], names: Sequence[str]) -> list[list[Any]]:
    """The lower and the upper ends; no rows if no metric has an interval."""
    if not _has_intervals(found):
        return []
    ends = [found["metrics"][name] or (None, None) for name in names]
    return [
        [text(), None, *(finite(end[side]) for end in ends)]
        for side, text in enumerate((stage_texts.INTERVAL_LOW, stage_texts.INTERVAL_HIGH))
    ]


def by_class_stage(record: Mapping[str, Any]) -> list[Stage]:
    """Recall, precision and F1 of each class; no stage for numbers."""
    if not record["by_class"]:
        return []
    rows: list[list[Any]] = [
        [
            each["class"],
            each["rows"],
            each["predicted"],
            *(finite(each[name], 4) for name in ("recall", "precision", "f1")),
        ]
        for each in record["by_class"]
    ]
    columns = (
        stage_texts.CLASS(),
        headings.ROWS(),
        stage_texts.PREDICTED_ROWS(),
        stage_texts.RECALL_AXIS(),
        stage_texts.PRECISION_AXIS(),
        stage_texts.F1(),
    )
    title, code = stage_texts.BY_CLASS_TITLE(), "models.tabular.evaluation.by_class.quality_by_class"
    return [table_stage("by_class", title, stage_texts.BY_CLASS(), columns, rows, code)]


def cross_validation_stage(record: Mapping[str, Any]) -> list[Stage]:
    """Every metric of every fold, mean and standard deviation; no stage without a cross-validation."""
    found = record.get("cross_validation")
    if not found:
        return []
    names = list(found["mean"])
    rows: list[list[Any]] = [
        [stage_texts.MEAN(), found["tested"], *(finite(found["mean"][name]) for name in names)],
        [stage_texts.STANDARD_DEVIATION(), None, *(finite(found["std"][name]) for name in names)],
    ]
    for each in found["by_fold"]:
        fold = stage_texts.FOLD(n=each["fold"])
        rows.append([fold, each["rows"], *(finite(each[name]) for name in names)])
    columns = _columns(stage_texts.FOLD_NUMBER(), names)
    explanation = stage_texts.FOLDS(folds=found["folds"], tested=found["tested"])
    code = "models.tabular.evaluation.cross_validation.cross_validate"
    return [table_stage("folds", stage_texts.FOLDS_TITLE(), explanation, columns, rows, code)]
