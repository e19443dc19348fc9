"""What Glassbox stands on goes away under load: `python -m tests.faults.outages [--short] [name ...]`.

Each outage is inflicted on the whole application, with predictions and trainings running. Printed for each:
the jobs that were accepted, lost, ended twice, and failed because of the outage; what clients received
meanwhile; what `/readyz` named, and how long it took at most. Triggers of the database record the endings.
"""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psycopg

from tests.application import Application
from tests.postgres import free_port, postgres
from tests.proxy import Proxy
from tests.storages import fill, small_disk

PICTURE = Path(__file__).resolve().parent.parent / "capabilities" / "tiny" / "sample.jpg"
SETTINGS = {
    "GLASSBOX_LEASE_SECONDS": "6",
    "GLASSBOX_HEARTBEAT_SECONDS": "1.5",
    "GLASSBOX_GRACE_SECONDS": "3",
    "GLASSBOX_SWEEP_SECONDS": "1",
    "GLASSBOX_MAX_QUEUED": "100000",
    "GLASSBOX_CHECKPOINT_SECONDS": "0.5",
}
CALM_SECONDS = 4.0  # of load before an outage and after it
SETTLE_SECONDS = 90.0  # in which at least one more job must end
FINAL = ("succeeded", "failed", "canceled")
SHORT_SECONDS = 8.0
_PASSWORD = "only-for-this-test"

_SQLITE_AUDIT = """
CREATE TABLE audit (job TEXT, old TEXT, new TEXT, attempt INTEGER);
CREATE TRIGGER audit_status AFTER UPDATE OF status ON jobs BEGIN
    INSERT INTO audit VALUES (new.id, old.status, new.status, new.attempt);
END;
"""
_POSTGRESQL_AUDIT = """
CREATE TABLE audit (job TEXT, old TEXT, new TEXT, attempt INTEGER);
CREATE FUNCTION audit_status() RETURNS trigger AS $$ BEGIN
    INSERT INTO audit VALUES (new.id, old.status, new.status, new.attempt); RETURN new;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER audit_status AFTER UPDATE OF status ON jobs FOR EACH ROW EXECUTE FUNCTION audit_status();
"""
Connect = Callable[[], Any]


@dataclass
class Scene:
    """A running application and the outage to inflict on it."""

    application: Application
    connect: Connect  # to its database, not by the way that is cut
    audit: str
    cut: Callable[[float], AbstractContextManager[None]]


@dataclass
class Account:
    """What came of one outage."""

    name: str
    seconds: float
    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    failed: int = 0
    clients: Counter[str] = field(default_factory=Counter)
    not_ready: set[str] = field(default_factory=set)
    readyz_ms: float = 0.0
    is_ready_again: bool = False

    def __str__(self) -> str:
        clients = ", ".join(f"{status}: {number}" for status, number in sorted(self.clients.items()))
        named = ", ".join(sorted(self.not_ready)) or "nothing"
        return (
            f"{self.name} ({self.seconds:g} s)\n"
            f"  accepted {self.accepted}, lost {self.lost}, doubled {self.doubled}, failed {self.failed}\n"
            f"  clients during the outage: {clients}\n"
            f"  /readyz named {named}, {self.readyz_ms:.0f} ms at most; then ready: {self.is_ready_again}"
        )

    @property
    def is_clean(self) -> bool:
        return bool(self.accepted) and not (self.lost or self.doubled or self.failed)


class Load(threading.Thread):
    """Submits jobs one after another until it is stopped; keeps the accepted ids and counts the answers."""

    def __init__(self, application: Application, body: dict[str, Any], pause: float):
        super().__init__(daemon=True)
        self.application, self.body, self.pause = application, body, pause
        self.accepted: list[str] = []
        self.answers: Counter[str] = Counter()
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(self.pause):
            try:
                answer = self.application.post("/v1/jobs", self.body)
            except OSError as error:
                self.answers[type(error).__name__] += 1
                continue
            self.answers[str(answer.status)] += 1
            if answer.status == 202:
                self.accepted.append(answer.json["id"])


class Monitor(threading.Thread):
    """Asks `/readyz` twice a second: what it names, and how long it takes."""

    def __init__(self, application: Application):
        super().__init__(daemon=True)
        self.application = application
        self.not_ready: set[str] = set()
        self.slowest = 0.0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.5):
            started = time.monotonic()
            answer = self.application.get("/readyz")
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.not_ready |= {part["name"] for part in answer.json["parts"] if not part["ready"]}


