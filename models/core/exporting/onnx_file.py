"""A network as an ONNX file, compared with PyTorch before anybody gets it.

ONNX: Open Neural Network Exchange, https://onnx.ai. The file is written by torch's exporter that records a
graph (`torch.export`), not by the older one that traces TorchScript: only it knows bicubic interpolation as
Pillow computes it, and keeps sizes variable (docs/decisions/0043).
"""

import json
import logging
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from models.core.contract.errors import WeightsError
from models.core.contract.messages import Text
from models.core.exporting.exported import Exported

OPSET = 18  # of ONNX: the oldest that has interpolation with antialiasing, so that older programs read it
DIFFERS = Text(
    "core.exporting.differs",
    "The exported network differs from PyTorch by {difference:.2g} of the largest value in {output!r}; "
    "{tolerance:.0e} are allowed.",
)


@dataclass(frozen=True)
class Check:
    """The exported network beside PyTorch on the same inputs.

    Attributes:
        difference: the largest absolute difference in any output.
        relative: the largest difference as a share of its output's largest value, which counts as at least 1.
    """

    difference: float
    relative: float
    tolerance: float
    torch_ms: float
    onnxruntime_ms: float


def write(exported: Exported, path: Path, about: Mapping[str, Any]) -> Check:
    """Write the network to `path`; `about` becomes its metadata, with the preprocessing and the check.

    Raises:
        WeightsError: the file computes something else than the network.
    """
    _export(exported, path)
    check = compare(exported, path)
    model = onnx.load(path)
    model.doc_string = exported.description
    metadata = {
        **about,
        "description": exported.description,
        "preprocessing": exported.preprocessing,
        "labels": exported.labels,
        "defaults": exported.defaults,
        "check": asdict(check),
    }
    onnx.helper.set_model_props(model, {name: _text(value) for name, value in metadata.items()})
    onnx.save(model, path)
    return check


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _export(exported: Exported, path: Path) -> None:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own parts, about their next versions
        if exported.is_traced:
            _export_traced(exported, path)
        else:
            _export_recorded(exported, path)


def _export_recorded(exported: Exported, path: Path) -> None:
    shapes = tuple(
        dict.fromkeys(exported.dynamic.get(name, ()), torch.export.Dim.DYNAMIC) for name in exported.inputs
    )
    program = torch.onnx.export(
        exported.module.eval(),
        tuple(exported.inputs.values()),
        input_names=list(exported.inputs),
        output_names=list(exported.outputs),
        dynamic_shapes=shapes,
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise TypeError("torch.onnx.export returned no program")
    program.save(path, external_data=False)


def _export_traced(exported: Exported, path: Path) -> None:
    """By the older exporter: `torch.export` refuses sizes that depend on values."""
    torch.onnx.export(
        exported.module.eval(),
        tuple(exported.inputs.values()),
        path,
        input_names=list(exported.inputs),
        output_names=list(exported.outputs),
        dynamic_axes={**exported.dynamic, **{name: {0: "found"} for name in exported.outputs}},
        opset_version=OPSET,
        dynamo=False,
    )


def compare(exported: Exported, path: Path) -> Check:
    """Both networks on the example and, where the size is variable, on a batch of two of another size.

    Raises:
        WeightsError: they differ by more than the tolerance.
    """
    session = open_session(path)
    difference = relative = 0.0
    times: dict[str, float] = {}
    for inputs in (exported.inputs, *_other_sizes(exported)):
        with torch.inference_mode():
            started = perf_counter()
            expected = exported.module(*inputs.values())
            times.setdefault("torch", perf_counter() - started)
        expected = expected if isinstance(expected, tuple) else (expected,)
        started = perf_counter()
        found = session.run(list(exported.outputs), {name: value.numpy() for name, value in inputs.items()})
        times.setdefault("onnxruntime", perf_counter() - started)
        in_torch, in_onnx = exported.matched(
            [one.numpy() for one in expected], [np.asarray(other) for other in found]
        )
        for output, values, other in zip(exported.outputs, in_torch, in_onnx, strict=True):
            largest = _difference(values, other)
            share = largest / max(1.0, float(np.abs(values).max(initial=0.0)))
            if not share <= exported.tolerance:
                raise WeightsError(DIFFERS(difference=share, output=output, tolerance=exported.tolerance))
            difference, relative = max(difference, largest), max(relative, share)
    milliseconds = {name: round(1000 * seconds, 2) for name, seconds in times.items()}
    return Check(difference, relative, exported.tolerance, milliseconds["torch"], milliseconds["onnxruntime"])


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest; infinite if the lengths differ."""
    return float(np.abs(one - other).max(initial=0.0)) if one.shape == other.shape else np.inf


def _other_sizes(exported: Exported) -> list[dict[str, torch.Tensor]]:
    """The example, doubled along every variable dimension."""
    if not exported.dynamic:
        return []
    inputs = {}
    for name, value in exported.inputs.items():
        repeats = [2 if axis in exported.dynamic.get(name, ()) else 1 for axis in range(value.ndim)]
        inputs[name] = value.repeat(repeats) if value.ndim else value
    return [inputs]


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """The file in ONNX Runtime on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
