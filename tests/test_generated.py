"""What is made from something else still matches it. Part of `make check`."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from backend import openapi
from backend.database import reading
from backend.migrations.upgrade import upgrade
from backend.tables import metadata

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.usefixtures("data_folder")
def test_the_migrations_make_the_tables() -> None:
    upgrade()

    with reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_openapi_json_is_the_applications() -> None:
    assert (ROOT / openapi.FILE).read_text("utf-8") == openapi.text(), "run: python -m backend.openapi"


def test_pinned_requirements_agree() -> None:
    pins: dict[str, set[str]] = {}
    for group in ("dev", "web", "worker", "s3"):
        for line in (ROOT / "requirements" / f"{group}.txt").read_text("utf-8").splitlines():
            if "==" in line and not line.startswith((" ", "#")):
                name, _, version = line.rstrip(" \\").partition("==")
                pinned, _, condition = version.partition(" ; ")
                pins.setdefault(f"{name} {condition}", set()).add(pinned)

    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}


@pytest.mark.parametrize("group", ["dev", "web", "worker", "s3", "uv"])
def test_requirements_name_no_registry_and_carry_hashes(group: str) -> None:
    text = (ROOT / "requirements" / f"{group}.txt").read_text("utf-8")

    assert "://" not in text
    assert text.count("--hash=sha256:") >= text.count("==")


def test_the_npm_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text("utf-8")