def inflict(name: str, seconds: float) -> Account:
    """Start the application, let the outage last for `seconds`, and count what came of it."""
    account = Account(name, seconds)
    with SCENES[name]() as scene:
        application = scene.application
        with scene.connect() as connection:
            _run_script(connection, scene.audit)
        upload = application.ask(
            "POST", "/v1/uploads?name=photo.jpg", PICTURE.read_bytes() + b"1", {"content-type": "image/jpeg"}
        )
        loads = [
            Load(application, {"capability": "tiny", "upload_id": upload.json["id"], "inspect": True}, 0.1),
            Load(application, _training(60), 8.0),
        ]
        loads[1].accepted.append(application.post("/v1/jobs", _training(400)).json["id"])
        monitor = Monitor(application)
        for thread in loads:
            thread.start()
        time.sleep(CALM_SECONDS)
        monitor.start()
        before = sum((load.answers for load in loads), Counter[str]())
        with scene.cut(seconds):
            time.sleep(seconds)
        monitor.stopping.set()
        monitor.join()
        account.clients = sum((load.answers for load in loads), Counter[str]()) - before
        time.sleep(CALM_SECONDS)
        for load in loads:
            load.stopping.set()
        for load in loads:
            load.join()
        accepted = [job for load in loads for job in load.accepted]
        _settle(scene, len(accepted))
        application.wait_until_ready(60)
        account.is_ready_again = True
        account.not_ready, account.readyz_ms = monitor.not_ready, 1000 * monitor.slowest
        _count(account, scene, accepted)
    return account


def _training(steps: int) -> dict[str, Any]:
    return {"capability": "tiny", "task": "train", "params": {"steps": steps, "pause": 0.05}}


def _run_script(connection: Any, script: str) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.executescript(script)
    else:
        connection.execute(script)
        connection.commit()


def _settle(scene: Scene, accepted: int) -> None:
    """Wait until all have ended, each at most SETTLE_SECONDS after the one before it."""

    def waiting() -> int:
        with scene.connect() as connection:
            open_jobs = connection.execute("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')")
            return open_jobs.fetchone()[0]

    while left := waiting():
        message = f"{left} of {accepted} jobs have not ended, and none has"
        scene.application.wait_for(lambda left=left: waiting() < left, SETTLE_SECONDS, message)


def _count(account: Account, scene: Scene, accepted: list[str]) -> None:
    with scene.connect() as connection:
        status = {
            _plain(job): found for job, found in connection.execute("SELECT id, status FROM jobs").fetchall()
        }
        audit = connection.execute("SELECT job, new, attempt FROM audit").fetchall()
    endings = Counter(_plain(job) for job, new, _ in audit if new in FINAL)
    claims = Counter((job, attempt) for job, new, attempt in audit if new == "running")
    ids = [_plain(job) for job in accepted]
    account.accepted = len(ids)
    account.lost = sum(status.get(job) not in FINAL for job in ids)
    account.doubled = sum(endings[job] > 1 for job in ids) + sum(number > 1 for number in claims.values())
    account.failed = sum(status.get(job) == "failed" for job in ids)


def _plain(job: Any) -> str:
    return str(job).replace("-", "")


def _sqlite(application: Application) -> Connect:
    path = application.folder / "data" / "glassbox.db"

    @contextmanager
    def connect() -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
            yield connection

    return connect


