"""`glassbox`: fast help, answers without a server, errors of one line."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backend.services.models import pretrained
from models.core.contract import registry
from models.core.contract.errors import InputError
from tests.application import ROOT
from workers.cli import arguments, audit, chosen, samples
from workers.cli.main import COMMANDS

Glassbox = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def glassbox(tmp_path: Path) -> Glassbox:
    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {
            "GLASSBOX_DATA_FOLDER": str(tmp_path / "data"),
            "GLASSBOX_CAPABILITY_PACKAGES": '["tests.capabilities"]',
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.run(
            [sys.executable, "-m", "workers.cli.main", *arguments],
            cwd=tmp_path,
            env=os.environ | own | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def test_help_names_every_command_and_loads_nothing_heavy(glassbox: Glassbox) -> None:
    done = glassbox("--help", PYTHONPROFILEIMPORTTIME="1")

    assert done.returncode == 0
    assert [name for name in COMMANDS if f"  {name} " not in done.stdout] == []
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert loaded.isdisjoint({"torch", "sqlalchemy", "pydantic", "celery", "fastapi"})


def test_every_command_has_its_module() -> None:
    assert [name for name in COMMANDS if not (ROOT / "workers" / "cli" / f"{name}.py").exists()] == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["predict", "tiny", "photo.jpg", "-p", "x=1"], "x: Unknown; possible are: score"),
        (["models", "pull", "nothing"], "'nothing'"),
        (["evaluate", "nothing"], "'nothing'"),
        (["samples", "build", "nothing"], "'nothing'"),
        (["sheet", "clustering"], "clustering has no sheet of photos"),
        (["predict", "tiny", "pyproject.toml", "--server", "http://127.0.0.1:9"], "http://127.0.0.1:9"),
        (["health", "api"], "the API is not reachable"),
    ],
)
def test_an_error_is_one_line_that_names_the_problem(
    glassbox: Glassbox, command: list[str], message: str, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    done = glassbox(*command, GLASSBOX_PORT="9")

    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_params_come_from_json_and_pairs() -> None:
    assert arguments.values(["steps=5", "start=scratch"], '{"steps": 3, "seed": 1}') == {
        "steps": 5,
        "seed": 1,
        "start": "scratch",
    }
    for pairs, text in ((["x"], ""), ([], "{"), ([], "[1]")):
        with pytest.raises(InputError):
            arguments.values(pairs, text)


def test_an_invalid_setting_is_named(glassbox: Glassbox) -> None:
    done = glassbox("up", GLASSBOX_PORT="http")

    assert done.returncode == 1
    assert done.stderr.startswith("glassbox: GLASSBOX_PORT: Input should be a valid integer")


def test_wrong_usage_has_its_own_exit_code(glassbox: Glassbox) -> None:
    assert glassbox("worker", "audit").returncode == 2
    assert glassbox("nothing").returncode == 2


def test_models_are_listed_without_a_server(glassbox: Glassbox) -> None:
    done = glassbox("models", "list")

    assert done.returncode == 0, done.stderr
    assert any(line.startswith("* tiny ") for line in done.stdout.splitlines())


def test_a_training_writes_weights_for_predict(glassbox: Glassbox, tmp_path: Path) -> None:
    trained = glassbox(
        "train", "tiny", "--params", '{"steps": 30}', "-p", "seed=3", "--weights", "own.safetensors"
    )
    sample = str(ROOT / "tests" / "capabilities" / "tiny" / "sample.jpg")
    done = glassbox("predict", "tiny", sample, "--model", "own.safetensors", "--out", "answer.png")

    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.splitlines()[-2].startswith("30/30  loss ")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["objects"]) > 0
    assert (tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG")


def test_an_answer_is_not_written_under_the_suffix_of_another_type(
    glassbox: Glassbox, tmp_path: Path
) -> None:
    sample = str(ROOT / "tests" / "capabilities" / "tiny" / "sample.jpg")
    refused = glassbox("predict", "tiny", sample, "--out", "x.csv")

    assert refused.returncode == 1
    assert "x.png instead of x.csv" in refused.stderr
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(
    ("options", "environment", "sent"),
    [
        (["--key", "a"], {"GLASSBOX_API_KEY": "b"}, "Bearer a"),
        ([], {"GLASSBOX_API_KEY": "b", "GLASSBOX_API_KEYS": '["c"]'}, "Bearer b"),
        ([], {"GLASSBOX_API_KEYS": '["c"]'}, "Bearer c"),
        ([], {}, None),
    ],
)
def test_the_key_comes_from_the_option_or_the_environment(
    glassbox: Glassbox, options: list[str], environment: dict[str, str], sent: str | None
) -> None:
    got: list[str | None] = []

    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.headers["authorization"])
            self.send_error(401)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = glassbox(
            "predict", "dice", "--server", f"http://127.0.0.1:{server.server_port}", *options, **environment
        )
        server.shutdown()

    assert done.returncode == 1
    assert got == [sent]


def test_the_answers_of_samples_use_fetched_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.include("tests.capabilities")
    monkeypatch.setattr(registry, "_finders", [])
    weights = ROOT / "tests" / "capabilities" / "tiny" / "tiny.safetensors"
    pretrained.store("tiny-large", Path(shutil.copy(weights, tmp_path / "tiny-large.safetensors")))
    large = next(model for model in chosen.card("tiny").models if model.name == "tiny-large")
    samples.build("tiny")

    assert registry.installed_weights(large) is not None


def test_an_audit_names_what_it_found_and_writes_all_of_it(tmp_path: Path) -> None:
    sides = "\n".join(f"{n % 7},{'ab'[n % 2]},{'yes' if n % 2 else 'no'}" for n in range(400))
    table, out = tmp_path / "sides.csv", tmp_path / "a.json"
    table.write_text(f"x,side,outcome\n{sides}\n")

    def audited(*given: str) -> Result:
        return CliRunner().invoke(audit.app, [*given, "--dataset", str(table), "--device", "cpu"])

    of_model = audited("tabular", "-p", "group=side", "--out", str(out))
    of_data = audited("audit", "-p", "group=side")
    refused = [
        audited("clustering"),
        audited("audit", "-p", "group=nowhere"),
        audited("audit", "--model", "tabular"),
    ]

    assert of_model.exit_code == 0, of_model.output
    assert of_model.output.splitlines()[0] == json.loads(out.read_text("utf-8"))["finding"]
    assert "gap of selection rate: 1 (" in of_model.output.lower()
    assert "side alone avoids 100%" in of_data.output
    reasons = ("cannot be audited", "no group 'nowhere'", "leave out --model")
    assert [reason in str(done.exception) for done, reason in zip(refused, reasons, strict=True)] == [
        True
    ] * 3
