"""The OpenAPI document: up to date in docs, complete, and true to the server's responses."""

from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import seed as hypothesis_seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks as openapi_checks

from backend.errors import AppError
from backend.openapi import text

ROOT = Path(__file__).resolve().parents[3]
# no check that valid data are accepted: no schema describes the content of a picture
CHECKS = [
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
MAX_ADDRESS = 65_536  # characters that the client can send, escaped
SKIPPED = {"/v1/jobs/{job_id}/events"}  # a stream that waits for its job


@pytest.mark.usefixtures("data_folder")
def test_the_document_in_docs_is_the_servers() -> None:
    assert text() == (ROOT / "docs" / "openapi.json").read_text("utf-8"), (
        "write it again: python -m backend.openapi"
    )


def test_every_operation_has_a_description_and_its_errors(client: TestClient) -> None:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert {"400", "401", "403", "422", "500"} <= set(operation["responses"]), where
            for status, response in operation["responses"].items():
                if int(status) >= 400 and path != "/readyz":
                    assert list(response["content"]) == ["application/problem+json"], where


def test_every_reference_resolves(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return found.union(*map(references, value.values()))
        return set().union(*map(references, value)) if isinstance(value, list) else set()

    names = {name.removeprefix("#/components/schemas/") for name in references(document)}
    assert names <= set(document["components"]["schemas"])


def test_every_operation_has_examples_of_what_is_sent_and_received(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]

    def has_example(value: dict[str, Any]) -> bool:
        schema = value.get("schema", {})
        schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        return bool({"example", "examples"} & {*value, *schema})

    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            for parameter in operation["parameters"]:
                assert has_example(parameter), f"{where}: {parameter['name']}"
                assert "default" not in parameter["schema"], f"{where}: {parameter['name']}"
                assert parameter["name"] != "params", f"{where}: generators use this name"
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                assert has_example(content) or kind == "application/octet-stream", f"{where}: {kind}"
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                assert content is None or has_example(content) or status == "202", f"{where}: {status}"


def test_nothing_that_is_sent_has_a_default_which_generators_would_send(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    sent = [
        name for name in schemas if name.endswith(("Params", "Create", "Update")) or name == "DefaultModel"
    ]

    assert len(sent) > 8
    assert [name for name in sent if "'default':" in str(schemas[name])] == []


def test_every_type_of_problem_is_a_literal_of_its_own() -> None:
    def kinds(base: type[AppError]) -> list[type[AppError]]:
        return [base, *(found for each in base.__subclasses__() for found in kinds(each))]

    types = [kind.__dict__.get("type") for kind in kinds(AppError)]
    assert None not in types, [kind for kind in kinds(AppError) if "type" not in kind.__dict__]
    assert len(set(types)) == len(types)


def conform(examples: int, client: TestClient, seed: int | None = None) -> None:
    """Send valid and invalid requests; every response must match the document."""
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # pyright: ignore[reportAttributeAccessIssue]
    for operation in operations:
        if operation.path in SKIPPED:
            continue

        @hypothesis_seed(seed or 0)
        @hypothesis_settings(
            max_examples=examples,
            deadline=None,
            derandomize=seed is None,
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
            assume(len(sent.url) <= MAX_ADDRESS)
            request = client.build_request(
                sent.method, sent.url, content=sent.body, headers=dict(sent.headers)
            )
            request.read()
            answer = client.send(request)
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            case.validate_response(schemathesis.Response.from_any(answer), checks=CHECKS)

        check()


def test_responses_match_the_document(client: TestClient) -> None:
    conform(5, client)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_responses_match_the_document_with_many_examples(client: TestClient, seed: int) -> None:
    conform(60, client, seed)
