"""What every capability must keep, whoever adds it: run for each card that is found."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import BaseModel

from models.core.contract import checkpoint, registry
from models.core.contract.card import Card, ModelCard
from models.core.contract.errors import InputError, Preempted
from models.core.contract.prediction import Prediction, Wants
from models.core.contract.progress import Progress
from tests.models.stopping import StopAt

registry.include("tests.capabilities")
CARDS = list(registry.cards().values())
SHIPPED = [(card, model) for card in CARDS for model in card.models if model.weights]

TRAINED = [card for card in CARDS if card.train_params]
QUICK = {"steps": 4, "epochs": 4, "batch_size": 2, "image_size": 64, "patch": 64, "patch_size": 16}

each_trained = pytest.mark.parametrize("card", TRAINED, ids=lambda card: card.name)
each_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
each_shipped = pytest.mark.parametrize(("card", "model"), SHIPPED, ids=lambda value: value.name)


def _folder(card: Card) -> Path:
    home = Path(str(sys.modules[type(card.predict_params()).__module__].__file__)).parent
    assert home.name == card.name
    return home


def _predictor(card: Card, model: ModelCard) -> Any:
    torch.set_num_threads(1)
    return registry.code(card.name, "predict").Predictor(model.weights, "cpu")


@each_card
def test_the_folder_has_its_files(card: Card) -> None:
    wanted = {"card.py", "predict.py"} | ({"train.py"} if card.train_params else set())

    assert wanted <= {file.name for file in _folder(card).iterdir()}


@each_card
def test_the_card_says_everything(card: Card) -> None:
    assert card.title
    assert card.summary.endswith(".")
    assert card.paper
    assert card.limits
    assert card.models
    assert card.produces


@each_card
def test_every_param_has_a_default_and_words(card: Card) -> None:
    for params in filter(None, (card.predict_params, card.train_params)):
        assert issubclass(params, BaseModel)
        params()  # nothing is required: a form can be sent as it is
        for name, field in params.model_fields.items():
            assert field.description, f"{params.__name__}.{name} has no description"


@each_card
def test_the_card_loads_nothing_heavy(card: Card) -> None:
    module = type(card.predict_params()).__module__
    code = f"import sys, {module}; sys.exit(bool({{'torch', 'numpy', 'PIL'}} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@each_card
def test_samples_are_there_and_credited(card: Card) -> None:
    for sample in card.samples:
        assert sample.file.exists()
        assert sample.title
        assert sample.credit
        assert sample.license


@each_shipped
def test_shipped_weights_load_and_have_a_card(card: Card, model: ModelCard) -> None:
    assert model.weights
    config, state = checkpoint.load(model.weights)

    assert model in card.models
    assert config["architecture"] == model.architecture
    assert state
    assert all(bool(torch.isfinite(tensor.float()).all()) for tensor in state.values())


@each_shipped
def test_every_sample_gets_an_answer_that_can_be_opened(card: Card, model: ModelCard) -> None:
    predictor = _predictor(card, model)
    for sample in card.samples[:1]:
        prediction = predictor(sample.file.read_bytes(), card.predict_params(), Wants(True, picture=True))

        assert isinstance(prediction, Prediction)
        assert prediction.result
        assert len({stage.id for stage in prediction.stages}) == len(prediction.stages)
        for stage in prediction.stages:
            assert stage.title
            assert stage.explanation


@each_shipped
def test_stages_are_made_only_when_wanted(card: Card, model: ModelCard) -> None:
    data = card.samples[0].file.read_bytes()
    prediction = _predictor(card, model)(data, card.predict_params(), Wants(inspection=False))

    assert prediction.stages == ()


@each_shipped
@pytest.mark.parametrize(
    "data", [b"", b"not a file of any kind", b"\x89PNG\r\n\x1a\n" + bytes(64)], ids=["empty", "text", "torn"]
)
def test_broken_input_is_an_input_error(card: Card, model: ModelCard, data: bytes) -> None:
    with pytest.raises(InputError, match=r"\w"):
        _predictor(card, model).decode(data, card.predict_params())


@each_shipped
def test_the_same_input_gets_the_same_answer(card: Card, model: ModelCard) -> None:
    predictor, data = _predictor(card, model), card.samples[0].file.read_bytes()
    first = predictor(data, card.predict_params(), Wants(inspection=False))
    second = predictor(data, card.predict_params(), Wants(inspection=False))

    assert first.result == second.result
    assert first.outputs == second.outputs  # to the last byte of every file


@each_shipped
def test_a_batch_answers_as_one_by_one(card: Card, model: ModelCard) -> None:
    predictor, params = _predictor(card, model), card.predict_params()
    items = [predictor.decode(sample.file.read_bytes(), params) for sample in card.samples[:3]]
    together = predictor.forward(items)
    alone = [predictor.forward([item])[0] for item in items]

    assert len(together) == len(items)
    for one, other in zip(_tensors(together), _tensors(alone), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def _train(
    card: Card, folder: Path, *, mixed_precision: bool = False, **more: Any
) -> dict[str, torch.Tensor]:
    """The weights of a training of a few steps on the data that ships."""
    torch.set_num_threads(1)
    folder.mkdir(exist_ok=True)
    assert card.train_params
    known = card.train_params.model_fields
    wanted = QUICK | {"mixed_precision": mixed_precision}
    params = card.train_params(**{name: value for name, value in wanted.items() if name in known})
    options = {"weights": folder / "w.safetensors", "device": "cpu", "progress": Progress(), **more}
    registry.code(card.name, "train").train(card.sample_dataset, params, **options)
    return checkpoint.load(folder / "w.safetensors")[1]


@each_trained
def test_the_same_seed_gives_the_same_weights(card: Card, tmp_path: Path) -> None:
    first, second = _train(card, tmp_path / "a"), _train(card, tmp_path / "b")

    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


@each_trained
def test_a_resumed_training_ends_as_an_uninterrupted_one(card: Card, tmp_path: Path) -> None:
    if not {"steps", "epochs"} & (card.train_params.model_fields if card.train_params else {}).keys():
        pytest.skip("fits in one go: there is no step to stop after")
    whole, saved = _train(card, tmp_path / "whole"), tmp_path / "halves.checkpoint"
    with pytest.raises(Preempted):
        _train(card, tmp_path / "halves", progress=StopAt(2), checkpoint=saved)
    halves = _train(card, tmp_path / "halves", checkpoint=saved)

    assert all(torch.equal(whole[name], halves[name]) for name in whole)


@each_trained
def test_mixed_precision_learns_nearly_the_same(card: Card, tmp_path: Path) -> None:
    if card.train_params is None or "mixed_precision" not in card.train_params.model_fields:
        pytest.skip("has no layers to compute in half the bits")
    losses: dict[bool, list[float]] = {False: [], True: []}
    trained = {
        mixed: _train(
            card,
            tmp_path / str(mixed),
            mixed_precision=mixed,
            progress=Progress(
                lambda _step, _total, row, _message, mixed=mixed: losses[mixed].append(row["loss"])
            ),
        )
        for mixed in (False, True)
    }

    assert losses[True][0] == pytest.approx(losses[False][0], rel=0.02)
    for name, value in trained[False].items():
        assert trained[True][name].dtype == value.dtype
    assert any(not torch.equal(value, trained[True][name]) for name, value in trained[False].items())


def _tensors(value: Any) -> list[torch.Tensor]:
    """Every tensor in a structure of lists, tuples, dicts and dataclasses."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    elif hasattr(value, "__dataclass_fields__"):
        value = [getattr(value, name) for name in value.__dataclass_fields__]
    if isinstance(value, list | tuple):
        return [tensor for part in value for tensor in _tensors(part)]
    return []