@contextmanager
def _storage_cut() -> Iterator[Scene]:
    """An S3 server that refuses connections."""
    with ExitStack() as stack:
        proxy = stack.enter_context(Proxy(stack.enter_context(_s3())))
        credentials = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
        address = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}"}
        boto3.client(
            "s3",
            endpoint_url=address["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
        ).create_bucket(Bucket="glassbox")
        settings = {**SETTINGS, **credentials, **address, "GLASSBOX_STORAGE_URL": "s3://glassbox/files"}
        application = stack.enter_context(Application(**settings))
        yield Scene(application, _sqlite(application), _SQLITE_AUDIT, lambda _: _while(proxy.refuse, proxy))


@contextmanager
def _s3() -> Iterator[int]:
    port = free_port()
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "moto.server", "-p", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for_port(port)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
                return
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on port {port}"
            time.sleep(0.1)


@contextmanager
def _while(begin: Callable[[], None], proxy: Proxy) -> Iterator[None]:
    begin()
    try:
        yield
    finally:
        proxy.restore()


@contextmanager
def _database_silent() -> Iterator[Scene]:
    """A PostgreSQL behind a network that drops every packet."""
    with ExitStack() as stack:
        port = stack.enter_context(postgres(_PASSWORD))
        proxy = stack.enter_context(Proxy(port))
        address = "postgresql://glassbox:{}@127.0.0.1:{}/glassbox"
        url = address.format(_PASSWORD, proxy.port)
        application = stack.enter_context(Application(**SETTINGS, GLASSBOX_DATABASE_URL=url))
        direct = address.format(_PASSWORD, port)
        yield Scene(
            application,
            lambda: psycopg.connect(direct),
            _POSTGRESQL_AUDIT,
            lambda _: _while(proxy.silence, proxy),
        )


@contextmanager
def _on_a_small_disk(options: str, use_up: Callable[[Path], list[Path]]) -> Iterator[Scene]:
    """Everything that the application writes is on one small disk."""
    application = Application(**SETTINGS)
    with small_disk(application.folder / "data", options) as disk, application:

        @contextmanager
        def cut(_: float) -> Iterator[None]:
            taken = use_up(disk)
            try:
                yield
            finally:
                for file in taken:
                    file.unlink(missing_ok=True)

        yield Scene(application, _sqlite(application), _SQLITE_AUDIT, cut)


def _take_room(disk: Path) -> list[Path]:
    return [fill(disk)]


def _take_inodes(disk: Path) -> list[Path]:
    taken: list[Path] = []
    try:
        while True:
            file = disk / f"taken-{len(taken)}"
            file.touch()
            taken.append(file)
    except OSError:
        return taken


@contextmanager
def _database_locked() -> Iterator[Scene]:
    """Another program holds the lock of SQLite."""
    with Application(**SETTINGS, GLASSBOX_DATABASE_STATEMENT_SECONDS="5") as application:

        @contextmanager
        def cut(_: float) -> Iterator[None]:
            path = application.folder / "data" / "glassbox.db"
            with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                yield
                other.execute("ROLLBACK")

        yield Scene(application, _sqlite(application), _SQLITE_AUDIT, cut)


@contextmanager
def _redis_stopped() -> Iterator[Scene]:
    """Redis freezes, and is killed when it has just returned."""
    with Application(**SETTINGS) as application:

        @contextmanager
        def cut(_: float) -> Iterator[None]:
            (server,) = application.redis()
            os.kill(server, signal.SIGSTOP)
            try:
                yield
            finally:
                os.kill(server, signal.SIGCONT)
                time.sleep(1.0)
                os.kill(server, signal.SIGKILL)

        yield Scene(application, _sqlite(application), _SQLITE_AUDIT, cut)


SCENES: dict[str, Callable[[], AbstractContextManager[Scene]]] = {
    "storage-cut": _storage_cut,
    "database-silent": _database_silent,
    "disk-full": lambda: _on_a_small_disk("size=300m", _take_room),
    "no-inodes": lambda: _on_a_small_disk("size=300m,nr_inodes=4000", _take_inodes),
    "database-locked": _database_locked,
    "redis-stopped": _redis_stopped,
}
SECONDS = {
    "storage-cut": 25.0,
    "database-silent": 30.0,
    "disk-full": 15.0,
    "no-inodes": 15.0,
    "database-locked": 15.0,
    "redis-stopped": 20.0,
}
# what `/readyz` must name meanwhile
NAMED = {
    "storage-cut": "storage",
    "database-silent": "database",
    "disk-full": "storage",
    "no-inodes": "storage",
    "database-locked": "database",
    "redis-stopped": "redis",
}


def main(arguments: list[str]) -> int:
    """Exit code 1: a job was lost, ended twice, or failed because of an outage."""
    is_short = "--short" in arguments
    accounts = []
    for name in [name for name in arguments if name in SCENES] or list(SCENES):
        accounts.append(inflict(name, SHORT_SECONDS if is_short else SECONDS[name]))
        print(accounts[-1], flush=True)
    return 0 if all(account.is_clean for account in accounts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
