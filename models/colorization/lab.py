"""sRGB to CIE L*a*b* and back, as differentiable tensor arithmetic.

IEC 61966-2-1 (sRGB) and CIE 15 (L*a*b*), white point D65, 2 degree observer. L* is the lightness, 0 to 100;
a* goes from green (-) to red (+) and b* from blue (-) to yellow (+), both 0 where a color is gray.

Shapes: (..., 3, H, W); sRGB in [0, 1].
"""

import numpy as np
import torch

TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
WHITE = (0.95047, 1.0, 1.08883)  # D65
EPSILON = (6 / 29) ** 3  # below it, a line replaces the cube root
SLOPE = (29 / 6) ** 2 / 3
OFFSET = 4 / 29
TOLERANCE = 1e-4  # of linear light beyond the gamut: less than 8 bits can represent
MIN_LIGHT = 1e-8  # keeps the gradient of roots and powers finite at black


def rgb_to_lab(rgb: torch.Tensor) -> torch.Tensor:
    """sRGB in [0, 1] -> L*, a*, b*."""
    curved = ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    linear = torch.where(rgb > 0.04045, curved, rgb / 12.92)
    white = linear.new_tensor(WHITE)[:, None, None]
    xyz = _mix(linear, linear.new_tensor(TO_XYZ)) / white
    root = torch.where(xyz > EPSILON, xyz.clamp(min=MIN_LIGHT) ** (1 / 3), SLOPE * xyz + OFFSET)
    x, y, z = root.unbind(-3)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-3)


def lab_to_rgb(lab: torch.Tensor) -> torch.Tensor:
    """L*, a*, b* -> sRGB, each channel clipped to [0, 1]; after `into_gamut`, lightness and hue are kept."""
    linear = _to_linear(lab)
    curved = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, 12.92 * linear).clamp(0, 1)


def into_gamut(lab: torch.Tensor) -> torch.Tensor:
    """The same lightness and hue with no more chroma than sRGB can show; (3, H, W), L* from 0 to 100.

    Clipping the channels of sRGB instead would shift lightness by several units. Only pixels outside the
    gamut are changed; their chroma is found by bisection, to 1 part in 128.
    """
    linear = _to_linear(lab)
    outside = ((linear < -TOLERANCE) | (linear > 1 + TOLERANCE)).any(dim=0)
    if not bool(outside.any()):
        return lab
    colors = lab[:, outside][..., None]  # (3, n, 1)
    kept = torch.zeros_like(colors[:1])  # the largest share of chroma known to fit
    for halving in range(1, 8):
        tried = kept + 0.5**halving
        linear = _to_linear(torch.cat([colors[:1], colors[1:] * tried]))
        fits = ((linear >= -TOLERANCE) & (linear <= 1 + TOLERANCE)).all(dim=0, keepdim=True)
        kept = torch.where(fits, tried, kept)
    answer = lab.clone()
    answer[1:, outside] = (colors[1:] * kept)[..., 0]
    return answer


def lightness_of(pixels: np.ndarray) -> torch.Tensor:
    """L* (1, H, W) of sRGB as uint8 (H, W, 3); a table replaces three powers per pixel."""
    curve = np.arange(256) / 255
    linear = np.where(curve > 0.04045, ((curve + 0.055) / 1.055) ** 2.4, curve / 12.92)
    tables = (linear[:, None] * np.array(TO_XYZ[1])).astype(np.float32)  # each channel's part of Y
    luminance = sum(torch.from_numpy(tables[pixels[..., channel], channel]) for channel in range(3))
    assert isinstance(luminance, torch.Tensor)  # noqa: S101  sum() of nothing would be 0
    root = torch.where(
        luminance > EPSILON, luminance.clamp(min=MIN_LIGHT) ** (1 / 3), SLOPE * luminance + OFFSET
    )
    return (116 * root - 16)[None].clamp_(0, 100)


def _to_linear(lab: torch.Tensor) -> torch.Tensor:
    """Linear RGB, which may lie outside [0, 1]."""
    lightness, a, b = lab.unbind(-3)
    y = (lightness + 16) / 116
    root = torch.stack([y + a / 500, y, y - b / 200], dim=-3)
    xyz = torch.where(root > 6 / 29, root**3, (root - OFFSET) / SLOPE)
    matrix = torch.linalg.inv(lab.new_tensor(TO_XYZ, dtype=torch.float64)).to(lab.dtype)
    return _mix(xyz * lab.new_tensor(WHITE)[:, None, None], matrix)


def _mix(channels: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    return torch.einsum("oc,...chw->...ohw", matrix, channels)
