"""Access control: keys, sessions, other sites' pages, and exposed addresses."""

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from backend.http import authentication
from backend.main import create_app
from backend.settings import Settings, settings

KEY = "a-long-random-text"


@pytest.fixture
def locked(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The API with a key, under a public name."""
    monkeypatch.setenv("GLASSBOX_API_KEYS", f'["another", "{KEY}"]')
    settings.cache_clear()
    assert client.get("/healthz").status_code == 200
    return TestClient(create_app(), base_url="https://glassbox.example")


def test_without_keys_only_the_own_machine_is_served(client: TestClient) -> None:
    assert client.get("/v1/models").status_code == 200
    for host in ("localhost:8000", "[::1]:8000", "127.0.0.1", "app.localhost"):
        assert client.get("/v1/models", headers={"host": host}).status_code == 200
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "["):
        answer = client.get("/v1/models", headers={"host": host})
        assert answer.status_code == 403
        assert "GLASSBOX_API_KEYS" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9000"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_page_of_another_site_cannot_change_anything(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/jobs", json={}, headers=headers).status_code == 403
    assert client.get("/v1/models", headers=headers).status_code == 200


def test_a_page_of_this_server_can(client: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}

    assert client.post("/v1/jobs", json={}, headers=own).status_code == 422


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": f"Bearer {KEY}"}, 200),
        ({"authorization": f"bearer  {KEY}"}, 200),
        ({"x-api-key": KEY}, 200),
        ({"x-api-key": "another"}, 200),
        ({"authorization": f"Basic {KEY}"}, 401),
        ({"authorization": f"Bearer {KEY[:-1]}"}, 401),
        ({"x-api-key": ""}, 401),
        ({"cookie": f"{authentication.COOKIE}={KEY}"}, 401),
        ({"cookie": "\x00=;;"}, 401),
    ],
)
def test_a_key_grants_access(locked: TestClient, headers: dict[str, str], status: int) -> None:
    for path in ("/v1/jobs", "/metrics"):
        answer = locked.get(path, headers=headers)
        assert answer.status_code in (status, 500 if path == "/v1/jobs" and status == 200 else status)
        if status == 401:
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["type"] == "urn:glassbox:unauthorized"


def test_a_browser_sends_the_key_once_and_keeps_a_cookie(locked: TestClient) -> None:
    before = locked.get("/v1/session").json()
    wrong = locked.post("/v1/session", json={"key": "guess"})
    right = locked.post("/v1/session", json={"key": KEY})
    cookie = right.headers["set-cookie"]

    limits = {"max_upload_bytes": 50_000_000, "max_archive_bytes": 2_000_000_000}
    assert before == {"key_needed": True, "signed_in": False, **limits}
    assert wrong.status_code == 401
    assert right.status_code == 204
    assert KEY not in cookie
    for word in ("HttpOnly", "SameSite=strict", "Secure"):
        assert word in cookie
    after = locked.get("/v1/session").json()
    assert (after["key_needed"], after["signed_in"]) == (True, True)
    assert locked.get("/metrics").status_code == 200
    locked.delete("/v1/session")
    assert locked.get("/metrics").status_code == 401


@pytest.mark.parametrize(
    ("origin", "is_secure"),
    [("https://glassbox.example", True), ("http://glassbox.example", False), (None, False)],
)
def test_a_page_reached_by_https_gets_a_cookie_for_https_only(
    locked: TestClient, origin: str | None, is_secure: bool
) -> None:
    """Also behind a proxy that terminates TLS and whose X-Forwarded-Proto is missing or not trusted."""
    headers = {"host": "glassbox.example"} | ({"origin": origin} if origin else {})
    answer = locked.post("http://glassbox.example/v1/session", json={"key": KEY}, headers=headers)

    assert answer.status_code == 204
    assert ("Secure" in answer.headers["set-cookie"]) is is_secure


def test_the_error_for_a_proxy_that_drops_the_host_has_instructions(locked: TestClient) -> None:
    headers = {"host": "127.0.0.1:8000", "origin": "https://glassbox.example", "x-api-key": KEY}
    answer = locked.post("/v1/jobs", json={}, headers=headers)

    assert answer.status_code == 403
    assert "https://glassbox.example" in answer.json()["detail"]
    assert "127.0.0.1:8000" in answer.json()["detail"]
    assert "proxy" in answer.json()["detail"]


def test_without_keys_no_sign_in_is_needed(client: TestClient) -> None:
    session = client.get("/v1/session").json()
    assert (session["key_needed"], session["signed_in"]) == (False, True)


@pytest.mark.parametrize(
    ("values", "is_refused"),
    [
        ({"host": "127.0.0.1"}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "192.168.1.5"}, True),
        ({"host": "0.0.0.0", "api_keys": [KEY]}, False),
        ({"host": "0.0.0.0", "api_keys": [""]}, True),
        ({"host": "0.0.0.0", "allow_keyless": True}, False),
    ],
)
def test_other_machines_are_not_served_without_keys(values: dict[str, object], is_refused: bool) -> None:
    configured = Settings.model_validate(values)
    if is_refused:
        with pytest.raises(authentication.Exposed, match="GLASSBOX_API_KEYS"):
            authentication.check_exposure(configured)
    else:
        authentication.check_exposure(configured)


@pytest.mark.parametrize("given", ['{"anna": 1}', '{"": "a-key"}', '{"anna', '"a-key"', '[["a-key"]]'])
def test_keys_in_another_form_are_refused_in_one_sentence_without_them(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_API_KEYS", given)
    with pytest.raises(ValidationError) as refused:
        Settings()
    [problem] = refused.value.errors()

    assert problem["loc"] == ("api_keys",)
    assert '["a-key"]' in problem["msg"]
    assert '{"anna": "a-key"}' in problem["msg"]


@pytest.fixture
def shared(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The API for the pages of one other site."""
    monkeypatch.setenv("GLASSBOX_CORS_ORIGINS", '["https://lab.example"]')
    settings.cache_clear()
    assert client.get("/healthz").status_code == 200
    return TestClient(create_app(), base_url="http://127.0.0.1:8000")


def test_no_other_site_is_allowed_by_default(client: TestClient) -> None:
    answer = client.get("/v1/session", headers={"origin": "https://lab.example"})

    assert "access-control-allow-origin" not in answer.headers


def test_a_page_of_an_allowed_site_may_use_the_api(shared: TestClient) -> None:
    page = {"origin": "https://lab.example", "sec-fetch-site": "cross-site"}
    requested = {"access-control-request-method": "POST", "access-control-request-headers": "idempotency-key"}
    preflight = shared.options("/v1/jobs", headers={**page, **requested})
    sent = shared.post("/v1/session", json={"key": 1}, headers=page)

    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://lab.example"
    assert "idempotency-key" in preflight.headers["access-control-allow-headers"].lower()
    assert sent.status_code == 422
    assert sent.headers["access-control-allow-origin"] == "https://lab.example"
    assert "Location" in sent.headers["access-control-expose-headers"]


def test_a_page_of_a_site_that_is_not_allowed_may_not(shared: TestClient) -> None:
    page = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}

    assert shared.post("/v1/session", json={}, headers=page).status_code == 403
    assert "access-control-allow-origin" not in shared.get("/v1/session", headers=page).headers


@pytest.mark.parametrize("origin", ["*", "lab.example", "https://lab.example/page", ""])
def test_an_origin_that_is_none_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="GLASSBOX_CORS_ORIGINS"):
        authentication.origins(Settings(cors_origins=[origin]))
