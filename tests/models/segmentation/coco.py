"""COCO's own decoder of run lengths, as a reference for the encoder."""

import numpy as np


def decode_rle(text: str, height: int, width: int) -> np.ndarray:
    """rleFrString and rleDecode of COCO's maskApi.c, line by line, without any code under test."""
    counts: list[int] = []
    place = 0
    while place < len(text):
        value, signs, more = 0, 0, True
        while more:
            bits = ord(text[place]) - 48
            value |= (bits & 0x1F) << 5 * signs
            more = bool(bits & 0x20)
            place, signs = place + 1, signs + 1
            if not more and bits & 0x10:
                value |= -1 << 5 * signs
        counts.append(value + counts[len(counts) - 2] if len(counts) > 2 else value)
    assert sum(counts) == height * width
    flat = np.repeat(np.arange(len(counts)) % 2, counts)
    return flat.reshape(width, height).T.astype(bool)
