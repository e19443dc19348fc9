"""Weights of SPAN and Real-ESRGAN as ncnn stores them -> those of the networks here."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from models.core.contract.errors import WeightsError
from models.core.weights import ncnn
from models.core.weights.ncnn import Convolution
from models.super_resolution.pretrained import rrdbnet, span

Converted = tuple[dict[str, Any], dict[str, torch.Tensor]]


def convert(files: Mapping[str, bytes]) -> Converted:
    """Config and state, in the types in which they are stored, of the one network in `files` (.param, .bin).

    Raises:
        WeightsError: damaged, or of another network.
    """
    (param,) = (content for name, content in files.items() if name.endswith(".param"))
    (data,) = (content for name, content in files.items() if name.endswith(".bin"))
    layers = list(ncnn.read(param, data).values())
    return _span(layers) if isinstance(layers[0], np.ndarray) else _rrdbnet(layers)


def _span(layers: list[Convolution | np.ndarray]) -> Converted:
    """A constant, the mean, then the convolutions in the order in which the network computes them."""
    mean, *convolutions = layers
    names = ["head", *(f"blocks.{n}.{part}" for n in range(span.BLOCKS) for part in span.PARTS)]
    state = _state([*names, "body", "merge", "tail"], convolutions)
    state["mean"] = torch.from_numpy(np.array(mean))
    channels, outputs = state["head.bias"].numel(), state["tail.bias"].numel()
    config = span.Config(scale=round((outputs / 3) ** 0.5), channels=channels)
    return config.to_json(), state


def _rrdbnet(layers: list[Convolution | np.ndarray]) -> Converted:
    blocks = (len(layers) - 6) // 15
    dense = [*(f"growing.{n}" for n in range(4)), "last"]
    names = (f"blocks.{n}.dense.{k}.{part}" for n in range(blocks) for k in range(3) for part in dense)
    state = _state(["head", *names, "body", "enlarging.0", "enlarging.1", "detail", "tail"], layers)
    config = rrdbnet.Config(
        state["head.bias"].numel(), state["blocks.0.dense.0.growing.0.bias"].numel(), blocks
    )
    return config.to_json(), state


def _state(names: list[str], layers: list[Convolution | np.ndarray]) -> dict[str, torch.Tensor]:
    if len(names) != len(layers):
        raise WeightsError(f"The network has {len(names)} layers with weights; the file has {len(layers)}.")
    state: dict[str, torch.Tensor] = {}
    for name, layer in zip(names, layers, strict=True):
        if not isinstance(layer, Convolution):
            raise WeightsError(f"The file has a constant where the network has the convolution {name}.")
        state[f"{name}.weight"] = torch.from_numpy(np.array(layer.kernel))
        state[f"{name}.bias"] = torch.from_numpy(np.array(layer.bias))
    return state
