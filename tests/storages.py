"""A remote storage that a test can switch off, and a disk of the test's own size."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from botocore.exceptions import EndpointConnectionError
from fsspec.implementations.local import LocalFileSystem

URL = "switched://"


# fsspec's own file systems name their parameters differently, too
# pyright: reportIncompatibleMethodOverride=false


class Switched(LocalFileSystem):
    """Files below a folder; while the file `OFF` exists there, every operation fails as S3's client does."""

    protocol = "switched"
    cachable = False
    root_marker = ""
    OFF: ClassVar[str] = "off"

    @classmethod
    def _strip_protocol(cls, path: Any, **_: Any) -> str:
        return str(path).removeprefix(URL).rstrip("/")

    def _check(self, path: str) -> str:
        folder = next((place for place in Path(path).parents if (place / self.OFF).exists()), None)
        if folder is not None:
            raise EndpointConnectionError(endpoint_url=f"https://{path}")
        return path

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        Path(self._check(path)).parent.mkdir(parents=True, exist_ok=True)
        super().pipe_file(path, value, mode, **options)

    def put_file(self, lpath: str, rpath: str, callback: Any = None, **options: Any) -> None:  # noqa: ARG002  fsspec's
        Path(self._check(rpath)).parent.mkdir(parents=True, exist_ok=True)
        self.pipe_file(rpath, Path(lpath).read_bytes(), **options)

    def get_file(self, rpath: str, lpath: str, callback: Any = None, **_: Any) -> None:  # noqa: ARG002  fsspec's
        Path(lpath).write_bytes(Path(self._check(rpath)).read_bytes())

    def info(self, path: str, **options: Any) -> Any:
        return super().info(self._check(path), **options)

    def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        return super().open(self._check(self._strip_protocol(path)), mode, **options)

    def rm_file(self, path: str) -> None:
        super().rm_file(self._check(path))

    def glob(self, path: str, maxdepth: Any = None, **options: Any) -> Any:
        return super().glob(self._check(path), maxdepth, **options)


fsspec.register_implementation("switched", Switched, clobber=True)


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A file system in memory at `folder`, with options of tmpfs such as `size=20m` or `nr_inodes=100`."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room of the disk; deleting it makes room again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1_000_000, 4_096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return filler
