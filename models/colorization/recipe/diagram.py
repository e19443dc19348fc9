"""Draws the generator and the discriminator: `python -m models.colorization.recipe.diagram`."""

from itertools import pairwise

import torch
from torch import nn

from models.colorization.architecture import COLOR_STRIDE, Config, Discriminator, Generator
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save

ENCODER, DECODER, DISCRIMINATOR = "Encoder", "Decoder", "Discriminator (training)"
LIGHTNESS, COLORS, PREDICTED, LOGITS = "Lightness L*", "Colors a*, b*", "L*, a*, b*", "Logits, one per patch"


def build() -> str:
    """The SVG document, with the sizes of the shipped architecture."""
    config = Config()
    generator_blocks, generator_arrows = generator_diagram(config)
    discriminator_blocks, discriminator_arrows = discriminator_diagram(config)
    return draw(
        "Colorization: U-Net generator and patch discriminator",
        [*generator_blocks, *discriminator_blocks],
        [*generator_arrows, *discriminator_arrows],
    )


def generator_diagram(config: Config) -> tuple[list[Block], list[Arrow]]:
    """The encoder downwards on the left, the decoder upwards beside it, skip connections between them."""
    generator = Generator(config)
    side = config.image_size
    encoder = {f"Encoder {number}": stage for number, stage in enumerate(generator.encoder.stages, start=1)}
    count = len(encoder)
    decoder = {f"Decoder {count - 1 - number}": join for number, join in enumerate(generator.joins)}
    layers: dict[str, nn.Module] = {**encoder, **decoder, COLORS: generator.color}
    sizes = output_sizes(generator, torch.zeros(1, 1, side, side), layers)
    down, up = list(encoder), list(decoder)
    blocks = [Block(LIGHTNESS, (1, side, side), 0, 0, ENCODER)]
    blocks += [
        Block(name, sizes[name], 0, row, ENCODER, level_note(config.depths[row - 1]))
        for row, name in enumerate(down, start=1)
    ]
    blocks += [
        Block(name, sizes[name], 1, count - 1 - number, DECODER, "upsample, concat, 3 × 3")
        for number, name in enumerate(up)
    ]
    blocks.append(Block(COLORS, sizes[COLORS], 1, 0, DECODER, "3 × 3, tanh"))
    path = [LIGHTNESS, *down, *up, COLORS]
    arrows = [Arrow(source, target) for source, target in pairwise(path)]
    skips = zip(reversed(down[:-1]), up, strict=True)
    return blocks, arrows + [Arrow(source, target, is_skip=True) for source, target in skips]


def discriminator_diagram(config: Config) -> tuple[list[Block], list[Arrow]]:
    """One column on the right; it receives the lightness and predicted or true colors."""
    discriminator = Discriminator(config)
    side = config.image_size // COLOR_STRIDE
    convolutions = [layer for layer in discriminator.body if isinstance(layer, nn.Conv2d)]
    names = [f"Layer {number}" for number in range(1, len(convolutions))] + [LOGITS]
    layers: dict[str, nn.Module] = dict(zip(names, convolutions, strict=True))
    sizes = output_sizes(discriminator, torch.zeros(1, 3, side, side), layers)
    blocks = [Block(PREDICTED, (3, side, side), 2, 0, DISCRIMINATOR, "predicted or true colors")]
    blocks += [
        Block(name, sizes[name], 2, row, DISCRIMINATOR, kernel_of(layer))
        for row, (name, layer) in enumerate(zip(names, convolutions, strict=True), start=1)
    ]
    path = [PREDICTED, *names]
    arrows = [Arrow(source, target) for source, target in pairwise(path)]
    return blocks, [Arrow(LIGHTNESS, PREDICTED, "half size"), Arrow(COLORS, PREDICTED), *arrows]


def level_note(residual_units: int) -> str:
    """The layers of one level of the encoder."""
    if not residual_units:
        return "stride 2"
    return f"stride 2, {residual_units} residual unit{'s' if residual_units > 1 else ''}"


def kernel_of(layer: nn.Conv2d) -> str:
    """Kernel and stride of a convolution: 4 × 4, stride 2."""
    return f"{layer.kernel_size[0]} × {layer.kernel_size[1]}, stride {layer.stride[0]}"


if __name__ == "__main__":
    save("colorization", build())
