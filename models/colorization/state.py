"""Everything that a training changes from step to step, to and from one file."""

from pathlib import Path

import torch
from torch import nn

from models.colorization import networks
from models.colorization.architecture import Discriminator, Generator
from models.core import checkpoint as files

WEIGHT_DECAY = 0.02
BETAS, ADVERSARIAL_BETAS = (0.9, 0.999), (0.5, 0.999)  # pix2pix, section 3.3


def optimizer_for(model: nn.Module, betas: tuple[float, float]) -> torch.optim.AdamW:
    """AdamW that does not pull biases and normalizations towards zero."""
    kernels = [value for value in model.parameters() if value.ndim > 1]
    others = [value for value in model.parameters() if value.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": kernels, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}],
        betas=betas,
    )


class State:
    """Generator, its running mean, discriminator if there is one, their optimizers, and the step."""

    def __init__(self, generator: Generator, discriminator: Discriminator | None, device: str):
        self.device, self.step = device, 0
        self.generator, self.discriminator = generator, discriminator
        self.mean = Generator(generator.config)
        self.mean.load_state_dict(generator.state_dict())
        self.modules: dict[str, nn.Module] = {"generator.": self.generator, "mean.": self.mean}
        if discriminator:
            self.modules["discriminator."] = discriminator
        for module in self.modules.values():
            module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean.requires_grad_(False).eval()
        betas = ADVERSARIAL_BETAS if discriminator else BETAS
        trained = [generator, discriminator] if discriminator else [generator]
        self.optimizers = [optimizer_for(module, betas) for module in trained]

    def placed(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.to(self.device, memory_format=torch.channels_last)

    def set_rates(self, *rates: float) -> None:
        """Step sizes of the generator and of the discriminator."""
        for optimizer, rate in zip(self.optimizers, rates, strict=False):  # there may be no discriminator
            for group in optimizer.param_groups:
                group["lr"] = rate

    def save(self, path: Path) -> None:
        tensors: dict[str, torch.Tensor] = {}
        for prefix, module in self.modules.items():
            tensors |= networks.named(prefix, module)
        for number, optimizer in enumerate(self.optimizers):
            for index, moments in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer.{number}.{index}.{name}": value for name, value in moments.items()}
        files.save(path, {"step": self.step, **self.generator.config.to_json()}, tensors)

    def load(self, path: Path) -> None:
        config, tensors = files.load(path)
        self.step = int(config["step"])
        for prefix, module in self.modules.items():
            module.load_state_dict(networks.part(tensors, prefix))
        for number, optimizer in enumerate(self.optimizers):
            moments: dict[int, dict[str, torch.Tensor]] = {}
            for name, value in networks.part(tensors, f"optimizer.{number}.").items():
                index, key = name.split(".")
                moments.setdefault(int(index), {})[key] = value
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})
