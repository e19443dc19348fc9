"""Models trained here: their names and versions, and what users write about them."""

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.database import transaction
from backend.services.jobs import leases
from backend.services.jobs.leases import Ending
from backend.services.models import cards, registration
from backend.tables import Status, models
from models.core.contract import registry
from models.core.contract.card import ModelCard
from tests.capabilities.tiny import card as tiny

CARD = "| loss | 0.1 |\n" + cards.HEADING + "\nTrained by job 1. SHA-256 of the weights: `d`.\n"


def queue_training(client: TestClient, **about: Any) -> dict[str, Any]:
    answer = client.post("/v1/jobs", json={"capability": "tiny", "task": "train", **about})
    assert answer.status_code == 202, answer.text
    return answer.json()


def finish(job_id: str) -> bool:
    """As the training worker does."""
    claim = leases.claim_job(UUID(job_id), "test")
    assert claim is not None
    model = {
        "name": f"tiny-{job_id[:8]}", "architecture": "tiny", "location": f"models/{uuid4()}", "digest": "d",
        "bytes": 1, "metrics": {}, "card": CARD,
    }  # fmt: skip
    return leases.finish_training(Ending(claim, Status.SUCCEEDED, result={"data": {}}), model, {})


def trained(client: TestClient, **about: Any) -> dict[str, Any]:
    """The finished training."""
    job = queue_training(client, **about)
    assert finish(job["id"])
    return client.get(f"/v1/jobs/{job['id']}").json()


def versions(client: TestClient, name: str) -> list[dict[str, Any]]:
    return client.get(f"/v1/models/{name}").json()["items"]


def test_a_name_that_is_trained_again_has_its_next_version(client: TestClient) -> None:
    first = trained(client, model_name="garden-flowers", description="On 20 photos.", tags=["biology"])
    second = trained(client, model_name="garden-flowers")
    unnamed = trained(client)

    assert first["result"]["model"] == {"name": "garden-flowers", "version": 1}
    assert second["result"]["model"] == {"name": "garden-flowers", "version": 2}
    assert unnamed["result"]["model"] == {"name": f"tiny-{unnamed['id'][:8]}", "version": 1}
    newest, oldest = versions(client, "garden-flowers")
    assert (newest["version"], newest["job_id"]) == (2, second["id"])
    assert (oldest["title"], oldest["description"], oldest["tags"]) == (
        "Garden flowers", "On 20 photos.", ["biology"],
    )  # fmt: skip
    assert not newest["is_default"]
    text = client.get("/v1/models/garden-flowers/card?version=1").text
    assert text.startswith("# Garden flowers\n\nOn 20 photos.\n\n| loss")


