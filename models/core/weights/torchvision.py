"""Downloads torchvision's weights once, on request, and keeps them as safetensors.

The URL is the one in the installed torchvision package. The file is checked against the SHA-256 in its name,
read without unpickling anything but tensors, and converted.
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
COUNTER = "num_batches_tracked"  # a training counter that only some of torchvision's builders keep

Build = Callable[[str, int], nn.Module]  # architecture and number of classes -> network without weights


def pull(name: str, build: Build, path: Path, progress: Progress, source: str | None = None) -> None:
    """Download, check and convert torchvision's weights of `name` into the safetensors file `path`.

    `progress` receives the bytes done and the total. `source` is another URL of the same file, such as a
    mirror or, on a machine without a network, a `file://` URL. A failed download leaves nothing behind.

    Raises:
        WeightsError: no network, or a damaged or different file.
    """
    weights = get_model_weights(name).DEFAULT  # type: ignore[attr-defined]
    url = source or weights.url
    path.parent.mkdir(parents=True, exist_ok=True)
    downloaded = path.with_name(path.name + ".fetched")
    try:
        download(url, downloaded, progress)
        check(downloaded, Path(url).name)
        convert(downloaded, path, name, build, weights.meta["categories"])
    finally:
        downloaded.unlink(missing_ok=True)


def download(url: str, path: Path, progress: Progress) -> None:
    """Save the file at `url` as `path`. Raises WeightsError: unreachable or incomplete."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, path.open("wb") as file:  # noqa: S310
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                progress(done, total)
    except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError) as error:
        raise WeightsError(
            f"The weights could not be downloaded from {url}: {error}. Check the network and try again."
        ) from error
    if total and done != total:
        raise WeightsError(f"The download stopped after {done} of {total} bytes. Try again.")


def check(path: Path, name: str) -> None:
    """Compare the file with the start of the SHA-256 in its name."""
    expected = re.search(r"-([0-9a-f]{8,})\.pth$", name)
    if expected is None:
        raise WeightsError(f"The name {name} contains no hash, so the file cannot be checked.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(expected[1]):
        raise WeightsError(
            f"{name} is damaged: its SHA-256 is {digest[:16]}…, not {expected[1]}…. Try again."
        )


def convert(downloaded: Path, path: Path, name: str, build: Build, labels: list[str]) -> None:
    """Read tensors, load them into the network, write safetensors."""
    try:
        state = torch.load(downloaded, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises many types on a damaged file
        raise WeightsError(f"{path.stem}: the downloaded file contains no weights: {error}") from error
    model = build(name, len(labels))
    fill(model, state)
    checkpoint.save(path, {"architecture": name, "labels": labels}, model.state_dict())


def fill(model: nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Load weights into the model. Raises WeightsError: they belong to another network."""
    try:
        result = model.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise WeightsError(f"The weights do not fit: {error}") from error
    different = [
        name for name in [*result.missing_keys, *result.unexpected_keys] if not name.endswith(COUNTER)
    ]
    if different:
        raise WeightsError(
            f"The weights belong to another network: {len(different)} names differ, first {different[0]}."
        )
