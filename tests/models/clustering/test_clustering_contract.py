"""What the pages and the API rely on: stages at any time, roles, texts with ids, code that exists."""

import json
import re
from functools import cache
from pkgutil import resolve_name

import pytest

from models.clustering.card import CARD, HERE, PredictParams
from models.clustering.predict import Predictor
from models.clustering.recipe import diagram
from models.core.contract.card import card_texts
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, declared, parts_of
from models.core.contract.prediction import Opened, Role, answer, answer_opened
from models.core.tables.read_options import ReadOptions

SAMPLES = {sample.name: sample.inputs["table"].read_bytes() for sample in CARD.samples}
CASES = {
    "k-means": ("iris", {}),
    "k-medians": ("wine", {"method": "k-medians", "n_init": 3}),
    "spherical": ("wine", {"method": "spherical k-means", "n_init": 3}),
    "k-modes": ("animals", {"method": "k-modes", "n_init": 2}),
    "k-prototypes": ("animals", {"method": "k-prototypes", "n_init": 2}),
}
each_case = pytest.mark.parametrize("case", CASES)


def _request(case: str) -> tuple[dict[str, bytes], PredictParams]:
    sample, params = CASES[case]
    return {"table": SAMPLES[sample]}, PredictParams.model_validate(params)


@cache
def _opened(case: str) -> Opened:
    return answer_opened(Predictor(None), *_request(case))


@each_case
def test_stages_computed_later_equal_those_computed_at_once(case: str) -> None:
    inputs, params = _request(case)
    at_once = _opened(case).stages

    later = Predictor(None)
    item = later.decode(inputs, params)
    (raw,) = later.forward([item])
    stages = later.inspect(item, raw, params)

    assert [stage.about for stage in stages] == [stage.about for stage in at_once]
    assert [stage.json for stage in stages] == [stage.json for stage in at_once]


@each_case
def test_the_answer_needs_no_stages(case: str) -> None:
    alone = answer(Predictor(None), *_request(case))

    assert alone == _opened(case).prediction


@each_case
def test_one_stage_is_the_input_and_the_last_one_the_answer(case: str) -> None:
    stages = _opened(case).stages

    assert [stage.id for stage in stages if stage.role == Role.INPUT] == ["columns"]
    assert [stage.id for stage in stages if stage.role == Role.ANSWER] == [stages[-1].id] == ["clusters"]


@each_case
def test_titles_and_explanations_are_messages_and_the_code_exists(case: str) -> None:
    for stage in _opened(case).stages:
        assert isinstance(stage.title, Message)
        assert isinstance(stage.explanation, Message)
        assert all(part["id"] for part in [*parts_of(stage.title), *parts_of(stage.explanation)])
        assert callable(resolve_name(stage.code))


def test_problems_of_the_table_are_a_stage() -> None:
    table = {"table": b"a,a,\n1,5,7\n2,5,7\n8,6,7\n"}
    problems = answer_opened(Predictor(None), table, PredictParams(n_clusters=2)).stages[1]

    assert (problems.id, len(problems.data["rows"])) == ("problems", 3)
    assert [part["id"] for part in parts_of(problems.explanation)] == ["clustering.problems.explanation"]


@pytest.mark.parametrize("params", [{"n_clusters": 20}, {"init": "Cao"}, {"method": "k-prototypes"}])
def test_errors_are_messages(params: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        answer(Predictor(None), {"table": b"a\n1\n2\n3\n"}, PredictParams.model_validate(params))

    assert parts_of(caught.value.args[0])


def test_the_diagram_is_that_of_the_code() -> None:
    assert diagram.FILE.read_text("utf-8") == diagram.draw()


def test_the_base_model_is_built_in() -> None:
    (model,) = CARD.models

    assert model.source == "built-in"
    assert (HERE / "weights" / f"{model.name}.md").is_file()


def test_every_text_is_translated_with_the_same_blanks() -> None:
    # fields of every table are translated once, for all capabilities
    shared = re.compile(rf"\.(predict|train)\.({'|'.join(ReadOptions.model_fields)})\.")
    texts = dict(card_texts(CARD)) | {k: v for k, v in declared().items() if k.startswith("clustering.")}
    texts = {name: text for name, text in texts.items() if not shared.search(name)}
    german = json.loads((HERE / "translations" / "de.json").read_text("utf-8"))
    blank = re.compile(r"\{(\w+)")

    assert german.keys() == texts.keys()
    for name, text in texts.items():
        assert set(blank.findall(german[name])) == set(blank.findall(text)), name
