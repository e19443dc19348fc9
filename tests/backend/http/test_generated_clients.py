"""Clients generated from docs/openapi.json, in Python and in TypeScript, predict on a running server."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.http.server import Server, configure
from backend.main import create_app
from workers.inference.server import Inference

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent / "clients"
PICTURE = ROOT / "models" / "detection" / "samples" / "valley.jpg"
TABLE = ROOT / "models" / "clustering" / "samples" / "iris.csv"
DOCUMENT = ROOT / "docs" / "openapi.json"
PNG = b"\x89PNG\r\n\x1a\n".hex()


@pytest.fixture
def server(inline_worker: Inference) -> Iterator[str]:  # noqa: ARG001  answers the predictions
    """The address of the real server."""
    listener = socket.create_server(("127.0.0.1", 0))
    running = Server(configure(create_app()))
    thread = threading.Thread(target=running.run, args=[[listener]], daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=30)
    listener.close()


def run(*command: str | Path, folder: Path) -> str:
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": tools, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def check(got: dict[str, Any]) -> None:
    assert got["objects"]
    assert all(score >= 0.5 for score in got["scores"])
    assert sum(got["clusters"]) == got["labels"] == 150
    assert len(got["clusters"]) == 3
    assert got["picture"] == PNG


@pytest.mark.timeout(240)
def test_a_generated_python_client_predicts(server: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"post_hooks": []}')  # nobody reads the code: not formatted
    output = run(
        "openapi-python-client", "generate", "--path", DOCUMENT, "--meta", "none",
        "--output-path", tmp_path / "glassbox_client", "--config", tmp_path / "config.json",
        folder=tmp_path,
    )  # fmt: skip
    got = json.loads(run(sys.executable, HERE / "use_python.py", server, PICTURE, TABLE, folder=tmp_path))

    # a picture of the documents is the only thing that this generator has no type for
    assert output.count("WARNING parsing") == output.count("image/svg+xml),") <= 1, output
    check(got)
    assert got["artifact"] == []
    assert got["raw"] == "succeeded"
    assert got["refused"] == [422, "/params/score"]
    assert got["unfitted"] == [422, "/model"]  # a row was sent
    assert got["renamed"] == "by python"
    assert sorted(got["names"]) == ["iris.csv", "upload", "valley.jpg", "valley.jpg"]
    assert got["uploads"] == [got["upload"]] == ["flowers.csv"]
    assert got["capabilities"] >= 7


@pytest.mark.timeout(240)
def test_a_generated_typescript_client_predicts(server: str, tmp_path: Path) -> None:
    tools = ROOT / "frontend" / "node_modules"
    shutil.copy(HERE / "use.ts", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run("node", tools / "openapi-typescript" / "bin" / "cli.js", DOCUMENT, "-o", "schema.ts", folder=tmp_path)
    run(
        "node", tools / "typescript" / "bin" / "tsc", "--strict", "--target", "es2022", "--module", "es2022",
        "--moduleResolution", "bundler", "--skipLibCheck", "--typeRoots", tools / "@types", "--types", "node",
        "use.ts",
        folder=tmp_path,
    )  # fmt: skip
    check(json.loads(run("node", "use.js", server, str(PICTURE), str(TABLE), folder=tmp_path)))
