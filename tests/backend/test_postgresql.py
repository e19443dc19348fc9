"""A PostgreSQL that is silent, away or unfit: nothing waits for ever, and it is named."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from backend.database import engine
from backend.main import create_app
from backend.migrations.revisions import UnfitDatabase
from backend.migrations.upgrade import upgrade
from backend.settings import settings
from tests.postgres import postgres
from tests.proxy import Proxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PASSWORD = "only-for-this-test"
STATEMENT_SECONDS = 3.0


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with postgres(PASSWORD) as port:
        yield port


def url(port: int, database: str = "glassbox") -> str:
    return f"postgresql://glassbox:{PASSWORD}@127.0.0.1:{port}/{database}"


@pytest.fixture
def way(server: int, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The network between the API and its database."""
    assert not data_folder.exists()
    with Proxy(server) as proxy:
        monkeypatch.setenv("GLASSBOX_DATABASE_URL", url(proxy.port))
        monkeypatch.setenv("GLASSBOX_DATABASE_STATEMENT_SECONDS", str(STATEMENT_SECONDS))
        monkeypatch.setenv("GLASSBOX_REDIS_URL", "unix:///nowhere/redis.sock")
        settings.cache_clear()
        yield proxy


@pytest.fixture
def client(way: Proxy) -> Iterator[TestClient]:
    assert way.port
    with TestClient(create_app(), base_url="http://127.0.0.1:8000") as made:
        yield made


def database_part(client: TestClient) -> tuple[bool, str]:
    started = time.monotonic()
    answer = client.get("/readyz")
    assert time.monotonic() - started < 2.0
    (part,) = [part for part in answer.json()["parts"] if part["name"] == "database"]
    return part["ready"], part["detail"]


def test_a_network_that_drops_packets_delays_nobody_for_ever(client: TestClient, way: Proxy) -> None:
    assert client.get("/v1/jobs").status_code == 200
    assert database_part(client)[0]
    way.silence()

    assert database_part(client) == (False, "no answer within 1.5 s. Check GLASSBOX_DATABASE_URL.")
    started = time.monotonic()
    refused = client.get("/v1/jobs")
    assert time.monotonic() - started < STATEMENT_SECONDS + 10
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    started = time.monotonic()
    assert [client.get("/v1/jobs").status_code for _ in range(3)] == [503] * 3
    assert time.monotonic() - started < 15
    assert not database_part(client)[0]

    way.restore()
    deadline = time.monotonic() + 20
    while client.get("/v1/jobs").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert database_part(client)[0]


def test_a_database_that_refuses_is_503_at_once_and_recovers(client: TestClient, way: Proxy) -> None:
    assert client.get("/v1/jobs").status_code == 200
    way.refuse()
    started = time.monotonic()
    refused = client.get("/v1/jobs")
    assert time.monotonic() - started < 3

    assert refused.status_code == 503
    assert "database is unreachable" in refused.json()["detail"]
    assert PASSWORD not in refused.text
    assert not database_part(client)[0]
    way.restore()
    assert client.get("/v1/jobs").status_code == 200


def test_a_statement_that_takes_too_long_is_503(client: TestClient, server: int) -> None:
    with psycopg.connect(url(server)) as other:
        other.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        refused = client.get("/v1/jobs")
        assert refused.status_code == 503
        assert "does not answer in time" in refused.json()["detail"]

    assert client.get("/v1/jobs").status_code == 200


def test_a_database_of_another_encoding_is_refused(
    way: Proxy, server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert way.port
    with psycopg.connect(url(server, "postgres"), autocommit=True) as connection:
        options = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        connection.execute(f"CREATE DATABASE latin {options}")
    monkeypatch.setenv("GLASSBOX_DATABASE_URL", url(server, "latin"))
    settings.cache_clear()
    engine.cache_clear()

    with pytest.raises(UnfitDatabase, match=r"latin has the encoding LATIN1.*ENCODING 'UTF8'"):
        upgrade()
