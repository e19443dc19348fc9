"""Trained clusters: fitted, resumed, and other tables assigned to them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.clustering.card import CARD, PredictParams, TrainParams
from models.clustering.predict import Predictor
from models.clustering.train import train
from models.core.contract import checkpoint, registry
from models.core.contract.errors import InputError, Preempted, WeightsError
from models.core.contract.prediction import answer, answer_opened
from models.core.contract.progress import Progress
from tests.models.clustering.answering import open_answer

SAMPLES = {sample.name: sample.inputs["table"] for sample in CARD.samples}
LINES = SAMPLES["iris"].read_text("utf-8").splitlines()


def _fit(path: Path, dataset: Path = SAMPLES["iris"], **params: object) -> Path:
    train(dataset, TrainParams.model_validate(params), weights=path, device="cpu", progress=Progress())
    return path


@pytest.mark.parametrize("method", ["k-means", "k-medians", "spherical k-means", "k-modes", "k-prototypes"])
def test_the_fitted_rows_get_their_own_clusters(tmp_path: Path, method: str) -> None:
    sample = SAMPLES["animals" if method.endswith(("modes", "prototypes")) else "iris"]
    params = {"method": method, "n_init": 3, "n_clusters": 4}
    known = open_answer(sample.read_bytes(), **params).prediction.result
    trained = Predictor(_fit(tmp_path / "fitted.safetensors", sample, **params))

    # n_clusters has no influence: the clusters are fixed
    opened = answer_opened(trained, {"table": sample.read_bytes()}, PredictParams(n_clusters=2))
    result = opened.prediction.result

    assert result["labels"] == known["labels"]
    assert result["clusters"] == known["clusters"]
    assert result["inertia"] == pytest.approx(known["inertia"])
    assert result["assigned_to_fitted"]
    assert [stage.id for stage in opened.stages][-2:] == ["profile", "clusters"]
    assert "placing" not in opened.stages[-1].data  # the centers do not move


def test_new_rows_go_to_the_nearest_center(tmp_path: Path) -> None:
    weights = _fit(tmp_path / "fitted.safetensors")
    _, state = checkpoint.load(weights)
    centers, offset, width = (state[name].numpy() for name in ("centers", "offset", "width"))
    rows = np.array([[7.0, 3.0, 6.0, 2.0], [5.0, 3.5, 1.4, 0.2]])
    squares = (((rows - offset) / width)[:, None] - centers[None]) ** 2
    table = LINES[0] + ",note\n" + "".join(",".join(map(str, row)) + ",?,new\n" for row in rows.tolist())

    result = _assign(Predictor(weights), table.encode())

    assert result["labels"] == (squares.sum(axis=2).argmin(axis=1) + 1).tolist()
    assert result["left_out"] == ["species", "note"]


def test_the_order_of_the_columns_does_not_matter(tmp_path: Path) -> None:
    fitted = Predictor(_fit(tmp_path / "fitted.safetensors"))
    turned = "\n".join(",".join(reversed(line.split(","))) for line in LINES)

    one, other = _assign(fitted, turned.encode()), _assign(fitted, SAMPLES["iris"].read_bytes())

    assert one["labels"] == other["labels"]


def test_missing_columns_and_wrong_cells_are_named(tmp_path: Path) -> None:
    fitted = Predictor(_fit(tmp_path / "fitted.safetensors"))

    with pytest.raises(
        InputError, match=r"lacks columns .*: 'sepal width \(cm\)', 'petal width \(cm\)'. Its columns: 'sepal"
    ):
        _assign(fitted, b"sepal length (cm),petal length (cm)\n1,2\n")
    with pytest.raises(InputError, match=r"Row 3, column 'petal width \(cm\)': 'wide' is not a number"):
        _assign(fitted, "\n".join([*LINES[:2], "1,2,3,wide,x"]).encode())
    with pytest.raises(InputError, match=r"Row 3, column 'sepal width \(cm\)': a number beyond 1e100"):
        _assign(fitted, "\n".join([*LINES[:2], "1,2e200,3,4,x"]).encode())


def test_an_unknown_category_differs_from_every_mode_and_is_no_missing_value(tmp_path: Path) -> None:
    weights = _fit(
        tmp_path / "f.safetensors", SAMPLES["animals"], method="k-modes", columns=["covering", "young"]
    )

    result = _assign(Predictor(weights), b"covering,young,n\nplates,eggs,1\nfeathers,eggs,2\n")

    assert result["rows"] == {"total": 2, "clustered": 2}
    assert result["inertia"] >= 1


def _assign(predictor: Predictor, data: bytes) -> Mapping[str, Any]:
    return answer(predictor, {"table": data}, PredictParams()).result


class _Stopping(Progress):
    """Stops at the second checkpoint."""

    def __init__(self) -> None:
        super().__init__(self._report, checkpoint_seconds=0.0)
        self.steps: list[int] = []

    def _report(self, step: int, total: int, metrics: Mapping[str, float], message: str) -> None:  # noqa: ARG002
        self.steps.append(step)

    def saved(self) -> None:
        if len(self.steps) == 2:
            raise Preempted


def test_a_resumed_fit_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    params = TrainParams(init="random", n_clusters=6, n_init=5, seed=4)
    whole, resumed, kept = (tmp_path / f"{name}.safetensors" for name in ("whole", "resumed", "kept"))
    first = train(SAMPLES["wine"], params, weights=whole, device="cpu", progress=Progress())

    with pytest.raises(Preempted):
        train(SAMPLES["wine"], params, weights=resumed, device="cpu", progress=_Stopping(), checkpoint=kept)
    rest = Progress(checkpoint_seconds=1e9)
    again = train(SAMPLES["wine"], params, weights=resumed, device="cpu", progress=rest, checkpoint=kept)

    assert again == first
    assert resumed.read_bytes() == whole.read_bytes()


def test_the_card_offers_training() -> None:
    card = registry.cards()["clustering"]

    assert card.train_params is TrainParams
    assert card.sample_dataset == SAMPLES["iris"]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, {"architecture": "fitted-clusters"}, {})

    with pytest.raises(WeightsError, match=r"other.safetensors is incomplete"):
        Predictor(path)


@pytest.mark.parametrize("data", [b"", b"a,b\nx,y\nz,w\n"])
def test_unusable_tables_are_input_errors(tmp_path: Path, data: bytes) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(data)

    with pytest.raises(InputError):
        _fit(tmp_path / "fitted.safetensors", table)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, {"architecture": "unet"}, {})

    with pytest.raises(WeightsError, match=r"other.safetensors holds no clusters: it is 'unet'"):
        Predictor(path)
