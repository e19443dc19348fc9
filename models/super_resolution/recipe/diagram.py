"""Draws the generator and the discriminator: `python -m models.super_resolution.recipe.diagram`."""

from itertools import pairwise

import torch
from torch import nn

from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.super_resolution.architecture import Config, Discriminator, Generator
from models.super_resolution.card import TrainParams

GENERATOR, SKIP, DISCRIMINATOR = "Generator", "Bicubic skip connection", "Discriminator (training)"
INPUT, FIRST, LAST, TAIL = "Patch", "First layer", "Last convolution", "Tail"
RESIDUAL, BICUBIC, ANSWER, LOGITS = "Residual", "Bicubic", "Answer", "Logits, one per patch"
# places of the discriminator's layers: below the answer, from right to left, then back
PLACES = ((3, 2), (2, 2), (1, 2), (0, 2), (0, 3), (1, 3))


def build() -> str:
    """The SVG document, with the sizes of the shipped architecture for × 4."""
    generator_blocks, generator_arrows = generator_diagram(Config())
    answer_side = TrainParams().patch_size * Config().scale
    discriminator_blocks, discriminator_arrows = discriminator_diagram(answer_side)
    return draw(
        "Super-resolution: residual generator and patch discriminator",
        [*generator_blocks, *discriminator_blocks],
        [*generator_arrows, *discriminator_arrows],
    )


def generator_diagram(config: Config) -> tuple[list[Block], list[Arrow]]:
    """All layers at low resolution in one row; pixel shuffle and the bicubic picture in the next."""
    generator = Generator(config)
    side = TrainParams().patch_size
    blocks_name = f"{config.blocks} residual blocks"
    layers: dict[str, nn.Module] = {
        FIRST: generator.head,
        blocks_name: generator.blocks[-1],
        LAST: generator.body,
        TAIL: generator.tail,
        ANSWER: generator,
    }
    sizes = output_sizes(generator, torch.zeros(1, 3, side, side), layers)
    return [
        Block(INPUT, (3, side, side), 0, 0, GENERATOR, "of the small picture"),
        Block(FIRST, sizes[FIRST], 1, 0, GENERATOR, kernel_of(generator.head)),
        Block(blocks_name, sizes[blocks_name], 2, 0, GENERATOR, "x + conv(ReLU(conv(x)))"),
        Block(LAST, sizes[LAST], 3, 0, GENERATOR, kernel_of(generator.body)),
        Block(TAIL, sizes[TAIL], 4, 0, GENERATOR, kernel_of(generator.tail)),
        Block(RESIDUAL, sizes[ANSWER], 4, 1, GENERATOR, "pixel shuffle"),
        Block(ANSWER, sizes[ANSWER], 3, 1, GENERATOR, "sum"),
        Block(BICUBIC, sizes[ANSWER], 0, 1, SKIP, f"resized × {config.scale}"),
    ], [
        Arrow(INPUT, FIRST),
        Arrow(FIRST, blocks_name),
        Arrow(blocks_name, LAST),
        Arrow(FIRST, LAST, is_skip=True),
        Arrow(LAST, TAIL),
        Arrow(TAIL, RESIDUAL),
        Arrow(RESIDUAL, ANSWER),
        Arrow(INPUT, BICUBIC, is_skip=True),
        Arrow(BICUBIC, ANSWER, is_skip=True),
    ]


def discriminator_diagram(side: int) -> tuple[list[Block], list[Arrow]]:
    """Its layers for an answer, or a photo, of side × side pixels."""
    discriminator = Discriminator()
    convolutions = [layer for layer in discriminator.layers if isinstance(layer, nn.Conv2d)]
    names = [f"Layer {number}" for number in range(1, len(convolutions))] + [LOGITS]
    layers: dict[str, nn.Module] = dict(zip(names, convolutions, strict=True))
    sizes = output_sizes(discriminator, torch.zeros(1, 3, side, side), layers)
    blocks = [
        Block(name, sizes[name], column, row, DISCRIMINATOR, kernel_of(layer))
        for name, layer, (column, row) in zip(names, convolutions, PLACES, strict=True)
    ]
    path = [ANSWER, *names]
    return blocks, [Arrow(source, target) for source, target in pairwise(path)]


def kernel_of(layer: nn.Conv2d) -> str:
    """Kernel and stride of a convolution: 4 × 4, stride 2."""
    return f"{layer.kernel_size[0]} × {layer.kernel_size[1]}, stride {layer.stride[0]}"


if __name__ == "__main__":
    save("super_resolution", build())
