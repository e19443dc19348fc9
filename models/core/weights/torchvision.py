"""Fetches torchvision's weights once, at the user's wish, and keeps them as safetensors.

The address is torchvision's own, written in the installed package; the file is checked against the
SHA-256 in its name, read without unpickling anything but tensors, and converted.
"""

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import nn
from torchvision.models import get_model_weights

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress

CHUNK = 1 << 20
TIMEOUT_SECONDS = 30.0
COUNTER = "num_batches_tracked"  # only some builders of torchvision keep it, and answering does not need it

Build = Callable[[str, int], nn.Module]  # architecture and number of classes -> the network without weights


def pull(name: str, build: Build, path: Path, progress: Progress, source: str | None = None) -> None:
    """Fetch, check and convert torchvision's weights of `name` into the safetensors file `path`.

    `progress` is told bytes done and bytes in all. `source` is another address of the same file, such as a
    mirror or, on a machine without a network, a `file://` one. Nothing is left behind when it fails.

    Raises:
        WeightsError: no network, or a file that is damaged or another one.
    """
    weights = get_model_weights(name).DEFAULT  # type: ignore[attr-defined]
    url = source or weights.url
    path.parent.mkdir(parents=True, exist_ok=True)
    fetched = path.with_name(path.name + ".fetched")
    try:
        download(url, fetched, progress)
        check(fetched, Path(url).name)
        convert(fetched, path, name, build, weights.meta["categories"])
    finally:
        fetched.unlink(missing_ok=True)


def download(url: str, path: Path, progress: Progress) -> None:
    """Write what stands at `url` to `path`. Raises WeightsError: it cannot be had, or not whole."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, path.open("wb") as file:  # noqa: S310
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                progress(done, total)
    except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError) as error:
        raise WeightsError(
            f"The weights could not be fetched from {url}: {error}. Check the network and try again."
        ) from error
    if total and done != total:
        raise WeightsError(f"The connection broke after {done} of {total} bytes. Try again.")


def check(path: Path, name: str) -> None:
    """Compare the file with the start of its SHA-256 that torchvision writes into its name."""
    expected = re.search(r"-([0-9a-f]{8,})\.pth$", name)
    if expected is None:
        raise WeightsError(f"{name} does not carry its hash, so it cannot be checked.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(expected[1]):
        raise WeightsError(
            f"{name} has the SHA-256 {digest[:16]}…, not {expected[1]}…: it is damaged. Try again."
        )


def convert(fetched: Path, path: Path, name: str, build: Build, labels: list[str]) -> None:
    """Read tensors, try them on the network, write safetensors."""
    try:
        state = torch.load(fetched, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises many types on a damaged file
        raise WeightsError(f"{path.stem}: the fetched file holds no weights: {error}") from error
    model = build(name, len(labels))
    fill(model, state)
    checkpoint.save(path, {"architecture": name, "labels": labels}, model.state_dict())


def fill(model: nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Load weights. Raises WeightsError: they are another network's."""
    try:
        lacking = model.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise WeightsError(f"The weights do not fit: {error}") from error
    wrong = [name for name in [*lacking.missing_keys, *lacking.unexpected_keys] if not name.endswith(COUNTER)]
    if wrong:
        raise WeightsError(
            f"The weights are another network's: {len(wrong)} names differ, the first is {wrong[0]}."
        )
