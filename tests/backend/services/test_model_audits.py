"""Audits in the cards of models: once each, of versions, and without touching what users have written."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.services.models import audit_sections
from models.audit import groups
from models.core.contract import messages
from models.core.contract.messages import parts_of
from tests.workers.inference.test_audits import applicants, requested, sent, table

pytestmark = pytest.mark.usefixtures("inline_worker")


def add(client: TestClient, job: dict[str, Any], name: str = "tabular", **body: Any) -> Any:
    return client.post(f"/v1/models/{name}/audits", json={"job_id": job["id"], **body})


def translated(parts: list[dict[str, Any]], texts: Mapping[str, str]) -> str:
    """A message in another language, as pages fill it in."""

    def written(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return translated(value["parts"], texts) if value["parts"] else value["text"]

    values = [{name: written(value) for name, value in one["values"].items()} for one in parts]
    found = (messages.filled(texts[one["id"]], given) for one, given in zip(parts, values, strict=True))
    return re.sub(r"\n{3,}", "\n\n", " ".join(found))


def test_an_audit_joins_the_card_once_and_can_be_taken_out(client: TestClient) -> None:
    job = requested(client, applicants(1, 600, 2, skew=1.0), group="Gruppe ä", part="all")
    before = client.get("/v1/models/tabular/card").text
    added = add(client, job, author="Ada\n# <b>", intended_use="A first reading | by a person")
    assert added.status_code == 201, added.text
    again = add(client, job, author="Bob")
    assert (again.status_code, again.json()["id"]) == (200, added.json()["id"])

    shown = client.get("/v1/models/tabular/card").text
    assert shown.startswith(before.rstrip())
    section = shown[len(before.rstrip()) :]
    for part in (
        "## Audit of 20",
        "Made by `Ada # (b)`",
        "on 600 examples of `table.csv`",
        "¦ by a person",
        "| `größe 0` | ",
        "| recall | `größe 0` | `größe 1` | 0.",
        job["result"]["finding"],
    ):
        assert part in section
    assert client.get("/v1/models/tabular/card?audits=false").text == before
    listed = client.get("/v1/models/tabular/audits").json()["items"]
    assert [each["job_id"] for each in listed] == [job["id"]]
    assert listed[0]["model"] == {"name": "tabular", "version": 1}
    assert any(gap["is_distinct"] for gap in listed[0]["gaps"])

    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204  # the section outlives its job
    assert client.get("/v1/models/tabular/card").text == shown
    assert client.get("/v1/models/tabular/audits").json()["items"][0]["job_id"] is None
    address = f"/v1/models/tabular/audits/{listed[0]['id']}"
    assert [client.delete(address).status_code for _ in range(2)] == [204, 404]
    assert client.get("/v1/models/tabular/card").text == before


def test_a_section_can_be_shown_in_another_language(client: TestClient) -> None:
    job = requested(client, applicants(1, 600, 2, skew=1.0), group="Gruppe ä", part="all")
    added = add(client, job, author="Ada").json()

    texts = client.get("/v1/translations/de").json()["texts"]
    german = translated(added["section_message"], texts)
    assert german.startswith("## Prüfung vom 20")
    for part in (
        "Erstellt von `Ada`. Gemessen nach `Gruppe ä` an 600 Beispielen aus `table.csv`",
        "| Gruppe | Beispiele |\n| --- | --- |\n| `größe 0` | ",
        "| Trefferquote | `größe 0` | `größe 1` | 0.",
        "Das Modell dient nicht allen Gruppen gleich gut: ",
    ):
        assert part in german
    assert translated(added["section_message"], messages.declared()) == added["section"]


def test_names_of_groups_in_a_section_can_be_shown_in_another_language(client: TestClient) -> None:
    header, *rows = applicants(1, 600, 2).decode().splitlines()
    with_gaps = [row if at % 4 else f",{row.partition(',')[2]}" for at, row in enumerate(rows)]
    added = add(
        client, requested(client, "\n".join([header, *with_gaps]).encode(), group="one", part="all")
    ).json()

    assert "| `(missing)` | 150 |" in added["section"]
    german = translated(added["section_message"], client.get("/v1/translations/de").json()["texts"])
    assert "| `(fehlt)` | 150 |" in german
    assert re.search(r"\| `-?[\d.]+ bis -?[\d.]+` \| \d+ \|", german)
    assert "core.auditing.number" in str(added["section_message"]), "a page writes the numbers"
    assert translated(added["section_message"], messages.declared()) == added["section"]


def test_names_of_users_within_names_of_groups_have_no_meaning_in_a_card() -> None:
    name = groups.RANGE(low="a|`b`", high="<i>")
    written = audit_sections.code(name)

    assert written == "`a¦'b' to (i)`"
    assert translated(parts_of(written), messages.declared()) == written


def test_only_audits_of_the_model_join_its_card(client: TestClient) -> None:
    cells = ((n % 9, n % 2) for n in range(60))
    data = table(("x", "y"), cells)
    prediction = client.post(
        "/v1/jobs", json={"capability": "tabular", "upload_id": sent(client, data)}
    ).json()
    failed = requested(client, data, group="nowhere")
    audit = requested(client, applicants(2, 200, 2), group="Gruppe ä")

    assert add(client, prediction).status_code == 409
    assert "is failed" in add(client, failed).json()["detail"]
    assert add(client, audit, name="kinds").status_code == 409
    assert add(client, audit, name="nobody").status_code == 404
    assert add(client, {"id": "00000000-0000-4000-8000-000000000000"}).status_code == 404
    assert client.get("/v1/models/nobody/audits").status_code == 404
