"""The diagram of the grid detector, with the sizes of the shipped one.

python -m models.detection.recipe.diagram
"""

from itertools import pairwise

import torch

from models.core.contract import checkpoint
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.detection.architecture import SLOT_SIZES, STRIDES, Config, Detector
from models.detection.card import WEIGHTS

BACKBONE, NECK, HEADS = "Backbone", "Neck (feature pyramid)", "Heads"


def diagram(config: Config) -> str:
    """The SVG document of a detector of this shape."""
    model = Detector(config)
    layers: dict[str, torch.nn.Module] = {}
    for level, stage in enumerate(model.backbone.stages):
        layers[f"Stage {level + 1}"] = stage
    for stride, smooth, head in zip(STRIDES, model.neck.smooth, model.heads, strict=True):
        layers[f"Neck {stride}"] = smooth
        layers[f"Head {stride}"] = head
    size = config.image_size
    sizes = output_sizes(model, torch.zeros(1, 3, size, size), layers)

    blocks = [Block("Input", (3, size, size), column=0, row=0, note="letterboxed picture")]
    arrows = []
    for level in range(len(config.widths)):
        name, stride = f"Stage {level + 1}", 2 ** (level + 1)
        blocks.append(
            Block(name, sizes[name], column=0, row=level + 1, group=BACKBONE, note=f"stride {stride}")
        )
        arrows.append(Arrow(blocks[-2].name, name))
    first = len(config.widths) - len(STRIDES) + 1  # row of the finest of the three scales
    for row, stride in enumerate(STRIDES, first):
        slots, values, height, width = sizes[f"Head {stride}"]
        blocks += [
            Block(f"Neck {stride}", sizes[f"Neck {stride}"], column=1, row=row, group=NECK),
            Block(
                f"Head {stride}",
                (slots * values, height, width),
                column=2,
                row=row,
                group=HEADS,
                note=f"{slots} boxes × {values} values",
            ),
        ]
        arrows += [
            Arrow(f"Stage {row}", f"Neck {stride}", "1 × 1 conv"),
            Arrow(f"Neck {stride}", f"Head {stride}"),
        ]
    for fine, coarse in pairwise(STRIDES):
        arrows.append(Arrow(f"Neck {coarse}", f"Neck {fine}", "× 2, add"))
    boxes = sum(size_of[0] * size_of[2] * size_of[3] for name, size_of in sizes.items() if "Head" in name)
    blocks.append(
        Block("Boxes", (boxes, 5 + len(config.labels)), column=3, row=first + 1, note="decoded, all scales")
    )
    arrows += [Arrow(f"Head {stride}", "Boxes") for stride in STRIDES]
    return draw(f"Grid detector: {len(STRIDES)} scales, {len(SLOT_SIZES)} boxes per cell", blocks, arrows)


def main() -> None:
    """Write docs/diagrams/detection.svg."""
    config, _ = checkpoint.load(WEIGHTS)
    save("detection", diagram(Config.from_json(config)))


if __name__ == "__main__":
    main()
