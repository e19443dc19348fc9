"""Measures of colors: distance from the true ones, and colorfulness.

Pictures in L*a*b* are (3, H, W), their ab alone (2, H, W); sRGB is (3, H, W) in [0, 1].
"""

import torch

AB_RANGE = 220.0  # from -110 to 110, the peak of ab-PSNR


def colorfulness(rgb: torch.Tensor) -> float:
    """Hasler and Süsstrunk 2003, Measuring colourfulness in natural images, section 6: M3.

    0 is gray, 33 moderately colorful and 82 highly colorful.
    """
    red, green, blue = (rgb * 255).double().unbind(0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = torch.hypot(red_green.std(correction=0), yellow_blue.std(correction=0))
    return float(spread + 0.3 * torch.hypot(red_green.mean(), yellow_blue.mean()))


def ab_psnr(predicted: torch.Tensor, truth: torch.Tensor) -> float:
    """Peak signal-to-noise ratio of a* and b* in dB for a peak of 220; at most 100."""
    error = (predicted - truth).double().square().mean().clamp(min=1e-10 * AB_RANGE**2)
    return float(10 * torch.log10(AB_RANGE**2 / error))


def ab_distance(predicted: torch.Tensor, truth: torch.Tensor) -> float:
    """Mean Euclidean distance in the ab plane: at equal L*, the CIE 1976 color difference."""
    return float((predicted - truth).norm(dim=0).mean())
