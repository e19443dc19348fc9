"""Draws the restorer: `python -m models.depixelization.recipe.diagram`."""

from itertools import pairwise

import torch
from torch import nn

from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.depixelization.architecture import Config, Restorer


def build() -> str:
    """The SVG document: above, the cells; below them, the path that sees all of them at once."""
    config = Config(side=64, small=8, channels=3, groups=("frequent", "rare"))
    model = Restorer(config).eval()
    enlarging = [each for each in model.enlarge if isinstance(each, nn.Sequential)]
    layers: dict[str, nn.Module] = {
        "Features": model.cells,
        "Whole": model.whole[2],
        "Decision": model.whole,
        **{f"Enlarged {number}": each for number, each in enumerate(enlarging, 1)},
        "Pixel shuffle": model.to_pixels,
    }
    sizes = output_sizes(model, torch.zeros(1, 1, config.small, config.small), layers)
    blocks = [
        Block("Cells", (1, config.small, config.small), column=0, row=0, note="gray"),
        Block("Features", sizes["Features"], column=1, row=0, group="each cell and its neighbors"),
        Block("Whole", sizes["Whole"], column=1, row=1, group="the whole picture", note="fully connected"),
        Block(
            "Decision", sizes["Decision"], column=2, row=1, group="the whole picture", note="joins every cell"
        ),
    ]
    names = [f"Enlarged {number}" for number in range(1, len(enlarging) + 1)]
    for column, name in enumerate(names, 3):
        blocks.append(Block(name, sizes[name], column=column, row=0, group="enlarging", note="3 × 3 conv"))
    end = 3 + len(names)
    blocks.append(Block("Pixel shuffle", sizes["Pixel shuffle"], column=end, row=0, note="tanh: the picture"))
    chain = ["Cells", "Features", *names, "Pixel shuffle"]
    arrows = [Arrow(source, target) for source, target in pairwise(chain)]
    arrows += [Arrow("Cells", "Whole"), Arrow("Whole", "Decision"), Arrow("Decision", names[0])]
    return draw("Depixelization: the restorer", blocks, arrows)


if __name__ == "__main__":
    save("depixelization", build())
