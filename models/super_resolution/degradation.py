"""What happens to a small picture on its way from a camera through the web: blur, noise, JPEG.

Paper: Wang et al. 2021, Real-ESRGAN, arXiv:2107.10833, section 3.1, the first-order model: with a photo y, a
blur kernel k, noise n and the scale r,

    x = JPEG_q((y * k) shrunk by r + n)

Differences: the photo is shrunk before it is blurred, so that the width of k is in pixels of the upload; k is
always an isotropic Gaussian and n white and Gaussian; all three are light, since a photo that was merely
stored as JPEG is the usual upload, and a strong blur cannot be distinguished from a soft photo.

Pictures are uint8 (H, W, 3).
"""

import io

import numpy as np
from PIL import Image
from scipy import ndimage

# shares of the degraded patches with each step, and the ranges that its strength is drawn from
BLURRED, SIGMA = 0.25, (0.2, 0.8)  # standard deviation of the kernel in pixels
NOISY, LEVEL = 0.25, (1.0, 6.0)  # standard deviation of the noise, of 255
QUALITY = (40, 95)  # of JPEG, which no degraded patch is without
FULL_CHROMA = 0.3  # JPEGs that keep the color of every pixel instead of one for each 2 × 2


def blur(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Every channel convolved with a Gaussian of standard deviation `sigma` pixels; edges are mirrored."""
    smooth = ndimage.gaussian_filter(picture.astype(np.float32), (sigma, sigma, 0))
    return smooth.round().astype(np.uint8)


def add_noise(picture: np.ndarray, level: float, random: np.random.Generator) -> np.ndarray:
    """White Gaussian noise of standard deviation `level`, of 255, added; rounded and clipped."""
    noise = level * random.standard_normal(picture.shape, dtype=np.float32)
    return (picture + noise).round().clip(0, 255).astype(np.uint8)


def jpeg(picture: np.ndarray, quality: int, *, full_chroma: bool = False) -> np.ndarray:
    """The picture saved as JPEG and read again. Its blocks of 8 × 8 pixels begin in the top left corner.

    Args:
        quality: 1 to 95, the scale of libjpeg.
        full_chroma: keep the color of every pixel (4:4:4) instead of one for each 2 × 2 pixels (4:2:0).
    """
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=0 if full_chroma else 2)
    return np.asarray(Image.open(file))


def degrade(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The picture after steps of random strength: blur and noise in some, then always JPEG."""
    if random.random() < BLURRED:
        picture = blur(picture, random.uniform(*SIGMA))
    if random.random() < NOISY:
        picture = add_noise(picture, random.uniform(*LEVEL), random)
    quality = int(random.integers(QUALITY[0], QUALITY[1] + 1))
    return jpeg(picture, quality, full_chroma=random.random() < FULL_CHROMA)
