"""Every test of a service runs on SQLite and on PostgreSQL: what locks and races on both in the fast set, the
rest on PostgreSQL in the slow set.

A database is a copy of a template, made in some hundredths of a second.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from backend.database import engine
from backend.main import prepare
from backend.settings import settings
from tests.conftest import forget
from tests.postgres import find_programs, postgres
from tests.prepared import Prepared

SQLITE, POSTGRESQL = "sqlite", "postgresql"
HERE = Path(__file__).parent
FAST = {
    "test_leases",
    "test_log",
    "test_model_names",
    "test_names",
    "test_submission",
    "test_sweep",
}  # on PostgreSQL too
PASSWORD = "secret-of-the-tests"
EMPTY, PREPARED = "glassbox", "prepared"  # templates


def address(port: int, database: str) -> str:
    return f"postgresql+psycopg://glassbox:{PASSWORD}@127.0.0.1:{port}/{database}"


def command(port: int, statement: str) -> None:
    """Run one statement that no transaction may contain."""
    maintenance = create_engine(address(port, "postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(statement))
    maintenance.dispose()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and POSTGRESQL in item.name and item.path.stem not in FAST:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    if find_programs() is None:
        pytest.skip("there is no PostgreSQL for this platform, neither installed nor as a wheel")
    with postgres(PASSWORD) as port:
        yield port


@pytest.fixture(scope="session")
def prepared_on_postgresql(postgres_port: int, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The data folder after the API's first start on the template `prepared`."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    command(postgres_port, f"CREATE DATABASE {PREPARED}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSBOX_DATA_FOLDER", str(folder))
        patch.setenv("GLASSBOX_DATABASE_URL", address(postgres_port, PREPARED))
        patch.setenv("GLASSBOX_CAPABILITY_PACKAGES", '["tests.capabilities"]')
        forget()
        prepare()
        engine().dispose()
        forget()
    return Prepared(folder)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def backend_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def prepared(prepared: Prepared, backend_name: str, request: pytest.FixtureRequest) -> Prepared:
    return prepared if backend_name == SQLITE else request.getfixturevalue("prepared_on_postgresql")


@pytest.fixture
def data_folder(
    data_folder: Path, backend_name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Settings with a data folder and a database of the test's own."""
    if backend_name == SQLITE:
        yield data_folder
        return
    port = request.getfixturevalue("postgres_port")
    template = EMPTY
    if "application" in request.fixturenames:
        request.getfixturevalue("prepared_on_postgresql")
        template = PREPARED
    else:
        data_folder.mkdir()  # as opening a database of SQLite does
    name = f"test_{uuid4().hex}"
    on_server = partial(command, port)
    on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    monkeypatch.setenv("GLASSBOX_DATABASE_URL", address(port, name))
    settings.cache_clear()
    engine.cache_clear()
    yield data_folder
    engine().dispose()
    on_server(f"DROP DATABASE {name} WITH (FORCE)")
