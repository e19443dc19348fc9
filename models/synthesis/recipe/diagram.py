"""Draws the generator and the discriminator: `python -m models.synthesis.recipe.diagram`."""

import torch
from torch import nn

from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.synthesis.architecture import CODE, EDGES, Config, Generator, PatchDiscriminator
from models.synthesis.data import EDGE_WIDTHS, PATCH_WIDTHS

ENCODER, DECODER, OPPONENT = "Encoder", "Decoder", "Discriminator"
LINES, NUMBERS, PICTURE, VERDICTS = "Lines", "Code", "Picture", "Verdicts"


def build() -> str:
    """The SVG document: the U downwards and upwards, its bottleneck below, the discriminator on the right."""
    config = Config(EDGES, 28, 1, EDGE_WIDTHS, PATCH_WIDTHS)
    generator, discriminator = Generator(config).eval(), PatchDiscriminator(config).eval()
    levels = len(config.widths)
    layers: dict[str, nn.Module] = {"Encoder 1": generator.stem, NUMBERS: generator.to_code}
    layers |= {f"Encoder {number}": level for number, level in enumerate(generator.down, 2)}
    layers[f"Decoder {levels}"] = generator.join
    layers |= {f"Decoder {levels - 1 - number}": level for number, level in enumerate(generator.up)}
    layers[PICTURE] = generator.to_picture
    lines = torch.zeros(1, config.inputs, config.side, config.side)
    sizes = output_sizes(generator, lines, layers)
    verdicts = discriminator(lines, lines)

    blocks = [Block(LINES, (1, config.side, config.side), column=0, row=0)]
    arrows: list[Arrow] = []
    above = LINES
    for level in range(1, levels + 1):
        name = f"Encoder {level}"
        blocks.append(Block(name, sizes[name], column=0, row=level, group=ENCODER))
        arrows.append(Arrow(above, name))
        above = name
    blocks.append(
        Block(NUMBERS, sizes[NUMBERS], column=0, row=levels + 1, group=ENCODER, note="sees everything")
    )
    arrows.append(Arrow(above, NUMBERS))
    for level in range(levels, 0, -1):
        name = f"Decoder {level}"
        blocks.append(Block(name, sizes[name], column=1, row=level, group=DECODER))
        arrows.append(Arrow(f"Encoder {level}", name, is_skip=True))
        arrows.append(
            Arrow(
                NUMBERS if level == levels else f"Decoder {level + 1}", name, "" if level == levels else "× 2"
            )
        )
    blocks.append(Block(PICTURE, sizes[PICTURE], column=1, row=0))
    arrows.append(Arrow("Decoder 1", PICTURE))
    patch = (1, verdicts.shape[2], verdicts.shape[3])
    blocks.append(Block(VERDICTS, patch, column=2, row=0, group=OPPONENT, note="one for each patch"))
    arrows.append(Arrow(PICTURE, VERDICTS, "with the lines"))
    return draw(f"Synthesis: a U-Net with {CODE} numbers at the bottom, and its opponent", blocks, arrows)


if __name__ == "__main__":
    save("synthesis", build())
