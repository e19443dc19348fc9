"""`glassbox datasets`: an archive is checked here, and goes to a server and back."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from models.core.contract.errors import InputError
from tests.backend.services.datasets.requests import picture
from workers.cli import datasets


def folders(path: Path, counts: dict[str, int]) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        numbers = iter(range(100))
        for name, count in counts.items():
            for number in range(count):
                packed.writestr(f"{name}/{number}.png", picture(next(numbers)))
    path.write_bytes(buffer.getvalue())
    return path


def test_an_archive_is_checked_without_a_server(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        datasets.app, ["check", str(folders(tmp_path / "fruit.zip", {"fig": 8, "kiwi": 1}))]
    )

    assert done.exit_code == 0, done.output
    assert "classes: 2, pictures: 9" in done.output
    assert "  fig: 8 pictures (train " in done.output
    assert "warning: Classes with fewer than 4 pictures: 1 (kiwi)." in done.output


def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for name in ("a.zip", "b.zip"):
        done = CliRunner().invoke(datasets.app, ["check", str(tmp_path / name)])

        assert isinstance(done.exception, InputError), name


def test_a_file_that_cannot_be_written_is_refused_before_the_download(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "missing" / "a.zip"):
        done = CliRunner().invoke(datasets.app, ["export", "any", "--to", str(target)])

        assert isinstance(done.exception, InputError), target


@pytest.fixture
def server(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command against the API in this process."""

    @contextmanager
    def connect(*_: str) -> Iterator[TestClient]:
        yield client

    monkeypatch.setattr(datasets, "connect", connect)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(datasets.app, list(arguments))
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    return run


@pytest.mark.usefixtures("inline_worker")
def test_a_dataset_goes_to_a_server_and_back(server: Callable[..., str], tmp_path: Path) -> None:
    sent, back = folders(tmp_path / "fruit.zip", {"fig": 5, "kiwi": 4}), tmp_path / "back.zip"
    output = server("import", str(sent), "--name", "Fruit")

    exported = server("export", output.split()[-1], "--to", str(back), "--form", "yolo")

    assert exported == f"{back}: version 1\n"
    with zipfile.ZipFile(back) as packed:
        pictures = [name for name in packed.namelist() if name.endswith(".png")]
    assert len(pictures) == 9
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == ["back.zip", "fruit.zip"]
