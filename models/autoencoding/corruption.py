"""Three ways to corrupt a picture: Gaussian noise, salt and pepper, and a missing patch.

Vincent et al. 2008 set random pixels to 0; Vincent et al. 2010, Stacked Denoising Autoencoders, section 4.3,
has Gaussian noise and salt and pepper. Noise is undone by what nearby pixels have in common; a missing patch
only by knowing what such pictures look like.

Shapes: pictures (B, C, S, S) in [0, 1]; levels (B,) in [0, 1]. All randomness comes from the generator given.
"""

import torch

NONE, GAUSSIAN, SALT_AND_PEPPER, PATCH, ANY = "none", "gaussian", "salt and pepper", "missing patch", "any"
CORRUPTIONS = (GAUSSIAN, SALT_AND_PEPPER, PATCH)
HIGHEST = {GAUSSIAN: 0.5, SALT_AND_PEPPER: 0.4, PATCH: 0.5}  # levels in trainings
MISSING = 0.5  # the gray of a missing patch


def corrupt(
    pictures: torch.Tensor, corruption: str, levels: torch.Tensor, random: torch.Generator
) -> torch.Tensor:
    """The pictures corrupted in one way.

    A level is the standard deviation of Gaussian noise, the share of pixels that become black or white, or
    the side of the missing square as a share of the picture's side.
    """
    if corruption == GAUSSIAN:
        return add_noise(pictures, levels, random)
    if corruption == SALT_AND_PEPPER:
        return add_salt_and_pepper(pictures, levels, random)
    if corruption == PATCH:
        return remove_patch(pictures, levels, random)
    return pictures


def add_noise(pictures: torch.Tensor, levels: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    noise = torch.randn(pictures.shape, generator=random)
    return (pictures + _per_picture(levels) * noise).clamp(0, 1)


def add_salt_and_pepper(
    pictures: torch.Tensor, levels: torch.Tensor, random: torch.Generator
) -> torch.Tensor:
    batch, _, height, width = pictures.shape
    draws = torch.rand((batch, 1, height, width), generator=random)  # all channels of a pixel alike
    levels = _per_picture(levels)
    salted = torch.where(draws < levels / 2, 1.0, pictures)
    return torch.where(draws > 1 - levels / 2, 0.0, salted)


def remove_patch(pictures: torch.Tensor, levels: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """A square anywhere within the picture becomes gray."""
    batch, _, height, width = pictures.shape
    side = _per_picture((levels * height).round())
    top, left = (
        _per_picture(torch.rand(batch, generator=random)) * (length - side) for length in (height, width)
    )
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    is_missing = (rows >= top.floor()) & (rows < top.floor() + side)
    is_missing = is_missing & (columns >= left.floor()) & (columns < left.floor() + side)
    return torch.where(is_missing, MISSING, pictures)


def corrupt_for_training(pictures: torch.Tensor, corruption: str, random: torch.Generator) -> torch.Tensor:
    """A batch corrupted at random levels; with `ANY`, each kind for a third of the pictures."""
    kinds = CORRUPTIONS if corruption == ANY else (corruption,)
    corrupted = pictures.clone()
    for number, kind in enumerate(kinds):
        own = pictures[number :: len(kinds)]
        levels = torch.rand(len(own), generator=random) * HIGHEST[kind]
        corrupted[number :: len(kinds)] = corrupt(own, kind, levels, random)
    return corrupted


def _per_picture(values: torch.Tensor) -> torch.Tensor:
    return values[:, None, None, None]
