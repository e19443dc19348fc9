"""Draws the U-Net: `python -m models.colorization.recipe.diagram`."""

import torch
from torch import nn

from models.colorization.architecture import Colorizer, Config
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.core.training.cross_stage import Encoder

ENCODER, DECODER = "Encoder", "Decoder"
LIGHTNESS, LOGITS = "Lightness L*", "Logits"


def build() -> str:
    """The SVG document: the encoder downwards on the left, the decoder upwards, skip connections across."""
    config = Config()
    model, side, lowest = Colorizer(config), config.image_size, len(Encoder.STRIDES)
    layers: dict[str, nn.Module] = {"Encoder 1": model.encoder.stem, LOGITS: model.classify}
    for level, stage in enumerate(model.encoder.stages, 2):
        layers[f"Encoder {level}"] = stage
    for level, decoder in zip(range(lowest, 1, -1), model.decoder, strict=True):
        layers[f"Decoder {level}"] = decoder
    sizes = output_sizes(model, torch.zeros(1, 1, side, side), layers)

    blocks = [Block(LIGHTNESS, (1, side, side), column=0, row=0, note="as a gray picture")]
    arrows: list[Arrow] = []
    above = LIGHTNESS
    for level, stride in enumerate(Encoder.STRIDES, 1):
        name = f"Encoder {level}"
        blocks.append(Block(name, sizes[name], column=0, row=level, group=ENCODER, note=f"stride {stride}"))
        arrows.append(Arrow(above, name))
        above = name
    for level in range(lowest, 1, -1):
        name = f"Decoder {level}"
        blocks.append(Block(name, sizes[name], column=1, row=level, group=DECODER))
        arrows.append(Arrow(f"Encoder {level}", name, "1 × 1 conv", is_skip=level < lowest))
        if level < lowest:
            arrows.append(Arrow(f"Decoder {level + 1}", name, "× 2"))
    blocks.append(Block(LOGITS, sizes[LOGITS], column=1, row=1, note="one map per color"))
    arrows.append(Arrow("Decoder 2", LOGITS, "1 × 1 conv"))
    return draw("Colorization: a U-Net that classifies colors", blocks, arrows)


if __name__ == "__main__":
    save("colorization", build())
