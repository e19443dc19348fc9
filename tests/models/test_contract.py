"""The contract that every capability keeps: run for each card of the registry."""

import csv
import io
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import BaseModel

from models.core.contract import checkpoint, registry
from models.core.contract.card import Card, MediaKind, ModelCard
from models.core.contract.errors import InputError, Preempted
from models.core.contract.messages import Message, parts_of
from models.core.contract.prediction import Opened, Role, Stage, answer, answer_opened
from models.core.contract.progress import Progress, Samples, Sheet
from tests.models.stopping import StopAt

registry.include("tests.capabilities")
CARDS = list(registry.cards().values())
# those that need no download
MODELS = [(card, model) for card in CARDS for model in card.models if model.source != "pretrained"]
SHIPPED = [(card, model) for card, model in MODELS if model.weights]
BUILT_IN = [(card, model) for card, model in MODELS if not model.weights]
TAKING = [(card, model) for card, model in MODELS if any(each.required for each in card.inputs)]


TRAINED = [card for card in CARDS if card.train_params]
QUICK = {"steps": 4, "epochs": 4, "batch_size": 2, "image_size": 64, "patch": 64, "patch_size": 16}
QUICK |= {"width": 8}  # channels

each_trained = pytest.mark.parametrize("card", TRAINED, ids=lambda card: card.name)
each_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)


def each(models: list[tuple[Card, ModelCard]]) -> Any:
    return pytest.mark.parametrize(("card", "model"), models, ids=lambda value: value.name)


def folder_of(card: Card) -> Path:
    home = Path(str(sys.modules[type(card.predict_params()).__module__].__file__)).parent
    assert home.name == card.name
    return home


def predictor_of(card: Card, model: ModelCard) -> Any:
    torch.set_num_threads(1)
    return registry.code(card.name, "predict").Predictor(model.weights, "cpu")


