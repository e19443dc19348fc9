"""Makes a weights file smaller: the sheets of samples over its training in 64 colors each.

    python -m models.generation.recipe.pack trained.safetensors --out faces.safetensors

The first sheets of a training are noise, which a PNG cannot compress. The networks stay as they are.
"""

import argparse
import io
from dataclasses import replace
from pathlib import Path

from PIL import Image

from models.core.contract import checkpoint
from models.core.generative.sample_history import SampleHistory
from models.core.images.codec import encode_png

COLORS = 64


def packed(png: bytes) -> bytes:
    """The same picture with a palette of its own."""
    with Image.open(io.BytesIO(png)) as picture:
        return encode_png(picture.quantize(COLORS, dither=Image.Dither.NONE), compress_level=9)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    values, state = checkpoint.load(options.weights)
    rest, history = SampleHistory.split(state)
    if history is not None:
        history.sheets = [replace(sheet, png=packed(sheet.png)) for sheet in history.sheets]
        rest |= history.tensors()
    checkpoint.save(options.out, values, rest)


if __name__ == "__main__":
    main()
