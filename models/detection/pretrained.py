"""Fetches torchvision's COCO weights once, at the user's wish, and keeps them as safetensors.

The address is torchvision's own, written in the installed package; the file is checked against the
SHA-256 in its name, read without unpickling anything but tensors, and converted.
"""

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import torch
from torchvision.models import get_model_weights

from models.core import checkpoint
from models.core.errors import WeightsError
from models.detection.coco import ARCHITECTURES, build, fill

CHUNK = 1 << 20
TIMEOUT_SECONDS = 30.0
Report = Callable[[int, int], None]  # bytes done, bytes in all (0 where the server does not say)


def pull(name: str, folder: Path, report: Report = lambda done, total: None, source: str | None = None) -> Path:
    """Fetch, check and convert the weights of `name`; the path of the safetensors file in `folder`.

    A file that stands there already is kept. `source` is another address of the same file, such as a mirror
    or a `file://` one for a machine without a network.

    Raises:
        WeightsError: an unknown name, no network, or a file that is damaged or another one.
    """
    if name not in ARCHITECTURES:
        raise WeightsError(f"{name!r} is no pretrained detector; there are {', '.join(ARCHITECTURES)}.")
    path = folder / f"{name}.safetensors"
    if path.exists():
        return path
    weights = get_model_weights(name).DEFAULT  # type: ignore[attr-defined]
    folder.mkdir(parents=True, exist_ok=True)
    fetched = folder / f"{name}.pth.partial"
    try:
        download(source or weights.url, fetched, report)
        check(fetched, Path(source or weights.url).name)
        convert(fetched, path, name, weights.meta["categories"])
    finally:
        fetched.unlink(missing_ok=True)
    return path


def download(url: str, path: Path, report: Report) -> None:
    """Write what stands at `url` to `path`, telling how far it is. Raises WeightsError: it cannot be had."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, path.open("wb") as file:  # noqa: S310
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                report(done, total)
    except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError) as error:
        raise WeightsError(
            f"The weights could not be fetched from {url}: {error}. Check the network and try again; on a machine "
            "without one, fetch the file elsewhere and name it as the source."
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
            f"{name} has the SHA-256 {digest[:16]}…, not {expected[1]}…: it is damaged or another file. Try again."
        )


def convert(fetched: Path, path: Path, name: str, labels: list[str]) -> None:
    """Read tensors, try them on the network, write safetensors."""
    try:
        state = torch.load(fetched, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises many types on a damaged file
        raise WeightsError(f"{path.stem}: the fetched file holds no weights: {error}") from error
    model = build(name, len(labels))
    fill(model, state)
    checkpoint.save(path, {"architecture": name, "labels": labels}, model.state_dict())
