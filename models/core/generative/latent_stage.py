"""A decoder that the page runs: its layers and weights, and the stage of kind `latent` in which z is moved.

Batch normalization is exported as it is at inference, folded to one scale and one shift per channel:
y = x s + t with s = gamma / sqrt(variance + epsilon) and t = beta - mean s (Ioffe and Szegedy 2015,
arXiv:1502.03167, section 3.1).

Shapes: D dimensions of z, N held-out pictures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Output, Role, Stage

TITLE = Text("core.latent.title", "Latent space")
ABOUT = Text(
    "core.latent.explanation",
    "The decoder runs in this page: move z, and the picture decoded from it follows.",
)
_WEIGHTS_FILE, _TARGET_FILE = "decoder.bin", "target.png"
_DECIMALS = 4  # of z and of places in the plane
_PRIOR_RANGE = 3.0  # standard deviations of N(0, 1): 99.7% of its samples

Layer = dict[str, Any]
Arrays = list[torch.Tensor]


def export(module: nn.Module, embedding: nn.Embedding | None = None) -> tuple[list[Layer], bytes]:
    """The layers of a decoder at inference, and their arrays as little-endian float32 (docs/stages.md).

    Args:
        module: a layer or nn.Sequential of them, nested or not: Linear, Unflatten, Conv2d, ConvTranspose2d,
            BatchNorm2d, Upsample (nearest), ReLU, LeakyReLU, Sigmoid, Tanh, Identity, and conditional norms:
            modules with a BatchNorm2d `norm` and the Linear layers `gain` and `shift`, which compute
            norm(x) (1 + gain(e)) + shift(e).
        embedding: of the classes, for a conditional decoder: its row is appended to z; both together are e.

    Raises:
        ValueError: a layer or an option of it that the page cannot run.
    """
    exported = [_embed(embedding)] if embedding is not None else []
    exported += [_layer(each) for each in _flat(module)]
    exported = [(layer, arrays) for layer, arrays in exported if layer]
    arrays = [array.detach().cpu().float().numpy().ravel() for _, each in exported for array in each]
    weights = np.concatenate(arrays) if arrays else np.zeros(0)
    return [layer for layer, _ in exported], weights.astype("<f4").tobytes()


def _flat(module: nn.Module) -> Iterator[nn.Module]:
    if isinstance(module, nn.Sequential):
        for each in module:
            yield from _flat(each)
    else:
        yield module


def _layer(module: nn.Module) -> tuple[Layer, Arrays]:
    if all(hasattr(module, name) for name in ("norm", "gain", "shift")):
        return _conditional_norm(module)
    for kind, write in _WRITERS.items():
        if isinstance(module, kind):
            return write(module)
    raise ValueError(f"the page cannot run {module}")


def _embed(embedding: nn.Embedding) -> tuple[Layer, Arrays]:
    layer = {"op": "embed", "classes": embedding.num_embeddings, "features": embedding.embedding_dim}
    return layer, [embedding.weight]


def _linear(module: nn.Linear) -> tuple[Layer, Arrays]:
    layer = {"op": "linear", "inputs": module.in_features, "outputs": module.out_features}
    return layer, [module.weight, _bias(module, module.out_features)]


def _bias(module: Any, outputs: int) -> torch.Tensor:
    return torch.zeros(outputs) if module.bias is None else module.bias


def _reshape(module: nn.Unflatten) -> tuple[Layer, Arrays]:
    shape = [int(size) for size in module.unflattened_size]  # pyright: ignore[reportArgumentType]  no names here
    if len(shape) != 3:
        raise ValueError(f"the page reshapes to (channels, height, width), not to {tuple(shape)}")
    return {"op": "reshape", "shape": shape}, []


def _convolution(module: nn.Conv2d | nn.ConvTranspose2d) -> tuple[Layer, Arrays]:
    options = {}
    for name in ("kernel_size", "stride", "padding"):
        sizes = getattr(module, name)
        if isinstance(sizes, str) or len(set(sizes)) != 1:
            raise ValueError(f"the page needs one {name} for both axes: {module}")
        options[name.removesuffix("_size")] = sizes[0]
    is_plain = module.groups == 1 and set(module.dilation) == {1} and module.padding_mode == "zeros"
    if not is_plain or set(module.output_padding) != {0}:
        raise ValueError(f"the page runs no groups, dilation, output padding or other padding: {module}")
    op = "conv-transpose" if isinstance(module, nn.ConvTranspose2d) else "conv"
    layer = {"op": op, "inputs": module.in_channels, "outputs": module.out_channels, **options}
    return layer, [module.weight, _bias(module, module.out_channels)]


def _folded(norm: nn.BatchNorm2d) -> Arrays:
    """Scale and shift of batch normalization with the statistics of the training, (channels,) each."""
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError(f"without running statistics the output depends on the batch: {norm}")
    scale = (norm.running_var + norm.eps).rsqrt()
    if norm.affine:
        scale = scale * norm.weight
    shift = -norm.running_mean * scale
    return [scale, shift + norm.bias if norm.affine else shift]


def _batch_norm(module: nn.BatchNorm2d) -> tuple[Layer, Arrays]:
    return {"op": "scale-shift", "channels": module.num_features}, _folded(module)


def _conditional_norm(module: Any) -> tuple[Layer, Arrays]:
    linear = (module.gain, module.shift)
    channels, features = module.norm.num_features, module.gain.in_features
    arrays = [array for each in linear for array in (each.weight, _bias(each, channels))]
    layer = {"op": "conditional-norm", "channels": channels, "features": features}
    return layer, [*_folded(module.norm), *arrays]


def _upsample(module: nn.Upsample) -> tuple[Layer, Arrays]:
    factors = module.scale_factor if isinstance(module.scale_factor, tuple) else (module.scale_factor,)
    if module.mode != "nearest" or len(set(factors)) != 1 or not factors[0] or factors[0] % 1:
        raise ValueError(f"the page repeats pixels a whole number of times: {module}")
    return {"op": "upsample", "factor": int(factors[0])}, []


_WRITERS: dict[type[nn.Module], Callable[[Any], tuple[Layer, Arrays]]] = {
    nn.Linear: _linear,
    nn.Unflatten: _reshape,
    nn.Conv2d: _convolution,
    nn.ConvTranspose2d: _convolution,
    nn.BatchNorm2d: _batch_norm,
    nn.Upsample: _upsample,
    nn.ReLU: lambda _: ({"op": "relu"}, []),
    nn.LeakyReLU: lambda module: ({"op": "leaky-relu", "slope": module.negative_slope}, []),
    nn.Sigmoid: lambda _: ({"op": "sigmoid"}, []),
    nn.Tanh: lambda _: ({"op": "tanh"}, []),
    nn.Identity: lambda _: ({}, []),
}


@dataclass(frozen=True)
class Dimension:
    """One value of z: the range in which it is moved, and its posterior where the model has one."""

    name: str
    low: float
    high: float
    mean: float | None = None
    deviation: float | None = None
    kl: float | None = None  # of the posterior to the prior: nats, mean over held-out pictures


@dataclass(frozen=True)
class Plane:
    """Two dimensions of z, `x` and `y`, with held-out pictures: points (N, 2) and their groups (N,)."""

    points: np.ndarray
    labels: np.ndarray
    groups: Sequence[str]
    x: int = 0
    y: int = 1


@dataclass(frozen=True)
class Walk:
    """The way between two z, (D,) each; spherical for z of a high-dimensional Gaussian, as a GAN's."""

    start: np.ndarray
    end: np.ndarray
    start_name: str
    end_name: str
    path: Literal["linear", "spherical"] = "linear"


