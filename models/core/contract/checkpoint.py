"""Weights and training states on disk: safetensors with JSON metadata, never pickle.

A file is written under another name, flushed to the disk, then renamed: a power cut leaves the old file or
the new one, never a partial one.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from models.core.contract.errors import WeightsError

METADATA_KEY = "config"


def save(path: Path, config: Mapping[str, Any], state: Mapping[str, torch.Tensor]) -> None:
    """Write `state`, and the `config` that fixes the shape of the architecture, to one file."""
    partial = path.with_name(path.name + ".partial")
    # clones: safetensors refuses tensors that share memory, as tied weights and views do
    tensors = {name: tensor.detach().to("cpu").contiguous().clone() for name, tensor in state.items()}
    save_file(tensors, partial, metadata={METADATA_KEY: json.dumps(dict(config))})
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def load(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Config and tensors (on the CPU, in the types in which they were saved) of one file.

    Raises:
        WeightsError: the file is missing, damaged, or not written by `save`.
    """
    try:
        with safe_open(path, framework="pt") as file:
            config = json.loads((file.metadata() or {})[METADATA_KEY])
            return config, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
    except FileNotFoundError as error:
        raise WeightsError(f"There are no weights at {path}.") from error
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise WeightsError(
            f"{path.name} is not a weights file of Glassbox, or it is damaged: {error}."
        ) from error


def below(state: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The tensors whose names begin with `prefix`, such as those of one of several networks, without it."""
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
