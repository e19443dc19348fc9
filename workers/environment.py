"""The environment of a job, recorded to make it repeatable. Loads no torch."""

import os
import platform
from importlib.metadata import version


def environment(device: str, hardware: str = "") -> dict[str, str]:
    """Versions and hardware, as recorded on every job."""
    return {
        "glassbox": version("glassbox"),
        "python": platform.python_version(),
        "torch": version("torch"),
        "torchvision": version("torchvision"),
        "device": device,
        "hardware": f"{hardware or platform.machine()}, {os.cpu_count()} cores",
    }
