"""The columns that a model trained on a table predicts from, as the file of its weights has them."""

import json
import struct
from typing import Any, BinaryIO

from backend.errors import NotFound
from backend.schemas.models import ModelColumn, ModelColumns
from backend.services.models import catalog
from backend.storage import storage

_MAX_HEADER = 100_000_000  # bytes, as in safetensors


def columns(name: str) -> ModelColumns:
    """Those of the newest version. Raises NotFound: no such model, or its weights are gone."""
    row = catalog.newest_of(name)
    if row.source != "trained" or row.location is None:
        return ModelColumns(target=None, columns=[])
    try:
        with storage().open(row.location) as file:
            config = _config(file)
    except OSError as error:
        raise NotFound(f"The weights of {name!r} are missing.") from error
    listed = [ModelColumn(**column) for column in config.get("columns", [])]
    return ModelColumns(target=config.get("target") if listed else None, columns=listed)


def _config(file: BinaryIO) -> dict[str, Any]:
    """The metadata of a safetensors file: eight bytes of length, then JSON. Its library would load NumPy."""
    (length,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(min(length, _MAX_HEADER)))
    return json.loads(header.get("__metadata__", {}).get("config", "{}"))
