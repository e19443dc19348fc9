"""The contract: stages on request, texts with ids, samples, diagram."""

import json
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

from models.core.contract import registry
from models.core.contract.card import card_texts
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, declared, parts_of
from models.core.contract.prediction import Role, Stage, answer, answer_opened
from models.tabular.card import CARD, SAMPLES, PredictParams
from models.tabular.predict import Predictor
from models.tabular.recipe import samples
from models.tabular.recipe.diagram import diagram
from tests.models.tabular.test_tabular import table
from tests.models.tabular.test_tabular_fitted_model import IRIS, Kept

ROOT = Path(__file__).parents[3]
FEATURES = ["petal length (cm)", "petal width (cm)"]
FITS: list[dict[str, Any]] = [
    {"features": FEATURES},
    {"method": "neural network", "epochs": 10, "features": FEATURES},
    {"target": "sepal width (cm)", "features": ["sepal length (cm)"], "method": "ridge regression"},
]


def _comparable(stages: tuple[Stage, ...]) -> list[tuple[Any, ...]]:
    return [(stage.about, stage.json, stage.files) for stage in stages]


@pytest.mark.parametrize("params", FITS)
def test_stages_computed_later_equal_those_computed_at_once(params: dict[str, Any]) -> None:
    inputs, chosen = {"table": IRIS}, PredictParams(**params)
    at_once = answer_opened(Predictor(), inputs, chosen)
    predictor = Predictor()
    item = predictor.decode(inputs, chosen)
    (raw,) = predictor.forward([item])

    assert _comparable(predictor.inspect(item, raw, chosen)) == _comparable(at_once.stages)
    assert answer(Predictor(), inputs, chosen) == at_once.prediction


def test_stages_of_a_fitted_model_computed_later_equal_those_computed_at_once(tmp_path: Path) -> None:
    predictor, params = Kept(tmp_path).predictor, PredictParams()
    at_once = answer_opened(predictor, {"table": IRIS}, params)
    item = predictor.decode({"table": IRIS}, params)
    (raw,) = predictor.forward([item])

    assert _comparable(predictor.inspect(item, raw, params)) == _comparable(at_once.stages)
    assert predictor.encode(item, raw, params) == at_once.prediction


@pytest.mark.parametrize("params", FITS)
def test_the_columns_are_the_input_and_the_quality_is_the_answer(params: dict[str, Any]) -> None:
    stages = answer_opened(Predictor(), {"table": IRIS}, PredictParams(**params)).stages

    assert [(stage.id, stage.role) for stage in stages if stage.role] == [
        ("columns", Role.INPUT),
        ("quality", Role.ANSWER),
    ]
    assert stages[-1].role == Role.ANSWER


def test_the_predictions_are_the_answer_of_a_fitted_model(tmp_path: Path) -> None:
    stages = Kept(tmp_path).open(IRIS).stages

    assert [(stage.id, stage.role) for stage in stages if stage.role] == [
        ("columns", Role.INPUT),
        ("predictions", Role.ANSWER),
    ]


@pytest.mark.parametrize("params", FITS)
def test_every_title_explanation_note_and_error_has_ids(params: dict[str, Any]) -> None:
    found = answer_opened(Predictor(), {"table": IRIS}, PredictParams(**params))
    rows = [["x", "y"], *([index, index if index % 4 else ""] for index in range(30))]
    notes = answer(Predictor(), {"table": table(rows)}, PredictParams()).result["notes"]
    with pytest.raises(InputError) as raised:
        answer(Predictor(), {"table": IRIS}, PredictParams(target="species", features=["species"]))

    texts = [text for stage in found.stages for text in (stage.title, stage.explanation)]
    for text in (*texts, *notes, raised.value.args[0]):
        assert isinstance(text, Message)
        assert all(part["id"].startswith("tabular.") for part in parts_of(text))


@pytest.mark.parametrize("params", FITS)
def test_the_code_of_every_stage_exists(params: dict[str, Any]) -> None:
    for stage in answer_opened(Predictor(), {"table": IRIS}, PredictParams(**params)).stages:
        assert callable(pkgutil.resolve_name(stage.code)), stage.code


def test_a_missing_table_is_an_input_error() -> None:
    with pytest.raises(InputError, match="'table' is missing"):
        answer(Predictor(), {}, PredictParams())


def test_every_text_has_a_german_translation_with_the_same_blanks() -> None:
    registry.code("tabular", "audit")  # declares texts of its own
    german, core = (
        json.loads((ROOT / f"models/{folder}/translations/de.json").read_text("utf-8"))
        for folder in ("tabular", "core")
    )
    english = dict(card_texts(CARD)) | {
        name: text for name, text in declared().items() if name.startswith("tabular.")
    }
    shared = re.compile(r"tabular\.(predict|train|audit)\.(?!presets)")

    assert german.keys() <= english.keys()
    for name, text in english.items():
        if ".encoding.choices." in name:
            continue  # names of encodings are the same in every language
        translated = german.get(name) or core[shared.sub("core.params.", name)]
        assert set(re.findall(r"\{(\w+)[!:}]", translated)) == set(re.findall(r"\{(\w+)[!:}]", text)), name


def test_the_base_model_is_built_in_and_has_a_model_card() -> None:
    (model,) = CARD.models

    assert model.source == "built-in"
    assert (ROOT / f"models/tabular/weights/{model.name}.md").is_file()
    assert (ROOT / f"models/tabular/weights/{model.name}.json").is_file()


def test_the_sample_tables_are_those_of_the_recipe() -> None:
    assert {name for name, _ in samples.tables()} == {sample.name for sample in CARD.samples}
    for name, content in samples.tables():
        assert (SAMPLES / f"{name}.csv").read_bytes() == content


def test_the_diagram_in_the_documentation_is_that_of_the_recipe() -> None:
    assert (ROOT / "docs/diagrams/tabular.svg").read_text("utf-8") == diagram()
