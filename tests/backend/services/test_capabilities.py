"""Cards and samples in the API."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, update

from backend.database import engine, transaction
from backend.main import prepare
from backend.services import samples
from backend.tables import models
from models.core.contract import registry, sample_answers
from models.core.contract.card import Card, Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Output, Prediction, Role, Stage
from models.core.contract.sample_answers import Saved
from tests.capabilities.tiny.card import CARD, HERE


def test_a_capability_has_everything_that_a_form_needs(client: TestClient) -> None:
    shown = client.get("/v1/capabilities/tiny").json()

    assert shown["tasks"] == ["predict", "train"]
    picture = {"name": "image", "kind": "image", "required": True, "title": "Picture", "sketch": None}
    assert shown["inputs"] == [picture]
    assert shown["samples"][0]["inputs"] == {"image": shown["samples"][0]["upload_id"]}
    assert shown["predict_params"]["properties"]["score"]["maximum"] == 1.0
    assert shown["train_params"]["properties"]["steps"]["default"] == 50
    assert [model["name"] for model in shown["models"]] == ["tiny", "tiny-large"]
    assert shown["samples"][0]["width"] == 640
    assert client.get(shown["samples"][0]["url"]).content == (HERE / "sample.jpg").read_bytes()
    assert shown in client.get("/v1/capabilities").json()["items"]


def test_capabilities_are_not_sent_twice(client: TestClient) -> None:
    first = client.get("/v1/capabilities")
    again = client.get("/v1/capabilities", headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 304


def test_texts_of_capabilities_are_available_in_german(client: TestClient) -> None:
    answer = client.get("/v1/translations/de")

    assert answer.json()["language"] == "de"
    assert answer.json()["texts"]["detection.title"] == "Objekterkennung"
    assert (
        client.get("/v1/translations/de", headers={"if-none-match": answer.headers["etag"]}).status_code
        == 304
    )
    assert client.get("/v1/translations/xx").status_code == 404
    assert client.get("/v1/translations/..").status_code in {404, 422}


def test_a_picture_that_can_be_drawn_has_its_brushes_and_those_of_other_models(client: TestClient) -> None:
    sketch = client.get("/v1/capabilities/drawing").json()["inputs"][0]["sketch"]

    assert (sketch["width"], sketch["height"], sketch["background"]) == (16, 12, "#000000")
    assert sketch["brushes"][0] == {"name": "sky", "color": "#3a7bd5"}
    assert [brush["name"] for brush in sketch["by_model"]["outlines"]["brushes"]] == ["edge"]
    assert client.get("/v1/capabilities/pair").json()["inputs"][0]["sketch"] is None


def test_an_unknown_capability_is_named_with_the_known_ones(client: TestClient) -> None:
    for answer in (client.get("/v1/capabilities/no-such"), client.post("/v1/predict/no-such", content=b"x")):
        assert answer.status_code == 404
        assert "tiny" in answer.json()["detail"]


def answer() -> Saved:
    picture = Output("a.png", Kind.IMAGE, b"\x89PNG", "image/png")
    explanation = Text("tests.saved", "{n} pictures.")(n=3)
    data = {"file": "a.png"}
    stage = Stage("input", Kind.IMAGE, "Input", explanation, data, (picture,), 3, "tests.none", Role.INPUT)
    return Saved(
        Prediction({"objects": []}, (picture,)),
        (stage,),
        "tiny@abc",
        {"score": 0.5},
        {"forward": 1.5},
        {"device": "cpu"},
    )


def test_a_saved_prediction_is_read_unchanged(tmp_path: Path) -> None:
    sample_answers.write(answer(), tmp_path / "a.prediction")
    sample_answers.write(answer(), tmp_path / "a.prediction")

    read = sample_answers.read(tmp_path / "a.prediction")
    assert read == answer()
    assert read.stages[0].about == answer().stages[0].about
    with pytest.raises(FileNotFoundError):
        sample_answers.read(tmp_path)


def test_the_first_sample_of_detection_is_a_photo_with_the_answer_of_a_model_that_need_not_be_installed(
    client: TestClient,
) -> None:
    capability = client.get("/v1/capabilities/detection").json()
    sample = capability["samples"][0]
    job = client.get(f"/v1/jobs/{sample['job_id']}").json()

    assert job["model"]["name"] == "nanodet-g"
    assert [found["label"] for found in job["result"]["objects"]] == ["dog", "dog"]
    assert len(client.get(f"/v1/jobs/{sample['job_id']}/inspection").json()["stages"]) >= 8


def test_a_sample_with_a_saved_answer_can_be_opened_without_a_worker(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "waves.jpg"
    file.write_bytes((HERE / "sample.jpg").read_bytes() + b"2")
    sample = replace(CARD.samples[0], inputs={"image": file}, answer=tmp_path / "waves.prediction")
    sample_answers.write(answer(), tmp_path / "waves.prediction")
    monkeypatch.setitem(registry.cards(), "tiny", replace(CARD, samples=(sample,)))
    samples.seed()
    samples.seed()
    shown = client.get("/v1/capabilities/tiny").json()["samples"][0]
    job = client.get(f"/v1/jobs/{shown['job_id']}").json()
    stage = client.get(f"/v1/jobs/{shown['job_id']}/inspection").json()["stages"][0]

    assert job["status"] == "succeeded"
    assert job["upload_id"] == shown["upload_id"]
    assert job["params"]["score"] == 0.5
    assert job["timings_ms"]["forward"] == 1.5
    assert client.get(job["artifacts"][0]["url"]).content == b"\x89PNG"
    assert client.get(stage["data_url"]).json() == {"file": "a.png"}
    assert client.get(stage["files"]["a.png"]).content == b"\x89PNG"
    # no user sent it: lists of jobs include it only on request
    assert client.get("/v1/jobs").json()["items"] == []
    listed = client.get("/v1/jobs?samples=true&limit=200").json()["items"]
    assert [one["id"] for one in listed].count(job["id"]) == 1


def test_a_broken_sample_is_left_out_and_the_rest_works(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "broken.jpg"
    file.write_bytes(b"not a picture, not a table: \0\0\0")
    broken = replace(CARD.samples[0], name="broken", inputs={"image": file})
    monkeypatch.setitem(registry.cards(), "tiny", replace(CARD, samples=(broken, *CARD.samples)))
    samples.seed()

    assert [one["name"] for one in client.get("/v1/capabilities/tiny").json()["samples"]] == ["waves"]


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*happening: Any) -> None:
        statements.append(happening[2])

    event.listen(engine(), "before_cursor_execute", note)
    yield statements
    event.remove(engine(), "before_cursor_execute", note)


@pytest.mark.usefixtures("client")
def test_a_start_with_nothing_new_writes_nothing() -> None:
    with counted() as statements:
        prepare()

    assert [each for each in statements if each.startswith(("INSERT", "UPDATE"))] == []


def test_the_list_is_read_with_two_statements_and_made_only_after_a_change(client: TestClient) -> None:
    first = client.get("/v1/capabilities")
    with counted() as statements:
        started = time.process_time()
        again = client.get("/v1/capabilities", headers={"if-none-match": first.headers["etag"]})
        seconds = time.process_time() - started
    with transaction() as connection:
        connection.execute(update(models).where(models.c.name == "tiny").values(title="Another title"))
    changed = client.get("/v1/capabilities", headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 304
    assert len([each for each in statements if each.startswith("SELECT")]) == 2
    assert seconds < 0.1, "it took 0.24 to 0.34 s when everything was made for each request"
    assert changed.status_code == 200
    assert "Another title" in changed.text


def test_one_capability_is_read_with_two_statements(client: TestClient) -> None:
    with counted() as statements:
        one = client.get("/v1/capabilities/tiny").json()

    assert len([each for each in statements if each.startswith("SELECT")]) == 2
    assert one == next(
        each for each in client.get("/v1/capabilities").json()["items"] if each["name"] == "tiny"
    )


@pytest.mark.parametrize("card", registry.cards().values(), ids=lambda card: card.name)
def test_the_results_of_samples_are_what_the_card_declares(card: Card) -> None:
    for sample in card.samples:
        if sample.answer is not None:
            card.result.model_validate(sample_answers.read(sample.answer).prediction.result)
