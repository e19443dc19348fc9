"""The diagram of the shipped denoiser, for an image of 256 × 256 pixels.

python -m models.denoising.recipe.diagram
"""

import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.denoising.architecture import Config, Denoiser
from models.denoising.card import WEIGHTS

SIDE = 256
ESTIMATOR, ENCODER, BOTTLENECK, DECODER = "Level estimator", "Encoder", "Bottleneck", "Decoder"


class Both(nn.Module):
    """Runs both networks, as an image without a given level does."""

    def __init__(self, model: Denoiser):
        super().__init__()
        self.model = model

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        level = self.model.estimator(image).combined()
        return self.model(image, level[:, None, None, None].expand(-1, 1, *image.shape[2:]))


def diagram(config: Config) -> str:
    """The SVG document of a denoiser of this shape."""
    model = Denoiser(config)
    network = model.autoencoder
    layers: dict[str, nn.Module] = {
        "Estimates": model.estimator.layers,
        "Encoder 1/2": network.encode_fine,
        "Encoder 1/4": network.encode_middle,
        "Bottleneck 1/8": network.bottleneck,
        "Decoder 1/4": network.decode_middle,
        "Decoder 1/2": network.decode_fine,
        "Noise, 1/2": network.last,
    }
    sizes = output_sizes(Both(model), torch.zeros(1, 3, SIDE, SIDE), layers)
    joined = (network.first.in_channels, SIDE // 2, SIDE // 2)

    def block(name: str, column: int, row: int, group: str, note: str = "") -> Block:
        return Block(name, sizes[name], column, row, group, note)

    blocks = [
        Block("Image", (3, SIDE, SIDE), column=0, row=0),
        block("Estimates", 0, 1, ESTIMATOR, "level, confidence"),
        Block("Level map", (1, SIDE, SIDE), column=0, row=2, note="estimated or given"),
        Block("Blocks and level", joined, column=1, row=1, note="2 × 2 pixels to channels"),
        block("Encoder 1/2", 2, 1, ENCODER),
        block("Encoder 1/4", 2, 2, ENCODER),
        block("Bottleneck 1/8", 3, 3, BOTTLENECK, "not the only path"),
        block("Decoder 1/4", 4, 2, DECODER),
        block("Decoder 1/2", 4, 1, DECODER),
        block("Noise, 1/2", 5, 1, DECODER),
        Block("Noise", (3, SIDE, SIDE), column=5, row=0, note="× gate of the level"),
        Block("Denoised", (3, SIDE, SIDE), column=6, row=0, note="image minus noise"),
    ]
    arrows = [
        Arrow("Image", "Estimates"),
        Arrow("Estimates", "Level map", "weighted mean"),
        Arrow("Image", "Blocks and level"),
        Arrow("Level map", "Blocks and level"),
        Arrow("Blocks and level", "Encoder 1/2"),
        Arrow("Encoder 1/2", "Encoder 1/4"),
        Arrow("Encoder 1/4", "Bottleneck 1/8"),
        Arrow("Bottleneck 1/8", "Decoder 1/4"),
        Arrow("Decoder 1/4", "Decoder 1/2"),
        Arrow("Decoder 1/2", "Noise, 1/2"),
        Arrow("Noise, 1/2", "Noise"),
        Arrow("Noise", "Denoised"),
        Arrow("Encoder 1/2", "Decoder 1/2", "add", is_skip=True),
        Arrow("Encoder 1/4", "Decoder 1/4", "add", is_skip=True),
        Arrow("Image", "Denoised", "residual", is_skip=True),
    ]
    return draw("Denoiser: a residual U-Net and a level estimator", blocks, arrows)


def main() -> None:
    """Write docs/diagrams/denoising.svg."""
    config, _ = checkpoint.load(WEIGHTS)
    save("denoising", diagram(Config.from_json(config)))


if __name__ == "__main__":
    main()
