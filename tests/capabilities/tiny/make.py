"""Makes the weights and the sample anew: `python -m tests.capabilities.tiny.make`."""

import numpy as np
import torch
from PIL import Image

from models.core.contract import checkpoint
from tests.capabilities.tiny.architecture import Tiny
from tests.capabilities.tiny.card import HERE


def main() -> None:
    torch.manual_seed(0)
    checkpoint.save(HERE / "tiny.safetensors", {"architecture": "tiny"}, Tiny().state_dict())
    rows, columns = np.mgrid[0:480, 0:640]
    waves = [np.sin(columns / (9 + 5 * n) + n) * np.cos(rows / (7 + 4 * n)) for n in range(3)]
    noise = np.random.default_rng(0).normal(0, 0.06, (480, 640, 3))
    values = (np.stack(waves, axis=2) * 0.4 + 0.5 + noise).clip(0, 1) * 255
    Image.fromarray(values.astype(np.uint8)).save(HERE / "sample.jpg", quality=54)


if __name__ == "__main__":
    main()
