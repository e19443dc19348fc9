"""A network as other programs run it: named inputs and outputs, and how a picture becomes an input."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

Outputs = Sequence[np.ndarray]
TOLERANCE = 1e-4  # of an output's largest value


def as_they_are(in_torch: Outputs, in_onnx: Outputs) -> tuple[Outputs, Outputs]:
    """Every number of both outputs must be equal."""
    return in_torch, in_onnx


@dataclass(frozen=True)
class Exported:
    """What `export.network` of a capability returns.

    Attributes:
        module: takes the inputs in their order and returns the outputs in in_onnx; in evaluation mode.
        inputs: name -> an example, float32 or int64.
        dynamic: input -> its dimensions that may have any length, each with its name.
        preprocessing: how a file becomes the inputs, for programs: size, range of values, order of channels.
        description: the same, and what the outputs mean, for people.
        script: the source of `answer.py`, which computes an answer with NumPy, Pillow and ONNX Runtime.
        defaults: the options that the script answers with, which are those of Glassbox.
        requirements: the packages that the script needs.
        is_traced: `torch.export` refuses the network, as its sizes depend on values; the older exporter
            writes it.
        matched: where the order of its outputs is not fixed, those of PyTorch and of ONNX Runtime that must
            be equal, in the same order.
        takes_file: the script's first argument is an input, such as a picture.
    """

    module: nn.Module
    inputs: Mapping[str, torch.Tensor]
    outputs: tuple[str, ...]
    dynamic: Mapping[str, Mapping[int, str]]
    preprocessing: Mapping[str, Any]
    description: str
    script: Path
    labels: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float = TOLERANCE
    is_traced: bool = False
    matched: Callable[[Outputs, Outputs], tuple[Outputs, Outputs]] = as_they_are
    takes_file: bool = True
    requirements: tuple[str, ...] = ("numpy", "pillow", "onnxruntime")


def example_picture(height: int, width: int, channels: int = 3) -> torch.Tensor:
    """(1, channels, height, width) in [0, 1]: soft blobs of color with some noise, always the same."""
    random = torch.Generator().manual_seed(0)
    blobs = F.interpolate(torch.rand(1, channels, 6, 6, generator=random), (height, width), mode="bicubic")
    noise = torch.randn(1, channels, height, width, generator=random)
    return (blobs + 0.02 * noise).clamp(0, 1)
