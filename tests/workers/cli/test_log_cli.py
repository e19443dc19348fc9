"""`glassbox log`: verification by exit code, and an export that the script of docs/log.md verifies."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.database import transaction
from backend.migrations.upgrade import upgrade
from backend.services.log.record import record
from backend.services.log.sealing import seal
from workers.cli import entry, log

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "log.md"
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def glassbox(
    data_folder: Path,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Runs `glassbox log` with these arguments: exit code, and what it printed."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["glassbox", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            entry.run(log.app)
        return int(ended.value.code or 0), "".join(capsys.readouterr())

    return run


def script(file: Path) -> tuple[int, str]:
    """The first script of docs/log.md, which knows nothing of Glassbox."""
    found = FENCE.search(DOCUMENT.read_text("utf-8"))
    assert found
    command = [sys.executable, "-I", "-c", found[1], str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


def test_the_export_verifies_without_glassbox_and_a_change_does_not(
    glassbox: Command, tmp_path: Path
) -> None:
    assert glassbox("verify")[0] == 0  # an empty log
    upgrade()
    with transaction() as connection:
        for number in range(3):
            record(connection, "predict", {"job_id": str(number)}, by="Ünal", details={"answer": "ab"})
    seal()
    assert "3 entries no longer" in glassbox("forget", "--who", "Ünal")[1]
    file = tmp_path / "log.jsonl"
    assert "4 entries" in glassbox("export", "--to", file)[1]
    assert "Ünal" not in file.read_text("utf-8")

    assert script(file) == (0, "4 entries are valid\n")
    lines = file.read_text("utf-8").splitlines()
    changed = json.loads(lines[1]) | {"at": 0.0}
    for damaged in ([lines[0], json.dumps(changed), *lines[2:]], [lines[0], *lines[2:]], lines[::-1]):
        file.write_text("\n".join(damaged), "utf-8")
        assert script(file)[0] == 1

    noted = glassbox("verify")[1].split()[-1]
    assert noted.startswith("4:")
    assert glassbox("verify", "--noted", noted)[0] == 0
    with transaction() as connection:
        connection.execute(text("UPDATE log_entries SET at = 0 WHERE position = 2"))
    code, printed = glassbox("verify", "--noted", noted)
    assert code == 1
    assert "entry 2: The entry was changed." in printed


def test_unclear_arguments_are_refused(glassbox: Command) -> None:
    assert "POSITION:HASH" in glassbox("verify", "--noted", "4")[1]
    assert "one of" in glassbox("forget")[1]
