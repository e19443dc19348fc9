"""Rules of the layout that no linter checks."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from backend.services.jobs.tasks import REQUIREMENTS
from backend.tables import Queue, Task
from models.core.contract.card import Kind

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 500
BANNED = {"utils", "helpers", "common", "misc"}
STATUS_WRITERS = {
    "backend/services/jobs/commands.py",
    "backend/services/jobs/leases.py",
    "backend/services/jobs/recovery.py",
    "backend/services/jobs/endings.py",
    "backend/services/jobs/fits.py",
}


def _tracked(*patterns: str) -> list[Path]:
    """Files of the repository, also new ones that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def _shown(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_no_source_file_is_longer_than_500_lines() -> None:
    sources = [path for path in _tracked("*.py", "*.ts", "*.tsx", "*.mjs") if not path.name.endswith(".d.ts")]
    long = [path for path in sources if len(path.read_text("utf-8").splitlines()) > MAX_LINES]

    assert _shown(long) == []


def test_no_file_or_folder_has_a_vague_name() -> None:
    sources = _tracked("*.py", "*.ts", "*.tsx", "*.css")
    vague = [
        path for path in sources if BANNED & {part.split(".")[0] for part in path.relative_to(ROOT).parts}
    ]

    assert _shown(vague) == []


def test_only_the_job_services_write_a_jobs_status() -> None:
    writers = {
        str(path.relative_to(ROOT))
        for path in _tracked("backend/**/*.py", "workers/**/*.py")
        if re.search(r"update\(jobs\)(?s:.){0,200}?\bstatus=", path.read_text("utf-8"))
    }

    assert writers <= STATUS_WRITERS
    assert "backend/services/jobs/leases.py" in writers


def test_only_the_settings_read_the_environment() -> None:
    readers = []
    for path in _tracked("backend/**/*.py", "models/**/*.py"):
        source = path.read_text("utf-8")
        if "environ" not in source and "getenv" not in source:
            continue
        tree = ast.parse(source)
        names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if names & {"os.environ", "os.getenv"}:
            readers.append(path)

    assert _shown(readers) == []


def test_nothing_is_unpickled() -> None:
    unsafe = re.compile(
        r"\b(pickle\.loads?|joblib\.load|torch\.load\((?!.*weights_only=True)|allow_pickle=True)"
    )
    found = [
        path
        for path in _tracked("backend/**/*.py", "workers/**/*.py", "models/**/*.py")
        if unsafe.search(path.read_text("utf-8"))
    ]

    assert _shown(found) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_renderer(kind: Kind) -> None:
    assert len(list((ROOT / "frontend" / "src" / "stages").glob(f"*/{kind}.tsx"))) == 1


def test_no_registry_is_named() -> None:
    hosts = re.compile(
        "|".join([r"py" + r"pi\.org", r"python" + r"hosted", r"registry\.npm" + r"js", '"resolv' + 'ed":'])
    )
    texts = _tracked("*.txt", "*.json", "*.toml", "*.md", "*.yml", "*.py", "Makefile", "Dockerfile", ".npmrc")
    found = [path for path in texts if hosts.search(path.read_text("utf-8", errors="ignore"))]

    assert _shown(found) == []


def test_every_task_is_declared_in_one_place() -> None:
    assert set(REQUIREMENTS) == set(Task)
    assert {about.queue for about in REQUIREMENTS.values()} == set(Queue)


def test_no_capability_reaches_the_files_of_another_by_path() -> None:
    folders = {path.parent.name for path in (ROOT / "models").glob("*/card.py")}
    reaching = [
        path
        for folder in folders
        for path in _tracked(f"models/{folder}/**/*.py", f"models/{folder}/*.py")
        if re.search(
            r"parent(?:s\[\d\])? / \"(?:" + "|".join(folders - {folder}) + r")\"", path.read_text("utf-8")
        )
    ]

    assert _shown(reaching) == []
