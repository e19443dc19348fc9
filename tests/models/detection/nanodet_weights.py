"""NanoDet's weights for the tests: random ones, as they are published, and the real ones where installed."""

import json
from pathlib import Path

import torch

from models.detection.pretrained.nanodet import NanoDet
from models.detection.pretrained.nanodet_tfjs import BIASES, KERNELS, layers

_FOLDER = Path(__file__).parents[3] / "data" / "files" / "pretrained"
INSTALLED = next(_FOLDER.glob("nanodet-g-*.safetensors"), _FOLDER / "nanodet-g.safetensors")


def published(model: NanoDet) -> dict[str, bytes]:
    """nanodet.json and nanodet.bin for TensorFlow.js with the weights of `model`, in float16."""
    state, weights, data = model.state_dict(), [], b""
    entries = [("unknown_1", torch.ones(2, 3))]  # a constant of the graph, which is no weight
    for layer, kernel, bias in zip(layers(), KERNELS, BIASES, strict=True):
        entries += [
            (kernel, state[f"{layer}.weight"].permute(2, 3, 1, 0)),
            (bias, state[f"{layer}.bias"]),
        ]
    for name, tensor in reversed(entries):  # found by name, not by place
        quantization = {"dtype": "float16", "original_dtype": "float32"}
        weights.append(
            {"name": name, "shape": list(tensor.shape), "dtype": "float32", "quantization": quantization}
        )
        data += tensor.contiguous().half().numpy().astype("<f2").tobytes()
    manifest = {"weightsManifest": [{"paths": ["nanodet.bin"], "weights": weights}]}
    return {"nanodet.json": json.dumps(manifest).encode(), "nanodet.bin": data}


def random_network(seed: int = 0) -> NanoDet:
    """Untrained, with weights that float16 holds exactly."""
    torch.manual_seed(seed)
    model = NanoDet()
    model.load_state_dict({name: value.half() for name, value in model.state_dict().items()})
    return model.eval()