@dataclass(frozen=True)
class Decoder:
    """A decoder, and how its output is to be read.

    `values` of the output are black and white; the output has `size` (width, height) and 1 or 3 channels.
    """

    module: nn.Module
    size: tuple[int, int]
    channels: int = 1
    values: tuple[float, float] = (0.0, 1.0)
    embedding: nn.Embedding | None = None
    classes: Sequence[str] = ()


def dimensions(
    z: np.ndarray,
    codes: np.ndarray | None = None,
    *,
    deviation: np.ndarray | None = None,
    kl: np.ndarray | None = None,
) -> list[Dimension]:
    """One for each value of z (D,). Its range is that of a standard Gaussian, or of `codes` (N, D) if given.

    With `deviation`, z is the mean of the posterior.
    """
    low, high = np.full(len(z), -_PRIOR_RANGE), np.full(len(z), _PRIOR_RANGE)
    if codes is not None:
        low, high = codes.min(axis=0), codes.max(axis=0)
    low, high = np.floor(np.minimum(low, z) * 10) / 10, np.ceil(np.maximum(high, z) * 10) / 10
    return [
        Dimension(
            name=f"z {index + 1}",
            low=float(low[index]),
            high=float(max(high[index], low[index] + 0.1)),
            mean=None if deviation is None else _rounded(z[index]),
            deviation=None if deviation is None else _rounded(deviation[index]),
            kl=None if kl is None else _rounded(kl[index]),
        )
        for index in range(len(z))
    ]


def stage(
    decoder: Decoder,
    z: np.ndarray,
    dimensions: Sequence[Dimension],
    *,
    plane: Plane | None = None,
    walk: Walk | None = None,
    label: int | None = None,
    target: bytes | None = None,
    id: str = "latent",  # noqa: A002  the field's name
    title: str = "",
    explanation: str = "",
    code: str = "",
    role: Role | None = None,
) -> Stage:
    """The stage in which z (D,) is moved and decoded.

    Args:
        label: index of the answer's class among the decoder's.
        target: PNG of the decoder's size with which the page compares the decoded picture.
    """
    layers, weights = export(decoder.module, decoder.embedding)
    files = [Output(_WEIGHTS_FILE, Kind.LATENT, weights, "application/octet-stream")]
    width, height = decoder.size
    data: dict[str, Any] = {
        "file": _WEIGHTS_FILE,
        "layers": layers,
        "size": {"width": width, "height": height},
        "channels": decoder.channels,
        "values": list(decoder.values),
        "z": _listed(z),
        "dimensions": [_given(asdict(each)) for each in dimensions],
    }
    if plane is not None:
        points, labels = _listed(plane.points), np.asarray(plane.labels).tolist()
        groups = list(plane.groups)
        data["plane"] = {"x": plane.x, "y": plane.y, "points": points, "labels": labels, "groups": groups}
    if walk is not None:
        names = {"from_name": walk.start_name, "to_name": walk.end_name}
        data["walk"] = {"from": _listed(walk.start), "to": _listed(walk.end), **names, "path": walk.path}
    if decoder.classes:
        data |= {"classes": list(decoder.classes), "class": label or 0}
    if target is not None:
        data["target"] = _TARGET_FILE
        files.append(Output(_TARGET_FILE, Kind.IMAGE, target, "image/png"))
    return Stage(
        id=id,
        kind=Kind.LATENT,
        title=title or TITLE(),
        explanation=explanation or ABOUT(),
        data=data,
        files=tuple(files),
        count=len(z),
        code=code,
        role=role,
    )


def _rounded(value: Any) -> float:
    return round(float(value), _DECIMALS)


def _listed(values: np.ndarray) -> list[Any]:
    return np.asarray(values, np.float64).round(_DECIMALS).tolist()


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
