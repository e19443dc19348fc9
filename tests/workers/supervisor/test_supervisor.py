"""`glassbox up` keeps its processes running, and leaves none behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.application import ROOT, Application
from tests.workers.supervisor.stand_in import LATE_SECONDS

TIMEOUT = 60.0  # seconds; enough for a slow machine


class Started:
    """A running supervisor of stand-ins."""

    def __init__(self, folder: Path, kind: str = ""):
        self.output = folder / "output"
        self.data = folder / "data"
        named = {"DATA_FOLDER": str(self.data), "PORT": "0", "STAND_IN": kind}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.workers.supervisor.stand_in"],
                cwd=ROOT,
                env=os.environ | {f"GLASSBOX_{name}": value for name, value in named.items()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.02)

    def until_ready(self) -> list[psutil.Process]:
        self.wait_for(lambda: "\nready after" in self.printed())
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        """The child with the word in its command line, once it runs."""
        found: list[psutil.Process] = []

        def is_running() -> bool:
            children = psutil.Process(self.process.pid).children()
            found[:] = [child for child in children if word in " ".join(command(child))]
            return bool(found)

        self.wait_for(is_running)
        return found[0]


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def end(processes: list[psutil.Process]) -> None:
    for process in processes:
        if process.is_running():
            process.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def begin(kind: str = "") -> Started:
        started.append(Started(tmp_path, kind))
        return started[-1]

    yield begin
    for supervisor in started:
        if supervisor.process.poll() is None:
            end(psutil.Process(supervisor.process.pid).children(recursive=True))
            supervisor.process.kill()
        supervisor.process.wait()


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all processes end. A zombie counts as ended: init reaps orphans."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
            return True
        time.sleep(0.02)
    return False


def test_the_training_worker_starts_when_the_others_are_ready(start: Callable[..., Started]) -> None:
    supervisor = start("late")
    api, train = supervisor.child("http.server"), supervisor.child("stand-in of training")

    assert train.create_time() - api.create_time() >= LATE_SECONDS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything(start: Callable[..., Started], number: int) -> None:
    supervisor = start()
    processes = supervisor.until_ready()

    supervisor.process.send_signal(number)

    assert supervisor.process.wait(TIMEOUT) == 0, supervisor.printed()
    assert len(processes) == 5, "Redis, API, two workers, the watchdog"
    assert gone(processes)
    assert supervisor.printed().endswith("stopping ...\nstopped\n")


def test_a_child_that_ignores_sigterm_is_killed(start: Callable[..., Started]) -> None:
    supervisor = start("stubborn")
    processes = supervisor.until_ready()
    supervisor.wait_for((supervisor.data / "stubborn").exists)

    supervisor.process.terminate()

    assert supervisor.process.wait(TIMEOUT) == 0, supervisor.printed()
    assert gone(processes)
    assert "train did not stop in time" in supervisor.printed()


def test_killing_the_supervisor_ends_everything(start: Callable[..., Started]) -> None:
    supervisor = start("stubborn")
    processes = supervisor.until_ready()
    supervisor.wait_for((supervisor.data / "stubborn").exists)

    supervisor.process.kill()

    assert gone(processes)


def test_a_killed_child_is_restarted(start: Callable[..., Started]) -> None:
    supervisor = start()
    supervisor.until_ready()
    worker, redis = supervisor.child("time.sleep"), supervisor.child("redis")

    worker.kill()
    redis.kill()

    supervisor.wait_for(lambda: supervisor.printed().count("restarting it in 0.5 s") == 2)
    supervisor.wait_for(lambda: len(psutil.Process(supervisor.process.pid).children()) == 5)
    assert supervisor.child("redis").pid != redis.pid


def test_a_program_that_cannot_start_ends_the_start_with_its_error(start: Callable[..., Started]) -> None:
    supervisor = start("broken")

    assert supervisor.process.wait(TIMEOUT) == 1
    assert "glassbox: train failed to start (exit code 4)" in supervisor.printed()
    assert "no such device" in supervisor.printed()


def test_a_second_instance_in_the_same_folder_names_the_first(start: Callable[..., Started]) -> None:
    first = start()
    first.until_ready()

    done = up(GLASSBOX_DATA_FOLDER=str(first.data), GLASSBOX_PORT="0")

    assert done.returncode == 1
    assert f"in use by a running Glassbox (process {first.process.pid}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_reported_with_its_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        done = up(GLASSBOX_DATA_FOLDER=str(tmp_path), GLASSBOX_PORT=str(port))

    assert done.returncode == 1
    assert f"Cannot serve on 127.0.0.1:{port}: Address already in use (process {os.getpid()}" in done.stderr


def test_a_data_folder_that_cannot_be_created_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = up(GLASSBOX_DATA_FOLDER=str(tmp_path / "file" / "data"))

    assert done.returncode == 1
    assert done.stderr.startswith(f"glassbox: The data folder {tmp_path / 'file' / 'data'} is not writable")


def up(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workers.cli.main", "up"],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_real_application_ends_with_its_supervisor() -> None:
    with Application() as application:
        assert application.process is not None
        processes = application.processes()
        os.kill(application.workers("predict")[0], signal.SIGKILL)
        application.wait_for(lambda: application.workers("predict"), 30, "the worker did not come back")
        application.wait_until_ready(60)
        processes = [*processes, *application.processes()]

        application.process.kill()
        application.process.wait()

        assert gone(processes)
