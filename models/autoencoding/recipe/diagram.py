"""Draws the variational autoencoder: `python -m models.autoencoding.recipe.diagram`."""

from itertools import pairwise

import torch
from torch import nn

from models.autoencoding.architecture import Autoencoder, Config
from models.autoencoding.card import VARIATIONAL
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save

ENCODER, DECODER = "Encoder", "Decoder"
PICTURE, CODE, HIDDEN, RECONSTRUCTION = "Picture", "z", "Fully connected", "Reconstruction"


def build() -> str:
    """The SVG document: the encoder from left to right, z, and below it the decoder back to the left."""
    config = Config(kind=VARIATIONAL, latent=16)
    model = Autoencoder(config).eval()
    convolutions = [each for each in model.encoder if isinstance(each, nn.Conv2d)]
    transposed = [each for each in model.decoder if isinstance(each, nn.ConvTranspose2d)]
    linear = [each for each in model.encoder if isinstance(each, nn.Linear)]
    expanded = next(each for each in model.decoder if isinstance(each, nn.Unflatten))
    layers: dict[str, nn.Module] = {
        **{f"Encoder {number}": each for number, each in enumerate(convolutions, 1)},
        HIDDEN: linear[0],
        "Decoder 0": expanded,
        **{f"Decoder {number}": each for number, each in enumerate(transposed, 1)},
        RECONSTRUCTION: model.decoder[-1],
    }
    sizes = output_sizes(model, torch.zeros(1, config.channels, config.side, config.side), layers)

    count = len(convolutions)
    shape = (config.channels, config.side, config.side)
    blocks = [Block(PICTURE, shape, column=0, row=0)]
    for number in range(1, count + 1):
        name = f"Encoder {number}"
        blocks.append(Block(name, sizes[name], column=number, row=0, group=ENCODER, note="conv, stride 2"))
    blocks.append(Block(HIDDEN, sizes[HIDDEN], column=count + 1, row=0, group=ENCODER))
    note = "drawn from N(μ, σ²)"
    blocks.append(Block(CODE, (config.latent,), column=count + 2, row=0, note=note))
    blocks.append(Block("Decoder 0", sizes["Decoder 0"], column=count + 1, row=1, group=DECODER))
    for number in range(1, count + 1):
        name, column = f"Decoder {number}", count + 1 - number
        blocks.append(Block(name, sizes[name], column=column, row=1, group=DECODER, note="conv transposed"))
    blocks.append(Block(RECONSTRUCTION, sizes[RECONSTRUCTION], column=0, row=1, note="3 × 3 conv, sigmoid"))
    chain = [PICTURE, *(f"Encoder {number}" for number in range(1, count + 1)), HIDDEN, CODE]
    chain += [*(f"Decoder {number}" for number in range(count + 1)), RECONSTRUCTION]
    arrows = [Arrow(source, target) for source, target in pairwise(chain)]
    return draw("Autoencoding: a variational autoencoder", blocks, arrows)


if __name__ == "__main__":
    save("autoencoding", build())
