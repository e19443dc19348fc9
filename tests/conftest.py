"""A data folder, a database and no Redis for each test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import broker
from backend.database import engine
from backend.settings import settings
from backend.storage import storage
from backend.tables import metadata
from models.core import registry

CACHED = (settings, engine, storage, broker.redis, broker.celery)


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The application's settings point into a folder of this test's own."""
    monkeypatch.setenv("GLASSBOX_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("GLASSBOX_CAPABILITY_PACKAGES", '["tests.capabilities"]')
    for cached in CACHED:
        cached.cache_clear()
    registry.include("tests.capabilities")
    yield tmp_path / "data"
    engine().dispose()
    for cached in CACHED:
        cached.cache_clear()


@pytest.fixture
def database(data_folder: Path) -> Path:
    """The tables, empty."""
    metadata.create_all(engine())
    return data_folder
