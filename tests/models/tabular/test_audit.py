"""What a kept model answers for an audit: only rows that it did not learn from, by its own predict path."""

from typing import Any

import numpy as np
import pytest

from models.core.auditing.changes import SHIFT, Change
from models.core.auditing.outcomes import Learned, Outcomes
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.tabular.audit import outcomes
from models.tabular.card import SAMPLES, AuditParams, TrainParams
from models.tabular.data import table_of
from models.tabular.fit import Fit, fit
from models.tabular.predict import Predictor

IRIS = (SAMPLES / "iris.csv").read_bytes()
PARAMS = TrainParams(seed=3, test_share=0.3, epochs=1)


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(table_of(IRIS, PARAMS), PARAMS, device="cpu", progress=Progress())


@pytest.fixture(scope="module")
def predictor(fitted: Fit, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    fitted.model.save(path)
    return Predictor(path)


def audited(
    predictor: Predictor, data: bytes = IRIS, change: Change | None = None, **params: Any
) -> Outcomes:
    learned = Learned(params=PARAMS.model_dump(mode="json")) if data is IRIS else Learned()
    return outcomes(predictor, data, AuditParams(**params), lambda *_: None, change=change, learned=learned)


def test_the_rows_that_the_model_learned_from_are_left_out(fitted: Fit, predictor: Predictor) -> None:
    found, test = audited(predictor), fitted.split.test

    assert found.rows is not None
    assert found.rows.tolist() == fitted.table.frame.rows[fitted.table.rows[test]].tolist()
    assert found.predicted.tolist() == fitted.predicted[test].argmax(axis=1).tolist()
    assert found.left_out == 150 - len(test)
    everything = audited(predictor, part="all")
    assert len(everything) == 150
    assert "105 of the rows" in str(everything.notes)


def test_groups_that_nobody_chose_are_few_values_or_else_the_classes(predictor: Predictor) -> None:
    sided = [f"{row},{'west' if n % 2 else 'east'}" for n, row in enumerate(IRIS.decode().splitlines())]
    sided[0] = IRIS.decode().splitlines()[0] + ",side"

    assert next(iter(audited(predictor, "\n".join(sided).encode()).attributes)) == "side"
    assert list(audited(predictor).attributes) == ["species"]


def test_a_new_table_is_used_whole_and_may_have_further_columns(predictor: Predictor) -> None:
    header, *rows = IRIS.decode().splitlines()
    cells = [f"{row},{'west' if index % 2 else 'east'}" for index, row in enumerate(rows)]
    found = audited(predictor, "\n".join([f"{header},side", *cells]).encode(), group="side")

    assert len(found) == 150
    assert found.attributes["side"].names == ("east", "west")
    assert found.reference(1)["values"] == {
        "sepal length (cm)": 4.9, "sepal width (cm)": 3.0, "petal length (cm)": 1.4, "petal width (cm)": 0.2
    }  # fmt: skip


def test_a_column_of_dates_divides_by_date_and_not_by_name(predictor: Predictor) -> None:
    header, *rows = IRIS.decode().splitlines()
    cells = [f"{row},2024-{1 + index % 2:02d}-{1 + index % 25:02d}" for index, row in enumerate(rows)]
    found = audited(predictor, "\n".join([f"{header},day", *cells]).encode(), group="day")

    day = found.attributes["day"]
    assert day.is_date
    assert day.names == ()
    assert [day.written(value) for value in day.values[:2]] == ["2024-01-01", "2024-02-02"]


def test_a_change_alters_what_the_model_predicts_from_alone(predictor: Predictor) -> None:
    shifted = audited(predictor, change=Change(SHIFT, 3, "petal length (cm)"), group="petal length (cm)")
    before = audited(predictor, group="petal length (cm)")

    group = "petal length (cm)"
    assert np.array_equal(shifted.attributes[group].values, before.attributes[group].values)
    assert np.array_equal(shifted.actual, before.actual)
    assert not np.array_equal(shifted.predicted, before.predicted)


def test_tables_without_actual_values_are_refused(predictor: Predictor) -> None:
    unlabeled = b"\n".join(line.rsplit(b",", 1)[0] for line in IRIS.splitlines())
    with pytest.raises(InputError, match="needs the actual values"):
        audited(predictor, unlabeled, group="petal width (cm)")
    with pytest.raises(InputError, match="no rows with an actual value"):
        audited(predictor, part="validation")
