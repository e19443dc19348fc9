"""Draws both networks: `python -m models.generation.recipe.diagram`."""

from itertools import pairwise

import torch
from torch import nn

from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.generation.architecture import Config, Discriminator, Generator

GENERATOR, DISCRIMINATOR = "Generator", "Discriminator"
Z, PICTURE, VERDICT = "z and class", "Picture", "Verdict"


class WithLabels(nn.Module):
    """A network of two arguments as one of its first, for the class 0."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x, torch.zeros(len(x), dtype=torch.long))


def build() -> str:
    """The SVG document: the generator to the right in the upper row, the discriminator in the lower one."""
    config = Config(classes=tuple("0123456789"), width=48)
    generator, discriminator = Generator(config), Discriminator(config)
    ups = [layer for layer in generator.layers if isinstance(layer, nn.Unflatten | nn.ConvTranspose2d)]
    downs = [layer for layer in discriminator.layers if isinstance(layer, nn.Conv2d)]
    sizes = output_sizes(
        WithLabels(generator), torch.zeros(1, config.latent), {f"G {i}": own for i, own in enumerate(ups, 1)}
    )
    picture = (config.channels, config.image_size, config.image_size)
    sizes |= output_sizes(
        WithLabels(discriminator), torch.zeros(1, *picture), {f"D {i}": own for i, own in enumerate(downs, 1)}
    )
    last = len(ups) + 1
    blocks = [Block(Z, (config.latent + config.embedding,), column=0, row=0, note="N(0, I), embedding")]
    blocks += [
        Block(f"G {i}", sizes[f"G {i}"], column=i, row=0, group=GENERATOR, note=note)
        for i, note in enumerate(("linear", *["transposed conv"] * (len(ups) - 1)), 1)
    ]
    blocks.append(Block(PICTURE, picture, column=last, row=0, note="or a real one"))
    blocks += [
        Block(f"D {i}", sizes[f"D {i}"], column=last - i, row=1, group=DISCRIMINATOR, note="conv, stride 2")
        for i in range(1, len(downs) + 1)
    ]
    blocks.append(Block(VERDICT, (1,), column=last - len(downs) - 1, row=1, note="with the class"))
    first, then = [Z, *(f"G {i}" for i in range(1, len(ups) + 1)), PICTURE], [PICTURE]
    then += [*(f"D {i}" for i in range(1, len(downs) + 1)), VERDICT]
    arrows = [Arrow(source, target) for row in (first, then) for source, target in pairwise(row)]
    return draw("Generation: a generator against a discriminator", blocks, arrows)


if __name__ == "__main__":
    save("generation", build())
