"""Pictures that are nearly the same: a photo and its smaller, recompressed or brightened copy.

A perceptual hash has 64 bits of a picture's coarse structure: the signs of its lowest frequencies (Zauner,
Implementation and Benchmarking of Perceptual Image Hash Functions, 2010). Unrelated pictures differ in about
32 of them.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from imagehash import phash
from PIL import Image

from models.core.contract.dataset import Picture

ALIKE_BITS = 6  # of 64: at most so many differ between near-duplicates
_BITS = 64
_PAIRS_AT_ONCE = 2_000_000


def fingerprint(picture: Image.Image) -> int:
    """The 64 bits of a picture, which survive resizing, recompression and small edits."""
    return int(np.packbits(phash(picture, hash_size=8).hash).view(">u8")[0])


def near_duplicates(fingerprints: Sequence[int]) -> list[int]:
    """For each picture the index of the first one that it resembles, directly or through others.

    Two hashes that differ in at most 6 bits are equal in one of 7 blocks of bits at least, so only pictures
    with an equal block are compared (multi-index hashing: Norouzi et al. 2012, arXiv:1307.2982).
    """
    known, group = np.unique(np.array(fingerprints, np.uint64), return_inverse=True)
    parents = np.arange(len(known))
    for pairs in _batches(known):
        _unite(parents, pairs)
    _, first, position = np.unique(parents[group], return_index=True, return_inverse=True)
    return first[position].tolist()


def _unite(parents: np.ndarray, pairs: np.ndarray) -> None:
    """Union-find: afterwards both of each pair have the same parent, which is its own."""
    while True:
        found = parents[pairs]
        found = found[found[:, 0] != found[:, 1]]
        if not len(found):
            return
        np.minimum.at(parents, found.max(axis=1), found.min(axis=1))
        while (parents[parents] != parents).any():
            parents[:] = parents[parents]


def groups_of(pictures: Sequence[Picture], decode: Callable[[Picture], Image.Image]) -> dict[str, str]:
    """File -> the first file of the near-duplicates it belongs to; pictures like no other are left out."""
    return grouped([picture.file for picture in pictures], [fingerprint(decode(each)) for each in pictures])


def grouped(files: Sequence[str], fingerprints: Sequence[int]) -> dict[str, str]:
    """As `groups_of`, from fingerprints that are known."""
    first = near_duplicates(fingerprints)
    sizes = np.bincount(first, minlength=len(files)) if first else []
    return {file: files[index] for file, index in zip(files, first, strict=True) if sizes[index] > 1}


def _batches(known: np.ndarray) -> Iterator[np.ndarray]:
    """The pairs of near-duplicates, (N, 2), in batches; a pair can occur in several."""
    batch: list[np.ndarray] = []
    size = 0
    for pairs in _pairs(known):
        batch.append(pairs)
        size += len(pairs)
        if size > _PAIRS_AT_ONCE:
            yield np.concatenate(batch)
            batch, size = [], 0
    if batch:
        yield np.concatenate(batch)


def _pairs(known: np.ndarray) -> Iterator[np.ndarray]:
    edges = np.linspace(0, _BITS, ALIKE_BITS + 2).round().astype(int)
    for low, high in pairwise(edges):
        block = (known >> np.uint64(low)) & np.uint64((1 << int(high - low)) - 1)
        order = np.argsort(block, kind="stable")
        starts = np.flatnonzero(np.diff(block[order])) + 1
        for bucket in np.split(order, starts):
            if len(bucket) > 1:
                yield from _pairs_within(known, bucket)


def _pairs_within(known: np.ndarray, bucket: np.ndarray) -> Iterator[np.ndarray]:
    hashes = known[bucket]
    rows = max(1, _PAIRS_AT_ONCE // len(bucket))
    for start in range(0, len(bucket) - 1, rows):
        distances = np.bitwise_count(hashes[start : start + rows, None] ^ hashes[None, start + 1 :])
        left, right = np.nonzero(distances <= ALIKE_BITS)
        is_new = left <= right  # each pair once, and none with itself
        if is_new.any():
            yield np.stack([bucket[start + left[is_new]], bucket[start + 1 + right[is_new]]], axis=1)
