"""NanoDet's weights as they are published for TensorFlow.js -> those of `nanodet.py`.

The converter to TensorFlow.js has numbered the tensors in the order of the network: 34 kernels, and 34 biases
among other constants of the graph.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
import torch

from models.core.contract.errors import WeightsError
from models.core.weights import tfjs
from models.detection.pretrained.nanodet import LABELS, NanoDet
from models.detection.pretrained.nanodet_network import ARCHITECTURE

KERNELS = ("PartitionedCall/split", *(f"PartitionedCall/split_{number}" for number in range(1, 34)))
BIASES = tuple(f"unknown_{number}" for number in (*range(0, 55, 2), 60, 62, 66, 68, 70, 72))


def convert(files: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Config and state of `NanoDet`, in float16 as they are published, from nanodet.json and nanodet.bin.

    Raises:
        WeightsError: a file or tensor is missing, or has another shape than the network's.
    """
    try:
        manifest, data = files["nanodet.json"], files["nanodet.bin"]
    except KeyError as error:
        raise WeightsError(f"The file {error} of NanoDet is missing.") from error
    tensors = tfjs.read(manifest, data)
    expected = NanoDet().state_dict()
    state: dict[str, torch.Tensor] = {}
    for layer, kernel, bias in zip(layers(), KERNELS, BIASES, strict=True):
        # (height, width, inputs, outputs) -> (outputs, inputs, height, width)
        state[f"{layer}.weight"] = _tensor(tensors, kernel).permute(3, 2, 0, 1).contiguous()
        state[f"{layer}.bias"] = _tensor(tensors, bias)
        for name in (f"{layer}.weight", f"{layer}.bias"):
            if state[name].shape != expected[name].shape:
                raise WeightsError(
                    f"{name} of NanoDet has the shape {tuple(expected[name].shape)}, and the file's "
                    f"{tuple(state[name].shape)}."
                )
    return {"architecture": ARCHITECTURE, "labels": list(LABELS)}, state


def layers() -> Iterator[str]:
    """The names of the 34 convolutions in `NanoDet`, in the order of the published tensors."""
    stages = (
        [f"stages.{stage}.entry.0"]
        + [
            f"stages.{stage}.blocks.{block}.{half}.0"
            for block in range(blocks)
            for half in ("first", "second")
        ]
        + [f"stages.{stage}.exit.0"]
        for stage, blocks in enumerate((1, 2, 2, 3))
    )
    yield "stem.0"
    yield from chain.from_iterable(stages)
    yield from (f"pyramid.laterals.{level}" for level in range(3))
    yield from (f"heads.{level}.{part}" for level in range(3) for part in ("0.0", "1"))


def _tensor(tensors: Mapping[str, np.ndarray], name: str) -> torch.Tensor:
    """Raises WeightsError: missing."""
    found = tensors.get(name)
    if found is None:
        raise WeightsError(f"The weights have no tensor {name!r}.")
    if found.ndim not in (1, 4):
        raise WeightsError(f"The tensor {name!r} has the shape {found.shape}.")
    return torch.from_numpy(found.copy())
