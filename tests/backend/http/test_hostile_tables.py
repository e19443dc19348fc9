"""The hostile tables over HTTP: each gets a clear answer, and the server survives."""

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.hostile_tables import ANSWERED, GOOD, OPTIONS_ANSWERED, OPTIONS_REFUSED, REFUSED

CSV = {"content-type": "text/csv", "prefer": "wait=30"}
# refused by the API, with errors of its own, before a worker reads them
REFUSED_BY_API = {
    "nothing": (415, "The file is empty"),
    "NUL": (415, "neither an image, a CSV table nor a ZIP archive"),
    "random bytes": (415, "neither an image, a CSV table nor a ZIP archive"),
    "a web page": (415, "is an HTML or XML document.* Save the table as CSV"),
    "10,000 columns": (413, "Row 1 has 10,000 columns; the limit is 1,000"),
}


def ask(
    client: TestClient, data: bytes, clusters: int, headers: dict[str, str] | None = None, **options: Any
):
    params = {"n_clusters": clusters, "n_init": 1, **options}
    query = {"params": json.dumps(params), "inspect": "false"}
    return client.post(
        "/v1/predict/clustering", content=data, params=query, headers={**CSV, **(headers or {})}
    )


@pytest.mark.usefixtures("inline_worker")
def test_each_table_is_answered_or_refused_with_its_place(client: TestClient) -> None:
    for name, (data, message) in REFUSED.items():
        status, detail = REFUSED_BY_API.get(name, (422, message))
        refused = ask(client, data, clusters=3)

        assert refused.headers["content-type"] == "application/problem+json", name
        assert (name, refused.status_code) == (name, status), refused.text
        assert re.search(detail, refused.json()["detail"]), (name, refused.json())
        assert client.get("/healthz").status_code == 200, name
    for name, data in ANSWERED.items():
        answer = ask(client, data, clusters=2)

        assert answer.status_code == 200, (name, answer.text)
        labels = answer.json()["result"]["labels"]
        assert labels[0] == labels[1] != labels[2] == labels[3], name
    assert len(REFUSED) + len(ANSWERED) >= 40


@pytest.mark.usefixtures("inline_worker")
def test_a_gigabyte_is_refused_by_its_declared_length(client: TestClient) -> None:
    claim = {"content-length": "1000000000"}
    refused = ask(client, GOOD.encode(), clusters=2, headers=claim)

    assert refused.status_code == 413
    assert "50,000,000 bytes" in refused.json()["detail"]
    assert client.post("/v1/uploads", content=b"a,b\n", headers={**CSV, **claim}).status_code == 413
    assert ask(client, GOOD.encode(), clusters=2).status_code == 200


@pytest.mark.usefixtures("inline_worker")
def test_wrong_read_options_are_refused_and_valid_ones_answered(client: TestClient) -> None:
    for name, (options, data, message) in OPTIONS_REFUSED.items():
        refused = ask(client, data, clusters=2, **options)

        assert (name, refused.status_code) == (name, 422), refused.text
        assert re.search(message, refused.json()["detail"]), (name, refused.json()["detail"])
    for name, (options, data) in OPTIONS_ANSWERED.items():
        answer = ask(client, data, clusters=2, **options)

        assert answer.status_code == 200, (name, answer.text)
        labels = answer.json()["result"]["labels"]
        assert labels[0] == labels[1] != labels[2] == labels[3], name
    assert client.get("/healthz").status_code == 200
