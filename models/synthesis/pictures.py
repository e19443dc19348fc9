"""Tensors as pictures of the stages: enlarged without smoothing, so that every pixel can be seen."""

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Output
from models.core.images.codec import encode_png_quickly
from models.synthesis import edges
from models.synthesis.architecture import Config
from models.synthesis.data import to_bytes
from models.synthesis.label_map import Painted, groups

SHOWN_SIDE = 448  # pixels, approximately
# Okabe and Ito's blue and orange, which color-blind readers can distinguish, in [-1, 1]
REAL_COLOR, FAKE_COLOR = (-1.0, -0.106, 0.396), (0.804, 0.247, -1.0)
OVERLAY = 0.6  # opacity of verdicts over the picture

PART_NAME = {
    name: Text(f"synthesis.part_names.{name}", name)
    for name in ("background", "skin", "hair", "brows", "eyes", "mouth", "beard", "clothes")
}

Pictures = list[tuple[str, torch.Tensor, str]]  # name, (1 or 3, S, S) in [-1, 1], description


def image_file(
    name: str, picture: torch.Tensor, palette: Sequence[str] = ()
) -> tuple[Output, tuple[int, int]]:
    """A PNG file and its size; with a palette, `picture` holds the labels (S, S) and the PNG has indices."""
    if palette:
        image = Image.fromarray(picture.to(torch.uint8).numpy())
        image.putpalette([int(color[at : at + 2], 16) for color in palette for at in (1, 3, 5)])
    else:
        image = Image.fromarray(to_bytes(picture[None])[0])
    factor = max(1, SHOWN_SIDE // image.width)
    image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    return Output(f"{name}.png", Kind.IMAGE, encode_png_quickly(image), "image/png"), image.size


def compare(stage: str, pictures: Pictures) -> tuple[dict[str, Any], tuple[Output, ...]]:
    """The data and the files of a comparison; the first two are compared at first."""
    files, listed = [], []
    for number, (name, picture, alt) in enumerate(pictures):
        file, (width, height) = image_file(f"{stage}-{number}", picture)
        files.append(file)
        listed.append({"name": name, "file": file.name, "width": width, "height": height, "alt": alt})
    size = {key: listed[0][key] for key in ("width", "height")}
    return {**size, "pictures": listed, "left": 0, "right": 1}, tuple(files)


def flat_colors(painted: Painted, config: Config) -> torch.Tensor:
    """(3, S, S) in [-1, 1]: a label map in its palette; parts without a color of their own in the brush's."""
    colors = torch.tensor(
        [[int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)] for color in config.part_colors]
    )
    for group in groups(config.parts):
        colors[group] = painted.palette[group]
    return 2 * colors[painted.labels].movedim(2, 0) - 1


def in_color(picture: torch.Tensor) -> torch.Tensor:
    """(3, S, S) of a gray or a color picture."""
    return picture.expand(3, -1, -1)


def heat(verdicts: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """(3, S, S): verdicts (S, S) from -1, orange, to 1, blue, over the picture in gray; 0 leaves it alone."""
    gray = picture.mean(dim=0, keepdim=True).expand(3, -1, -1)
    strength = OVERLAY * verdicts.clamp(-1, 1).abs()
    colors = torch.where(verdicts[None] > 0, _filled(REAL_COLOR), _filled(FAKE_COLOR))
    return gray + strength * (colors - gray)


def marked_edges(drawn: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
    """(3, S, S): drawn lines in blue where the answer has an edge within a pixel, in orange elsewhere."""
    found = edges.find_edges(answer[None])
    near = torch.nn.functional.max_pool2d(found, 3, stride=1, padding=1)[0]
    dim = (answer.mean(dim=0, keepdim=True).expand(3, -1, -1) - 1) / 2  # half as light
    marked = torch.where(near > 0, _filled(REAL_COLOR), _filled(FAKE_COLOR))
    return torch.where(drawn > 0, marked, dim)


def _filled(color: tuple[float, float, float]) -> torch.Tensor:
    return torch.tensor(color)[:, None, None]


def part_name(name: str) -> str:
    """The name of a part in the reader's language, where it is one of the drawn faces'."""
    return PART_NAME[name]() if name in PART_NAME else name
