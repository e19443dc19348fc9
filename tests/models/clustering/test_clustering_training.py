"""Clusters that are kept: fitted, resumed, and other tables assigned to them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from models.clustering.card import CARD, PredictParams, TrainParams
from models.clustering.predict import Predictor
from models.clustering.train import train
from models.core.contract import checkpoint, registry
from models.core.contract.errors import InputError, Preempted, WeightsError
from models.core.contract.progress import Progress

SAMPLES = {sample.name: sample.file for sample in CARD.samples}
LINES = SAMPLES["iris"].read_text("utf-8").splitlines()


def _fit(path: Path, dataset: Path = SAMPLES["iris"], **params: object) -> Path:
    train(dataset, TrainParams.model_validate(params), weights=path, device="cpu", progress=Progress())
    return path


@pytest.mark.parametrize("method", ["k-means", "k-medians", "spherical k-means", "k-modes", "k-prototypes"])
def test_the_rows_of_the_fit_get_their_own_clusters(tmp_path: Path, method: str) -> None:
    sample = SAMPLES["animals" if method.endswith(("modes", "prototypes")) else "iris"]
    params = {"method": method, "n_init": 3, "n_clusters": 4}
    weights = CARD.models[0].weights
    assert weights
    known = Predictor(weights)(sample.read_bytes(), PredictParams.model_validate(params)).result
    fitted = Predictor(_fit(tmp_path / "fitted.safetensors", sample, **params))

    # the params of the question do not matter: the clusters are there
    answer = fitted(sample.read_bytes(), PredictParams(n_clusters=2))

    assert answer.result["labels"] == known["labels"]
    assert answer.result["clusters"] == known["clusters"]
    assert answer.result["inertia"] == pytest.approx(known["inertia"])
    assert answer.result["assigned_to_fitted"]
    assert [stage.id for stage in answer.stages][-2:] == ["profile", "clusters"]
    assert "placing" not in answer.stages[-1].data  # the centers stay where they are


def test_new_rows_go_to_the_nearest_center(tmp_path: Path) -> None:
    weights = _fit(tmp_path / "fitted.safetensors")
    _, state = checkpoint.load(weights)
    centers, offset, width = (state[name].numpy() for name in ("centers", "offset", "width"))
    rows = np.array([[7.0, 3.0, 6.0, 2.0], [5.0, 3.5, 1.4, 0.2]])
    apart = (((rows - offset) / width)[:, None] - centers[None]) ** 2
    table = LINES[0] + ",note\n" + "".join(",".join(map(str, row)) + ",?,new\n" for row in rows.tolist())

    answer = Predictor(weights)(table.encode(), PredictParams()).result

    assert answer["labels"] == (apart.sum(axis=2).argmin(axis=1) + 1).tolist()
    assert answer["left_out"] == ["species", "note"]


def test_the_order_of_the_columns_does_not_matter(tmp_path: Path) -> None:
    fitted = Predictor(_fit(tmp_path / "fitted.safetensors"))
    turned = "\n".join(",".join(reversed(line.split(","))) for line in LINES)

    assert (
        fitted(turned.encode(), PredictParams()).result["labels"]
        == fitted(SAMPLES["iris"].read_bytes(), PredictParams()).result["labels"]
    )


def test_columns_that_are_not_there_are_named(tmp_path: Path) -> None:
    fitted = Predictor(_fit(tmp_path / "fitted.safetensors"))

    with pytest.raises(
        InputError, match=r"lacks: 'sepal width \(cm\)', 'petal width \(cm\)'; it has: 'sepal"
    ):
        fitted(b"sepal length (cm),petal length (cm)\n1,2\n", PredictParams())
    with pytest.raises(InputError, match=r"Row 3, column 'petal width \(cm\)': 'wide' is not a number"):
        fitted("\n".join([*LINES[:2], "1,2,3,wide,x"]).encode(), PredictParams())
    with pytest.raises(InputError, match=r"Row 3, column 'sepal width \(cm\)': a number beyond 1e100"):
        fitted("\n".join([*LINES[:2], "1,2e200,3,4,x"]).encode(), PredictParams())


def test_a_word_that_was_not_there_fits_no_cluster_and_is_no_missing_value(tmp_path: Path) -> None:
    weights = _fit(
        tmp_path / "f.safetensors", SAMPLES["animals"], method="k-modes", columns=["covering", "young"]
    )

    answer = Predictor(weights)(b"covering,young,n\nplates,eggs,1\nfeathers,eggs,2\n", PredictParams()).result

    assert answer["rows"] == {"total": 2, "clustered": 2}
    assert answer["inertia"] >= 1


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


def test_the_card_says_that_it_can_be_trained() -> None:
    card = registry.cards()["clustering"]

    assert card.train_params is TrainParams
    assert card.sample_dataset == SAMPLES["iris"]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, {"architecture": "fitted-clusters"}, {})

    with pytest.raises(WeightsError, match="no fitted clusters"):
        Predictor(path)


@pytest.mark.parametrize("data", [b"", b"a,b\nx,y\nz,w\n"])
def test_what_cannot_be_fitted_is_an_input_error(tmp_path: Path, data: bytes) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(data)

    with pytest.raises(InputError):
        _fit(tmp_path / "fitted.safetensors", table)
