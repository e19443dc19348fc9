"""The device of a worker."""

import torch

from backend.settings import settings


def select() -> str:
    """The device of the settings; `auto` is CUDA if available. Also sets torch's number of threads."""
    torch.set_num_threads(settings().torch_threads)
    configured = settings().device
    if configured != "auto":
        return configured
    return "cuda" if torch.cuda.is_available() else "cpu"


def hardware(device: str) -> str:
    """The GPU's product name; empty for a CPU."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else ""


def memory_bytes(device: str) -> int | None:
    """Memory that this process holds on the GPU; None for a CPU."""
    return torch.cuda.memory_reserved(device) if device.startswith("cuda") else None
