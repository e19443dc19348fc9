"""Round the float16 numbers of a weights file, so that it takes less room in the repository.

    python -m models.core.recipe.fewer_bits weights.safetensors --bits 6

A float16 has 11 significant bits, of which the last ones are noise of the training: no compression can make
them smaller, and no answer depends on them. With 6 bits a number changes by at most 1 in 64, and the file
compresses to about two thirds. With `--only decoder`, only the tensors whose names begin so are rounded.
Measure the model again afterwards: the figures on its card are those of the rounded weights.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from models.core.contract import checkpoint

FLOAT16_BITS = 11  # of the significand, with its leading 1


def rounded(values: torch.Tensor, bits: int) -> torch.Tensor:
    """Each number to the nearest with `bits` significant bits. With 3 bits, 1.1 is 1.0 and 1.2 is 1.25."""
    significand, exponent = torch.frexp(values.float())  # in [0.5, 1)
    kept = torch.ldexp((significand * 2**bits).round(), exponent - bits)
    limit = torch.finfo(values.dtype).max
    return kept.clamp(-limit, limit).to(values.dtype)


def round_file(path: Path, bits: int, prefixes: Sequence[str] = ("",)) -> None:
    """Round the float16 tensors of a weights file in place whose names have one of the prefixes.

    Raises:
        WeightsError: it is no weights file.
    """
    config, tensors = checkpoint.load(path)
    halves = {
        name: rounded(each, bits)
        for name, each in tensors.items()
        if each.dtype == torch.float16 and name.startswith(tuple(prefixes))
    }
    checkpoint.save(path, config, tensors | halves)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path)
    parser.add_argument("--bits", type=int, default=6, choices=range(2, FLOAT16_BITS), help="to keep")
    parser.add_argument("--only", nargs="+", default=[""], metavar="PREFIX", help="of the names to round")
    options = parser.parse_args()
    round_file(options.weights, options.bits, options.only)


if __name__ == "__main__":
    main()