def test_trainings_of_one_name_that_finish_at_once_have_versions_of_their_own(client: TestClient) -> None:
    jobs = [queue_training(client, model_name="twins")["id"] for _ in range(4)]
    ended: list[bool] = []
    threads = [threading.Thread(target=lambda job=job: ended.append(finish(job))) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ended == [True] * 4
    kept = {model["version"]: model["job_id"] for model in versions(client, "twins")}
    results = [client.get(f"/v1/jobs/{job}").json()["result"]["model"]["version"] for job in jobs]
    assert sorted(kept) == [1, 2, 3, 4]
    assert [kept[version] for version in results] == jobs


def test_a_name_of_glassbox_or_of_another_capability_is_refused(client: TestClient) -> None:
    waiting = queue_training(client, model_name="mine")
    bodies: list[dict[str, Any]] = [
        {"capability": "tiny", "model_name": "tiny"},
        {"capability": "clustering", "model_name": "mine"},
        {"capability": "tiny", "model_name": "Two Words"},
        {"capability": "tiny", "task": "predict", "model_name": "x", "upload_id": str(uuid4())},
    ]
    answers = [client.post("/v1/jobs", json={"task": "train", **body}) for body in bodies]

    assert [answer.status_code for answer in answers] == [409, 409, 422, 422]
    assert {answer.json()["errors"][0]["pointer"] for answer in answers} == {"/model_name"}
    assert finish(waiting["id"])


def test_a_renamed_model_keeps_its_versions_and_its_trainings_know_it(client: TestClient) -> None:
    first = trained(client, model_name="old-name")
    waiting = queue_training(client, model_name="old-name")
    trained(client, model_name="other")

    assert client.patch("/v1/models/old-name", json={"name": "other"}).status_code == 409
    assert client.patch("/v1/models/old-name", json={"name": "tiny"}).status_code == 409
    assert client.patch("/v1/models/old-name", json={"name": "new-name"}).json()["name"] == "new-name"
    assert finish(waiting["id"])
    assert client.get("/v1/models/old-name").status_code == 404
    assert [model["version"] for model in versions(client, "new-name")] == [2, 1]
    assert client.get(f"/v1/jobs/{first['id']}").json()["result"]["model"]["name"] == "new-name"


def test_a_card_that_takes_the_name_of_a_model_of_users_does_not_take_the_model(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(client, model_name="flowers")
    trained(client, model_name="flowers")
    trained(client, model_name="flowers-own")
    weights = tiny.HERE / "tiny.safetensors"
    card = ModelCard("flowers", "Flowers", "Shipped later.", "tiny", "Apache-2.0", weights)
    monkeypatch.setitem(registry.cards(), "tiny", replace(tiny.CARD, models=(*tiny.CARD.models, card)))
    for _ in range(2):
        registration.sync_cards()

    assert [(model["version"], model["source"]) for model in versions(client, "flowers")] == [(1, "shipped")]
    with transaction() as connection:
        query = select(models.c.version, models.c.location).where(models.c.name == "flowers-own-2")
        kept = connection.execute(query.order_by(models.c.version)).all()
    assert [(row.version, row.location is None) for row in kept] == [(1, False), (2, False)]
    assert len(versions(client, "flowers-own")) == 1
    name = client.get(f"/v1/jobs/{first['id']}").json()["result"]["model"]["name"]
    assert name == "flowers-own-2"


def test_a_deleted_version_is_gone_and_its_number_is_not_used_again(client: TestClient) -> None:
    for _ in range(2):
        trained(client, model_name="flowers")

    assert client.delete("/v1/models/flowers?version=2").status_code == 204
    assert client.delete("/v1/models/flowers?version=2").status_code == 404
    assert [model["name"] for model in client.get("/v1/models?name=flowers").json()["items"]] == ["flowers"]
    assert trained(client, model_name="flowers")["result"]["model"]["version"] == 3
    assert client.delete("/v1/models/flowers").status_code == 204
    assert client.patch("/v1/models/flowers", json={"tags": []}).status_code == 404
    assert trained(client, model_name="flowers")["result"]["model"]["version"] == 4


def test_an_edited_card_keeps_its_provenance(client: TestClient) -> None:
    trained(client, model_name="flowers")
    card = client.get("/v1/models/flowers/card").text
    body, provenance = cards.split(card)

    answer = client.patch("/v1/models/flowers", json={"card": f"# Mine\n\n{cards.HEADING}\nNothing."})
    edited = client.get("/v1/models/flowers/card").text
    assert answer.status_code == 200
    assert "SHA-256 of the weights: `d`" in provenance
    assert edited == f"# Mine\n\n\n## Provenance\n\nNothing.\n\n## Provenance\n\n{provenance}\n"
    assert client.patch("/v1/models/flowers", json={"card": card}).status_code == 200
    assert client.get("/v1/models/flowers/card").text == f"{body}\n\n## Provenance\n\n{provenance}\n"
    assert client.patch("/v1/models/flowers", json={"card": "x" * 100_001}).status_code == 422
    assert client.patch("/v1/models/tiny", json={"card": "x"}).status_code == 409


def test_a_card_of_before_there_was_provenance_is_kept_whole() -> None:
    edited = cards.edited("# tabular-1\n\nTrained by job 1.\n", "# Mine")

    assert edited == "# Mine\n\n## Provenance\n\n# tabular-1\n\nTrained by job 1.\n"
    assert cards.edited(edited, "# Ours") == edited.replace("Mine", "Ours")


def test_models_and_jobs_are_found_by_tag_and_text(client: TestClient) -> None:
    job = trained(client, model_name="flowers", tags=["Übung 1", "übung 1", 'a "quote"'])
    client.patch("/v1/models/tiny", json={"tags": ["übung"], "description": "For the second lesson."})

    def names(query: str) -> list[str]:
        return [model["name"] for model in client.get(f"/v1/models?{query}").json()["items"]]

    assert job["tags"] == ["übung 1", 'a "quote"']
    assert names("tag=übung 1") == names('tag=a "quote"') == ["flowers"]
    assert names("tag=übung") == ["tiny"]
    assert names("q=SECOND lesson") == ["tiny"]
    assert names("q=QUOTE") == ["flowers"]
    assert names("tag=%25") == []
    listed = client.get("/v1/jobs?tag=übung 1").json()["items"]
    assert [each["id"] for each in listed] == [job["id"]]
    client.patch(f"/v1/jobs/{job['id']}", json={"tags": ["best"], "description": "Longest.\nBest."})
    shown = client.get("/v1/jobs?tag=BEST").json()["items"][0]
    assert (shown["description"], shown["name"]) == ("Longest.\nBest.", job["name"])
    assert client.patch(f"/v1/jobs/{job['id']}", json={"tags": None}).status_code == 422


def test_a_repeated_training_makes_the_next_version(client: TestClient) -> None:
    job = trained(client, model_name="flowers", tags=["baseline"])
    again = client.post(f"/v1/jobs/{job['id']}/retry").json()

    assert (again["model_name"], again["tags"]) == ("flowers", ["baseline"])
    assert finish(again["id"])
    with transaction() as connection:
        query = select(models.c.version).where(models.c.job_id == UUID(again["id"]))
        assert connection.scalar(query) == 2
