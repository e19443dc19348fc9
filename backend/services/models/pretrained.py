"""Weights of pretrained models in the storage, where every machine of an installation finds them.

pretrained/<name>.json                       which file is installed; written last
pretrained/<name>-<hash>.safetensors, .md    the weights, and where they come from
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from backend.errors import StorageAway
from backend.settings import settings
from backend.storage import storage
from models.core.contract import registry
from models.core.weights import sources

log = logging.getLogger(__name__)

FOLDER = "pretrained"
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Installed:
    """The weights of one model: storage key, SHA-256 and size of their file."""

    key: str
    sha256: str
    bytes: int


def names() -> dict[str, str]:
    """Name of every pretrained model -> its capability."""
    return {
        model.name: capability
        for capability, card in registry.cards().items()
        for model in card.models
        if model.is_pretrained
    }


def find(name: str) -> Installed | None:
    """The installed weights of a model; None: none, or those of another version. Raises StorageAway."""
    if not settings().storage_url and not Path(settings().resolved_storage_url()).exists():
        return None  # before the first start; a folder that was set may not be mounted
    try:
        found = json.loads(storage().get(_marker(name)))
        installed = Installed(str(found["key"]), str(found["sha256"]), int(found["bytes"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    source = sources.SOURCES.get(name)
    return installed if source is None or source.sha256 == installed.sha256 else None


def local(name: str) -> Path | None:
    """The installed weights of a model as a file on this machine. Raises StorageAway."""
    installed = find(name)
    return storage().local(installed.key) if installed else None


def store(name: str, weights: Path) -> Installed:
    """Install the file `weights`, which is moved away, and the card beside it.

    Raises:
        StorageAway.
    """
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    stem = f"{FOLDER}/{name}-{digest[:16]}"
    installed = Installed(stem + SUFFIX, digest, weights.stat().st_size)
    card = weights.with_suffix(".md")
    if card.exists():
        storage().put_file(f"{stem}.md", card)
    storage().put_file(installed.key, weights)
    storage().put(_marker(name), json.dumps(vars(installed)).encode())
    weights.unlink(missing_ok=True)
    card.unlink(missing_ok=True)
    return installed


def _marker(name: str) -> str:
    return f"{FOLDER}/{name}.json"


def add_from_folder() -> list[str]:
    """Install weights that lie in `weights_folder`, as in a Docker image; returns the names of new ones.

    The folder is left as it is: it may be read-only, and belongs to every container. Earlier versions kept
    fetched weights in the data folder.

    An unreachable storage is logged.
    """
    try:
        return _from_folder()
    except StorageAway as error:
        log.warning("weights of this installation are not added to the storage: %s", error)
        return []


def _from_folder() -> list[str]:
    new = []
    folders = (settings().weights_folder, settings().data_folder / FOLDER)
    for name, folder in product(names(), filter(None, folders)):
        file = folder / f"{name}{SUFFIX}"
        if file.is_file() and find(name) is None:
            copy = settings().work_folder() / FOLDER / file.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            for suffix in (SUFFIX, ".md"):
                if file.with_suffix(suffix).is_file():
                    copy.with_suffix(suffix).write_bytes(file.with_suffix(suffix).read_bytes())
            store(name, copy)
            new.append(name)
    return new
