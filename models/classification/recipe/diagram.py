"""Draws the classifier: `python -m models.classification.recipe.diagram`."""

from itertools import pairwise

import torch
from torch import nn

from models.classification.architecture import Classifier, Pooling
from models.classification.card import WEIGHTS
from models.classification.features import SIZE
from models.core.contract import checkpoint
from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.core.training.cross_stage import Encoder

BACKBONE, HEAD = "Backbone, frozen", "Head, trained"
PICTURE, POOLED, STANDARDIZED, LOGITS = "Picture", "Pooled", "Standardized", "Logits"


def build() -> str:
    """The SVG document: the backbone from left to right, the head below."""
    classes = checkpoint.load(WEIGHTS)[0]["classes"]
    model = Classifier(classes, Pooling()).eval()
    layers: dict[str, nn.Module] = {"C1": model.encoder.stem, LOGITS: model.head}
    layers |= {f"C{level}": stage for level, stage in enumerate(model.encoder.stages, 2)}
    example = torch.zeros(1, 3, SIZE, SIZE)
    sizes = output_sizes(model, example, layers)
    with torch.no_grad():
        pooled = tuple(model.features(example).shape[1:])

    names = [f"C{level}" for level in range(1, len(Encoder.STRIDES) + 1)]
    last = len(names)
    blocks = [Block(PICTURE, (3, SIZE, SIZE), column=0, row=0, note="RGB")]
    blocks += [
        Block(name, sizes[name], column=place, row=0, group=BACKBONE, note=f"stride {stride}")
        for place, (name, stride) in enumerate(zip(names, Encoder.STRIDES, strict=True), start=1)
    ]
    blocks += [
        Block(POOLED, pooled, column=last + 1, row=0, group=HEAD, note="maxima of C3, C4, C5"),
        Block(STANDARDIZED, pooled, column=last + 1, row=1, group=HEAD, note="(f − m) / s"),
        Block(LOGITS, sizes[LOGITS], column=last, row=1, group=HEAD, note="one for each class"),
    ]
    order = [PICTURE, *names, POOLED, STANDARDIZED, LOGITS]
    arrows = [Arrow(source, target) for source, target in pairwise(order[:-1])]
    arrows += [Arrow(f"C{level}", POOLED) for level in model.pooling.levels if level != last]
    arrows.append(Arrow(STANDARDIZED, LOGITS, "W f + b"))
    return draw("Classification: a linear head on a frozen backbone", blocks, arrows)


if __name__ == "__main__":
    save("classification", build())