def example(kind: MediaKind) -> bytes:
    """A small file of this kind."""
    random = np.random.default_rng(0)
    if kind == MediaKind.TABLE:
        rows = (",".join(map(str, row)) for row in random.integers(0, 100, (30, 3)))
        return "\n".join(["a,b,c", *rows, ""]).encode()
    buffer = io.BytesIO()
    Image.fromarray(random.integers(0, 256, (48, 64, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def inputs_of(card: Card) -> Mapping[str, bytes]:
    """The first sample, or examples where there is no sample."""
    for sample in card.samples:
        return {name: path.read_bytes() for name, path in sample.inputs.items()}
    return {each.name: example(each.kind) for each in card.inputs}


@each_card
def test_the_folder_has_its_files(card: Card) -> None:
    expected = {"card.py", "predict.py"} | ({"train.py"} if card.train_params else set())
    expected |= {"audit.py"} if card.audit_params else set()

    assert expected <= {file.name for file in folder_of(card).iterdir()}


@each_card
def test_the_card_is_complete(card: Card) -> None:
    assert card.title
    assert card.summary.endswith(".")
    assert card.paper
    assert card.limits
    assert card.models
    assert card.produces


@each_card
def test_models_have_names_of_their_own(card: Card) -> None:
    others = {model.name for other in CARDS if other is not card for model in other.models}

    assert [model.name for model in card.models if model.name in others] == []


@each_card
def test_inputs_are_named_once(card: Card) -> None:
    taken = [*card.inputs, *([card.trains_on] if card.trains_on else [])]

    assert len({each.name for each in taken}) == len(taken)
    assert all(each.title for each in taken)


@each_card
def test_only_a_picture_can_be_drawn_for_models_of_the_card(card: Card) -> None:
    sketches = [each.sketch for each in card.inputs if each.sketch]

    assert all(each.kind == MediaKind.IMAGE for each in card.inputs if each.sketch)
    assert {name for each in sketches for name in each.by_model} <= {model.name for model in card.models}


@each_card
def test_a_training_has_data(card: Card) -> None:
    if card.train_params and (card.trains_on is None or not card.trains_on.required):
        assert card.sample_dataset is not None


@each_card
def test_every_param_has_a_default_and_a_description(card: Card) -> None:
    for params in filter(None, (card.predict_params, card.train_params, card.audit_params)):
        assert issubclass(params, BaseModel)
        params()  # nothing is required: a form can be sent unchanged
        for name, field in params.model_fields.items():
            assert field.description, f"{params.__name__}.{name} has no description"


def test_the_cards_load_no_torch() -> None:
    modules = ", ".join(type(card.predict_params()).__module__ for card in CARDS)
    code = f"import sys, {modules}; print(*{{'torch', 'numpy', 'PIL'}} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert run.stdout.split() == []


@each_card
def test_samples_exist_fit_the_inputs_and_are_credited(card: Card) -> None:
    names = {each.name for each in card.inputs}
    required = {each.name for each in card.inputs if each.required}
    for sample in card.samples:
        assert required <= sample.inputs.keys() <= names
        assert all(path.exists() for path in sample.inputs.values())
        assert sample.answer is None or (sample.answer / "prediction.json").exists()
        assert sample.title
        assert sample.credit
        assert sample.license


@each(SHIPPED)
def test_shipped_weights_load_and_have_a_card(card: Card, model: ModelCard) -> None:
    assert model.weights
    config, state = checkpoint.load(model.weights)

    assert model in card.models
    assert config["architecture"] == model.architecture
    assert state
    assert all(bool(torch.isfinite(tensor.float()).all()) for tensor in state.values())


@each(BUILT_IN)
def test_a_built_in_model_needs_no_weights(card: Card, model: ModelCard) -> None:
    assert model.source == "built-in"
    assert registry.code(card.name, "predict").Predictor(None, "cpu")


@dataclass(frozen=True)
class Answered:
    """A model's answer to the first sample with all of its stages, computed once for its tests."""

    card: Card
    model: ModelCard
    opened: Opened


# of the module's scope: pytest runs the tests of one model together, and only its stages are in memory
@pytest.fixture(scope="module", params=MODELS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def answered(request: pytest.FixtureRequest) -> Answered:
    card, model = request.param
    opened = answer_opened(predictor_of(card, model), inputs_of(card), card.predict_params())
    return Answered(card, model, opened)


def test_the_answer_is_one_of_the_stages(answered: Answered) -> None:
    stages = answered.opened.stages

    assert answered.opened.prediction.result
    assert len({stage.id for stage in stages}) == len(stages)
    assert [stage.role for stage in stages].count(Role.ANSWER) == 1
    assert all(stage.title and stage.explanation for stage in stages)


def is_translatable(text: str) -> bool:
    return isinstance(text, Message) and all(part["id"] for part in parts_of(text))


def is_shipped(card: Card) -> bool:
    """Whether it is in `models`, where texts have ids; capabilities of the tests have none."""
    return card.predict_params.__module__.startswith("models.")


def test_titles_and_explanations_can_be_translated(answered: Answered) -> None:
    stages = answered.opened.stages if is_shipped(answered.card) else ()

    assert [stage.id for stage in stages if not is_translatable(stage.title)] == []
    assert [stage.id for stage in stages if not is_translatable(stage.explanation)] == []


def content_of(stage: Stage) -> tuple[Any, ...]:
    return stage.about, stage.json, stage.files


def test_stages_computed_anew_equal_those_computed_at_once(answered: Answered) -> None:
    inputs, params = inputs_of(answered.card), answered.card.predict_params()
    predictor = predictor_of(answered.card, answered.model)  # another worker's
    item = predictor.decode(inputs, params)
    (raw,) = predictor.forward([item])
    anew = predictor.inspect(item, raw, params)

    assert [stage.id for stage in anew] == [stage.id for stage in answered.opened.stages]
    for one, other in zip(anew, answered.opened.stages, strict=True):
        assert content_of(one) == content_of(other), one.id


def test_the_answer_is_the_same_with_and_without_stages(answered: Answered) -> None:
    predictor = predictor_of(answered.card, answered.model)
    alone = answer(predictor, inputs_of(answered.card), answered.card.predict_params())

    assert alone.result == answered.opened.prediction.result
    assert alone.outputs == answered.opened.prediction.outputs  # to the last byte of every file


@each(TAKING)
def test_a_missing_input_is_an_input_error(card: Card, model: ModelCard) -> None:
    predictor, inputs = predictor_of(card, model), inputs_of(card)
    for taken in card.inputs:
        if taken.required:
            rest = {name: data for name, data in inputs.items() if name != taken.name}
            with pytest.raises(InputError, match=taken.name):
                predictor.decode(rest, card.predict_params())


@each(TAKING)
@pytest.mark.parametrize(
    "data",
    [b"", b"not a file of any kind", b"\x89PNG\r\n\x1a\n" + bytes(64)],
    ids=["empty", "text", "truncated"],
)
def test_a_broken_input_is_an_input_error(card: Card, model: ModelCard, data: bytes) -> None:
    with pytest.raises(InputError, match=r"\w") as error:
        predictor_of(card, model).decode({each.name: data for each in card.inputs}, card.predict_params())

    if is_shipped(card):
        assert is_translatable(error.value.args[0])


@each([(card, model) for card, model in MODELS if card.samples])
def test_a_batch_answers_like_single_inputs(card: Card, model: ModelCard) -> None:
    predictor, params = predictor_of(card, model), card.predict_params()
    items = [
        predictor.decode({name: path.read_bytes() for name, path in sample.inputs.items()}, params)
        for sample in card.samples[:2]
    ]
    together = predictor.forward(items)
    alone = [predictor.forward([item])[0] for item in items]

    assert len(together) == len(items)
    for one, other in zip(tensors_in(together), tensors_in(alone), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


class Recording(Progress):
    """Keeps the metrics and the sheets of samples that a training reports."""

    def __init__(self) -> None:
        super().__init__(lambda _step, _total, row, _message: self.rows.append(row))
        self.rows: list[Mapping[str, float]] = []
        self.sheets: Sequence[Sheet] = ()

    def samples(self, history: Samples) -> None:
        self.sheets = history.sheets


def trained(
    card: Card,
    folder: Path,
    *,
    mixed_precision: bool = False,
    learning_rate: float | None = None,
    **more: Any,
) -> dict[str, torch.Tensor]:
    """The weights of a training of a few steps on the shipped data."""
    torch.set_num_threads(1)
    folder.mkdir(exist_ok=True)
    assert card.train_params
    known = card.train_params.model_fields
    quick = QUICK | {"mixed_precision": mixed_precision}
    params = card.train_params(**{name: value for name, value in quick.items() if name in known})
    if learning_rate is not None:  # outside of what the card accepts
        params = params.model_copy(update={"learning_rate": learning_rate})
    options = {"weights": folder / "w.safetensors", "device": "cpu", "progress": Progress(), **more}
    registry.code(card.name, "train").train(card.sample_dataset, params, **options)
    return checkpoint.load(folder / "w.safetensors")[1]


def logged_steps(folder: Path) -> list[str]:
    """The column `step` of a training's log; empty: it keeps none."""
    log = folder / "w.log.csv"
    with log.open(newline="", encoding="utf-8") if log.exists() else io.StringIO() as lines:
        return [row["step"] for row in csv.DictReader(lines)]


@cache
def uninterrupted(name: str) -> tuple[dict[str, torch.Tensor], Recording, list[str]]:
    """The weights of a training from its first step to its last, its reports and the steps of its log."""
    recording = Recording()
    with tempfile.TemporaryDirectory(prefix="glassbox-") as folder:
        weights = trained(registry.cards()[name], Path(folder), progress=recording)
        return weights, recording, logged_steps(Path(folder))


def is_resumable(card: Card) -> bool:
    """False: it is fitted in one step, after which nothing can be resumed."""
    return bool({"steps", "epochs"} & (card.train_params.model_fields if card.train_params else {}).keys())


# those that can be resumed have the same weights even after an interruption, see below
@pytest.mark.parametrize(
    "card", [card for card in TRAINED if not is_resumable(card)], ids=lambda card: card.name
)
def test_the_same_seed_gives_the_same_weights(card: Card, tmp_path: Path) -> None:
    (first, *_), second = uninterrupted(card.name), trained(card, tmp_path)

    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("card", list(filter(is_resumable, TRAINED)), ids=lambda card: card.name)
def test_a_resumed_training_ends_like_an_uninterrupted_one(card: Card, tmp_path: Path) -> None:
    whole, reports, steps = uninterrupted(card.name)
    saved, resumed = tmp_path / "halves.checkpoint", Recording()
    with pytest.raises(Preempted):
        trained(card, tmp_path / "halves", progress=StopAt(2), checkpoint=saved)
    halves = trained(card, tmp_path / "halves", progress=resumed, checkpoint=saved)

    assert whole.keys() == halves.keys()
    assert all(torch.equal(whole[name], halves[name]) for name in whole)
    assert resumed.sheets == reports.sheets
    assert logged_steps(tmp_path / "halves") == steps


@each_trained
def test_a_training_that_diverges_ends_with_a_message_and_without_weights(card: Card, tmp_path: Path) -> None:
    if card.train_params is None or "mixed_precision" not in card.train_params.model_fields:
        pytest.skip("is not trained by the gradient steps of a network of pictures")
    with pytest.raises(InputError, match="diverged") as error:
        trained(card, tmp_path, learning_rate=1e37)

    assert is_translatable(error.value.args[0])
    assert not (tmp_path / "w.safetensors").exists()


@each_trained
def test_mixed_precision_learns_nearly_the_same(card: Card, tmp_path: Path) -> None:
    if card.train_params is None or "mixed_precision" not in card.train_params.model_fields:
        pytest.skip("has no layers that compute in bfloat16")
    (full, reports, _), recording = uninterrupted(card.name), Recording()
    mixed = trained(card, tmp_path, mixed_precision=True, progress=recording)

    assert first_loss(recording.rows[0]) == pytest.approx(first_loss(reports.rows[0]), rel=0.02)
    for name, value in full.items():
        assert mixed[name].dtype == value.dtype
    assert any(not torch.equal(value, mixed[name]) for name, value in full.items())


def first_loss(row: Mapping[str, float]) -> float:
    """The loss, or the first of several."""
    return next(value for name, value in row.items() if name.startswith("loss"))


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Every tensor in a structure of lists, tuples, dicts and dataclasses."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    elif hasattr(value, "__dataclass_fields__"):
        value = [getattr(value, name) for name in value.__dataclass_fields__]
    if isinstance(value, list | tuple):
        return [tensor for part in value for tensor in tensors_in(part)]
    return []
