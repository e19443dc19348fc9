"""Write what PyTorch makes of the page's two-dimensional GAN, for the test of its TypeScript.

Run from the repository: python -m tests.models.generation.write_gan2d_golden
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

FILE = Path(__file__).parents[3] / "frontend" / "src" / "networks" / "gan2d" / "gan2d.golden.json"
STEPS, BATCH, HIDDEN, NOISE = 100, 16, 8, 0.05
WORD = 2**32 - 1

# loss, activation, optimizer, rate of the discriminator, rate of the generator
CASES = (
    ("logistic", "tanh", "adam", 0.01, 0.02),
    ("logistic", "relu", "sgd", 0.1, 0.2),
    ("hinge", "relu", "adam", 0.01, 0.01),
    ("squares", "tanh", "sgd", 0.1, 0.1),
)
Loss = Callable[[torch.Tensor], torch.Tensor]
# of the discriminator on real points, of the discriminator on generated ones, of the generator
LOSSES: dict[str, tuple[Loss, Loss, Loss]] = {
    "logistic": (lambda d: functional.softplus(-d), functional.softplus, lambda d: functional.softplus(-d)),
    "hinge": (lambda d: (1 - d).relu(), lambda d: (1 + d).relu(), lambda d: -d),
    "squares": (lambda d: (d - 1) ** 2 / 2, lambda d: d**2 / 2, lambda d: (d - 1) ** 2 / 2),
}


class Random:
    """mulberry32 and Box-Muller, as in random.ts."""

    def __init__(self, seed: int):
        self.state = seed

    def uniform(self) -> float:
        self.state = (self.state + 0x6D2B79F5) & WORD
        mixed = ((self.state ^ self.state >> 15) * (self.state | 1)) & WORD
        mixed = (mixed + (mixed ^ mixed >> 7) * (mixed | 61) & WORD) & WORD ^ mixed
        return (mixed ^ mixed >> 14) / 2**32

    def normal(self) -> float:
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())


def network(outputs: int, activation: str, random: Random) -> nn.Sequential:
    """(B, 2) -> (B, outputs), with the weights that network.ts draws from the same numbers."""
    act = nn.Tanh if activation == "tanh" else nn.ReLU
    layers = nn.Sequential(
        nn.Linear(2, HIDDEN), act(), nn.Linear(HIDDEN, HIDDEN), act(), nn.Linear(HIDDEN, outputs)
    ).double()
    for layer in layers[::2]:
        assert isinstance(layer, nn.Linear)
        bound = math.sqrt(6 / (layer.in_features + layer.out_features))
        drawn = [(2 * random.uniform() - 1) * bound for _ in range(layer.weight.numel())]
        layer.weight.data = torch.tensor(drawn, dtype=torch.float64).reshape(layer.weight.shape)
        layer.bias.data.zero_()
    return layers


def points(random: Random) -> torch.Tensor:
    """(B, 2): around the unit circle, with noise."""
    rows = []
    for _ in range(BATCH):
        angle = 2 * math.pi * random.uniform()
        rows.append([math.cos(angle) + NOISE * random.normal(), math.sin(angle) + NOISE * random.normal()])
    return torch.tensor(rows, dtype=torch.float64)


def latents(random: Random) -> torch.Tensor:
    """(B, 2), uniform in [-1, 1]."""
    drawn = [2 * random.uniform() - 1 for _ in range(2 * BATCH)]
    return torch.tensor(drawn, dtype=torch.float64).reshape(BATCH, 2)


def trained(
    loss: str, activation: str, optimizer: str, rate_d: float, rate_g: float, seed: int
) -> dict[str, Any]:
    """The losses of every tenth step, the weights at the end, and the pushes at generated points."""
    random = Random(seed)
    generator, discriminator = network(2, activation, random), network(1, activation, random)
    on_real, on_fake, of_generator = LOSSES[loss]

    def optimizer_of(module: nn.Module, rate: float) -> torch.optim.Optimizer:
        if optimizer == "adam":
            return torch.optim.Adam(module.parameters(), rate, betas=(0.5, 0.999))
        return torch.optim.SGD(module.parameters(), rate)

    step_d, step_g = optimizer_of(discriminator, rate_d), optimizer_of(generator, rate_g)
    batches = Random(seed + 1)
    losses = []
    for step in range(STEPS):
        step_d.zero_grad()
        real, fake = points(batches), generator(latents(batches)).detach()
        loss_d = on_real(discriminator(real)).mean() + on_fake(discriminator(fake)).mean()
        loss_d.backward()
        step_d.step()
        step_g.zero_grad()
        loss_g = of_generator(discriminator(generator(latents(batches)))).mean()
        loss_g.backward()
        step_g.step()
        if step % 10 == 0 or step == STEPS - 1:
            losses.append({"step": step, "discriminator": loss_d.item(), "generator": loss_g.item()})
    made = generator(latents(batches)).detach().requires_grad_()
    of_generator(discriminator(made)).sum().backward()
    assert made.grad is not None
    return {
        "config": {
            "loss": loss,
            "activation": activation,
            "optimizer": optimizer,
            "hidden": HIDDEN,
            "seed": seed,
        },
        "rates": {"discriminator": rate_d, "generator": rate_g},
        "losses": losses,
        "generator": flat(generator),
        "discriminator": flat(discriminator),
        "made": made.flatten().tolist(),
        "pushes": (-made.grad).flatten().tolist(),
    }


def flat(module: nn.Module) -> list[float]:
    return torch.cat([parameter.flatten() for parameter in module.parameters()]).tolist()


def golden() -> dict[str, Any]:
    """Everything that the file holds."""
    random = Random(7)
    return {
        "steps": STEPS,
        "batch": BATCH,
        "noise": NOISE,
        "uniform": [random.uniform() for _ in range(4)],
        "normal": [random.normal() for _ in range(4)],
        "cases": [trained(*case, seed=seed) for seed, case in enumerate(CASES, start=1)],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(golden(), separators=(",", ":")) + "\n", "utf-8")
