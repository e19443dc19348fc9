"""The numbers of a package of the tests -> config and state."""

from collections.abc import Mapping
from typing import Any

import torch

from models.core.weights import tfjs


def convert(files: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    found = tfjs.read(files["tiny.json"], files["tiny.bin"])
    return {"architecture": "tiny"}, {
        name: torch.from_numpy(found[name].copy()) for name in ("kernel", "bias")
    }
