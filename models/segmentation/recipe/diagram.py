"""The diagram of the U-Net, with the sizes of the shipped one.

python -m models.segmentation.recipe.diagram
"""

import torch

from models.core.contract import checkpoint
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.segmentation.architecture import Config, UNet
from models.segmentation.card import WEIGHTS

ENCODER, BOTTLENECK, DECODER = "Encoder", "Bottleneck", "Decoder"


def diagram(config: Config) -> str:
    """The SVG document of a U-Net of this shape: down on the left, up on the right, skips across."""
    model, size, lowest = UNet(config), config.image_size, len(config.widths)
    layers: dict[str, torch.nn.Module] = {"Logits": model.classify}
    for level, stage in enumerate(model.encoder.stages, 1):
        layers[f"Encoder {level}"] = stage
    for level, up in zip(range(lowest - 1, 0, -1), model.decoder, strict=True):
        layers[f"Decoder {level}"] = up
    sizes = output_sizes(model, torch.zeros(1, 3, size, size), layers)

    blocks = [Block("Input", (3, size, size), column=0, row=0, note="letterboxed picture")]
    arrows = []
    for level, stride in enumerate(config.strides, 1):
        name = f"Encoder {level}"
        blocks.append(Block(name, sizes[name], column=0, row=level, group=ENCODER, note=f"stride {stride}"))
        arrows.append(Arrow(blocks[-2].name, name))
    below = Block(
        BOTTLENECK,
        sizes[f"Encoder {lowest}"],
        column=1,
        row=lowest,
        group=BOTTLENECK,
        note=f"stride {2 * config.strides[-1]}",
    )
    arrows.append(Arrow(blocks[-1].name, BOTTLENECK))
    blocks.append(below)
    for level in range(lowest - 1, 0, -1):
        name = f"Decoder {level}"
        blocks.append(Block(name, sizes[name], column=2, row=level, group=DECODER))
        arrows += [
            Arrow(blocks[-2].name, name, "× 2"),
            Arrow(f"Encoder {level}", name, "skip", is_skip=True),
        ]
    blocks.append(Block("Logits", sizes["Logits"], column=2, row=0, note="one map per class"))
    arrows.append(Arrow("Decoder 1", "Logits", "1 × 1 conv"))
    return draw(f"U-Net: {len(config.strides)} skip connections", blocks, arrows)


def main() -> None:
    """Write docs/diagrams/segmentation.svg."""
    config, _ = checkpoint.load(WEIGHTS)
    save("segmentation", diagram(Config.from_json(config)))


if __name__ == "__main__":
    main()
