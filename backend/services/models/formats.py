"""The formats in which models can be exported."""

from functools import cache

from backend.schemas.models import Form
from models.core.contract import registry

MEDIA_TYPES: dict[Form, str] = {
    "zip": "application/zip",
    "onnx": "application/octet-stream",
    "safetensors": "application/octet-stream",
}


def of(capability: str, *, has_weights: bool) -> list[Form]:
    """Of a model whose weights are or are not on this machine."""
    if not has_weights:
        return []
    return ["zip", "onnx", "safetensors"] if _has_network(capability) else ["zip", "safetensors"]


@cache
def _has_network(capability: str) -> bool:
    """Whether the capability describes its networks for other programs."""
    return capability in registry.cards() and (registry.folder(capability) / "export.py").exists()
