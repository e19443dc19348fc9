"""The OpenAPI document: kept in docs, complete, and true to what the server does."""

from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks as openapi_checks

from backend.openapi import text

ROOT = Path(__file__).resolve().parents[3]
# a stream that waits for its job, and a wait of seconds, teach nothing here
# not whether valid data are accepted: no schema says what a picture is
CHECKS = [
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
MOST_OF_AN_ADDRESS = 65_536  # characters that the client sends at most, escaped
SKIPPED = {"/v1/jobs/{job_id}/events"}


@pytest.mark.usefixtures("data_folder")
def test_the_document_in_docs_is_the_servers() -> None:
    assert text() == (ROOT / "docs" / "openapi.json").read_text("utf-8"), (
        "write it anew: python -m backend.openapi"
    )


def test_every_operation_has_words_and_says_how_it_fails(client: TestClient) -> None:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert {"400", "401", "403", "422", "500"} <= set(operation["responses"]), where
            for status, response in operation["responses"].items():
                if int(status) >= 400 and path != "/readyz":
                    assert list(response["content"]) == ["application/problem+json"], where


def test_every_reference_leads_somewhere(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return found.union(*map(references, value.values()))
        return set().union(*map(references, value)) if isinstance(value, list) else set()

    names = {name.removeprefix("#/components/schemas/") for name in references(document)}
    assert names <= set(document["components"]["schemas"])


def conform(examples: int, client: TestClient) -> None:
    """Send what the document allows and what it does not; every answer must be one that it tells of."""
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # pyright: ignore[reportAttributeAccessIssue]
    for operation in operations:
        if operation.path in SKIPPED:
            continue

        @hypothesis_settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[*HealthCheck],  # pyright: ignore[reportArgumentType]
        )
        @given(
            case=st.one_of(
                operation.as_strategy(),
                operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE),
            )
        )
        def check(case: Any) -> None:
            arguments = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
            headers = {**dict(arguments.pop("headers", None) or {}), "Prefer": "respond-async"}
            sent: Any = requests.Request(headers=headers, **arguments).prepare()
            assume(len(sent.url) <= MOST_OF_AN_ADDRESS)
            request = client.build_request(
                sent.method, sent.url, content=sent.body, headers=dict(sent.headers)
            )
            request.read()
            answer = client.send(request)
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            case.validate_response(schemathesis.Response.from_any(answer), checks=CHECKS)

        check()


def test_it_answers_as_the_document_says(client: TestClient) -> None:
    conform(5, client)


@pytest.mark.slow
def test_it_answers_as_the_document_says_at_length(client: TestClient) -> None:
    conform(200, client)
