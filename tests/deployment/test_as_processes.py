"""docker-compose.yml as plain processes: its commands, environment and health checks, in its order.

They use PostgreSQL and a Redis server over TCP. Only the containers are missing.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.application import ROOT
from tests.deployment.compose import SECRETS, services
from tests.deployment.test_compose import seconds
from tests.postgres import free_port, postgres
from workers.supervisor import embedded_redis

SAMPLE = ROOT / "tests" / "capabilities" / "tiny" / "sample.jpg"


class Container:
    """One service of the compose file, without its container."""

    def __init__(self, name: str, folder: Path, replaced: dict[str, str]):
        self.about = services()[name]
        self.log = folder / f"{name}.log"
        given = {key: value for key, value in self.about["environment"].items() if value is not None}
        for here, there in replaced.items():
            given = {key: value.replace(here, there) for key, value in given.items()}
        self.environment = {
            **given,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "GLASSBOX_DATA_FOLDER": str(folder / "data"),
            "GLASSBOX_CAPABILITY_PACKAGES": '["tests.capabilities"]',
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.about["command"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def until_healthy(self) -> None:
        deadline = time.monotonic() + seconds(self.about["healthcheck"]["start_period"])
        while not self.is_healthy():
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.2)

    def is_healthy(self) -> bool:
        check = self.about["healthcheck"]
        done = subprocess.run(
            check["test"][1:],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            timeout=seconds(check["timeout"]),
            check=False,
        )
        return done.returncode == 0

    def stop(self) -> None:
        """Stop as Docker does, within the grace period."""
        self.process.terminate()
        assert self.process.wait(seconds(self.about["stop_grace_period"])) == 0, self.log.read_text()[-3000:]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """The port of a server with the compose file's options."""
    port = free_port()
    server = subprocess.Popen(
        [embedded_redis.find_server(), *services()["redis"]["command"][1:], "--port", str(port)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        server.terminate()
        server.wait(20)


class Deployment:
    """The services of the default profile, started in the order of `depends_on`."""

    def __init__(self, folder: Path, stack: ExitStack):
        database = stack.enter_context(postgres(SECRETS["POSTGRES_PASSWORD"]))
        broker = stack.enter_context(redis(folder))
        self.port = free_port()
        self.replaced = {
            "@postgres:5432": f"@127.0.0.1:{database}",
            "//redis:6379": f"//127.0.0.1:{broker}",
            "8000": str(self.port),
        }
        self.containers: dict[str, Container] = {}
        for name in ("api", "predict", "train"):
            container = Container(name, folder, self.replaced)
            stack.callback(container.end)
            container.until_healthy()
            self.containers[name] = container

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Any:
        [key] = json.loads(SECRETS["GLASSBOX_API_KEYS"])
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"Authorization": f"Bearer {key}", **headers}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  a local server
            return json.load(answer)

    def job(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.ask("/v1/jobs", json.dumps(body).encode(), **{"Content-Type": "application/json"})

    def until(self, job_id: str, *statuses: str) -> dict[str, Any]:
        return self.wait_for(job_id, lambda job: job["status"] in statuses)

    def wait_for(self, job_id: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + 90
        while True:
            job = self.ask(f"/v1/jobs/{job_id}")
            if condition(job):
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_services_of_the_compose_file_work_together(tmp_path: Path) -> None:
    with ExitStack() as stack:
        deployment = Deployment(tmp_path, stack)
        refuses_without_a_key(deployment.port)

        answer = deployment.ask("/v1/predict/tiny", SAMPLE.read_bytes(), **{"Content-Type": "image/jpeg"})
        assert (answer["status"], len(answer["result"]["objects"])) == ("succeeded", 20)

        terminal_gets_the_answer(deployment, tmp_path / "answer.png")

        training = deployment.job({"capability": "tiny", "task": "train", "params": {"steps": 20}})
        assert deployment.until(training["id"], "succeeded", "failed")["status"] == "succeeded"

        # a stopping worker releases an unfinished training, and another one finishes it
        long = deployment.job({"capability": "tiny", "task": "train", "params": {"steps": 150, "pause": 0.1}})
        deployment.wait_for(long["id"], lambda job: job["progress"]["step"] > 0)
        deployment.containers["train"].stop()
        assert deployment.until(long["id"], "queued", "failed")["status"] == "queued"
        second = Container("train", tmp_path, deployment.replaced)
        stack.callback(second.end)
        finished = deployment.until(long["id"], "succeeded", "failed")
        assert finished["status"] == "succeeded", finished

        for container in (second, deployment.containers["predict"], deployment.containers["api"]):
            container.stop()


def terminal_gets_the_answer(deployment: Deployment, out: Path) -> None:
    server = f"http://127.0.0.1:{deployment.port}"
    done = subprocess.run(
        ["glassbox", "predict", "tiny", SAMPLE, "--server", server, "--out", out, "-p", "score=0.5"],
        env=deployment.containers["api"].environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(found["score"] >= 0.5 for found in json.loads(done.stdout)["objects"])
    assert out.read_bytes().startswith(b"\x89PNG")


def refuses_without_a_key(port: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/jobs", timeout=10)
    refusal.value.close()
    assert refusal.value.code == 401
