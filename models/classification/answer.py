"""Classifies a picture: `python answer.py picture.jpg` prints the probability of each class as JSON."""

import json
import sys

from PIL import Image

from models.core.exporting.pictures import manifest, read, run, to_input


def answer(path: str) -> dict[str, float]:
    """Most probable class first."""
    about = manifest()
    picture = resized(read(path), **about["preprocessing"]["image"]["size"])
    ((probabilities,),) = run({"image": to_input(picture)})
    found = zip(about["labels"], probabilities.tolist(), strict=True)
    return {label: round(score, 5) for label, score in sorted(found, key=lambda each: -each[1])}


def resized(picture: Image.Image, first: int, long_side: int, multiple: int) -> Image.Image:
    """As the network takes it; shrunk first, so that the resolution of a camera does not show."""

    def scaled(scale: float, to: int) -> tuple[int, int]:
        width, height = (max(1, round(side * scale / to)) * to for side in picture.size)
        return width, height

    if max(picture.size) > first:
        picture = picture.resize(
            scaled(first / max(picture.size), 1), Image.Resampling.BICUBIC, reducing_gap=3.0
        )
    return picture.resize(scaled(long_side / max(picture.size), multiple), Image.Resampling.BICUBIC)


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1]), indent=1))
