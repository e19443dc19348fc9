"""Which device this worker computes on."""

import torch

from backend.settings import settings


def pick() -> str:
    """The device of the settings; `auto` is CUDA where there is one. Sets torch's threads as well."""
    torch.set_num_threads(settings().torch_threads)
    wanted = settings().device
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def hardware(device: str) -> str:
    """The device's own name; nothing to say of a CPU."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else ""
