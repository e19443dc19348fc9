"""Malformed tables: each gets an answer, or a message that names the problem and its place."""

import numpy as np
import pytest

from models.core.contract.errors import InputError
from models.core.tables import csv_reader
from tests.hostile_tables import ANSWERED, REFUSED
from tests.models.clustering.answering import open_answer


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_the_message_names_what_is_wrong(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_answer(data, n_clusters=3)

    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("data", ANSWERED.values(), ids=ANSWERED.keys())
def test_readable_tables_are_answered(data: bytes) -> None:
    opened = open_answer(data, n_clusters=2, n_init=2)
    prediction = opened.prediction
    labels = prediction.result["labels"]

    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert np.isfinite(opened.stages[-1].data["points"]).all()
    assert csv_reader.read(prediction.outputs[0].data).columns[-1].values.tolist() == labels
    assert not any(
        cell.startswith((b"=", b"@")) for cell in prediction.outputs[0].data.split(b"\n")[0].split(b",")
    )


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("large") / "large.csv"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)  # claimed, not written

    with pytest.raises(InputError, match="1,000,000,000 bytes"):
        csv_reader.read(path)


def test_the_stages_of_many_iterations_are_small() -> None:
    # without clusters the centers move for many iterations
    random = np.random.default_rng(0)
    rows = "\n".join(f"{x:.4f},{y:.4f}" for x, y in random.uniform(size=(4_000, 2)))
    stages = open_answer(f"a,b\n{rows}\n".encode(), n_clusters=20, n_init=20, init="random").stages
    picture = stages[-1].data

    assert len(picture["steps"]) > 30
    assert (len(picture["points"]), picture["total"]) == (1_000, 4_000)
    assert "1,000 of 4,000" in stages[-1].explanation
    one = len(stages[-1].json) / len(picture["steps"])
    assert (
        sum(len(stage.json) for stage in stages) + 300 * one < 5_000_000
    )  # with the most iterations allowed
