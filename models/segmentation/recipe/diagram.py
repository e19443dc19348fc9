"""The diagrams of the two U-Nets, with the sizes of the shipped ones.

python -m models.segmentation.recipe.diagram
"""

import torch

from models.core.contract import checkpoint
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.core.training.cross_stage import Encoder
from models.segmentation.architecture import Config, UNet
from models.segmentation.card import WEIGHTS
from models.segmentation.instances import architecture as instances

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


class _Whole(torch.nn.Module):
    """The mask network with a box that fills its crop, as a network of one input."""

    def __init__(self, model: instances.BoxUNet):
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x, torch.ones_like(x[:, :1]))


def mask_diagram(config: instances.Config) -> str:
    """The SVG document of the mask network: the detector's box and the crop on the left, the mask above."""
    model, size, lowest = instances.BoxUNet(config), config.image_size, len(Encoder.STRIDES)
    layers: dict[str, torch.nn.Module] = {"Encoder 1": model.encoder.stem, "Logits": model.shuffle}
    for level, stage in enumerate(model.encoder.stages, 2):
        layers[f"Encoder {level}"] = stage
    for level, decoder in zip(range(lowest, 0, -1), model.decoder, strict=True):
        layers[f"Decoder {level}"] = decoder
    sizes = output_sizes(_Whole(model), torch.zeros(1, 3, size, size), layers)

    blocks = [Block("Crop", (3, size, size), column=0, row=0, note="around the box")]
    blocks.append(Block("Box", (1, size, size), column=1, row=0, note="of the detector, 0 or 1"))
    arrows: list[Arrow] = []
    above = "Crop"
    for level, stride in enumerate(Encoder.STRIDES, 1):
        name = f"Encoder {level}"
        blocks.append(Block(name, sizes[name], column=0, row=level, group=ENCODER, note=f"stride {stride}"))
        arrows.append(Arrow(above, name))
        above = name
    for level in range(lowest, 0, -1):
        name = f"Decoder {level}"
        blocks.append(Block(name, sizes[name], column=2, row=level, group=DECODER))
        arrows.append(Arrow(f"Encoder {level}", name, "1 × 1 conv", is_skip=level < lowest))
        if level < lowest:
            arrows.append(Arrow(f"Decoder {level + 1}", name, "× 2"))
    blocks.append(Block("Logits", sizes["Logits"], column=2, row=0, note="of the mask"))
    arrows.append(Arrow("Decoder 1", "Logits", "conv, shuffle"))
    return draw("Mask U-Net: each decoder level also gets the box", blocks, arrows)


def main() -> None:
    """Write the diagrams of docs/segmentation.md."""
    config, _ = checkpoint.load(WEIGHTS)
    save("segmentation", diagram(Config.from_json(config)))
    save("segmentation-instances", mask_diagram(instances.Config()))


if __name__ == "__main__":
    main()
