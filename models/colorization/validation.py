"""Where a training stands: the colors that it guesses for photos it does not learn from."""

from pathlib import Path

import torch
from PIL import Image
from torch.nn import functional as F

from models.colorization.architecture import COLOR_STRIDE, Generator, shrink_to_color
from models.colorization.data import photos
from models.colorization.fit import fit
from models.colorization.lab import lab_to_rgb, rgb_to_lab
from models.colorization.metrics import ab_distance, ab_psnr, colorfulness
from models.core.contract.errors import InputError
from models.core.images.codec import to_tensor


class Validation:
    """The validation photos as the network sees them. A dataset need not have any."""

    def __init__(self, dataset: Path, image_size: int):
        self.pictures: list[tuple[torch.Tensor, torch.Tensor]] = []
        try:
            found = photos(dataset, "validation")
        except InputError:  # a user's few photos: training goes on, without figures
            return
        train = torch.stack([true_color(photo.picture, image_size)[1].mean(dim=(1, 2))
                             for photo in photos(dataset, "train")])  # fmt: skip
        self.mean_color = train.mean(dim=0)[:, None, None]
        self.pictures = [true_color(photo.picture, image_size) for photo in found]

    @torch.inference_mode()
    def measure(self, generator: Generator) -> dict[str, float]:
        """Mean ab distance, ab-PSNR, share of photos nearer than gray and the mean color, colorfulness."""
        if not self.pictures:
            return {}
        device = next(generator.parameters()).device
        distances, psnr, better, strength = [], [], [], []
        for lightness, truth in self.pictures:
            guess = generator(lightness[None].to(device))[0].float().cpu()
            distances.append(ab_distance(guess, truth))
            psnr.append(ab_psnr(guess, truth))
            baselines = [ab_distance(each.expand_as(truth), truth) for each in (0 * truth, self.mean_color)]
            better.append(distances[-1] < min(baselines))
            small = shrink_to_color(lightness[None])[0]
            strength.append([colorfulness(lab_to_rgb(torch.cat([small, ab]))) for ab in (guess, truth)])
        guessed, true = (sum(values) for values in zip(*strength, strict=True))
        count = len(self.pictures)
        return {
            "ab_distance": sum(distances) / count,
            "ab_psnr": sum(psnr) / count,
            "better_share": sum(better) / count,
            "colorfulness_ratio": guessed / true,
        }


def true_color(picture: Image.Image, image_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """L* (1, H, W) as the network sees a photo, and its ab (2, H/2, W/2)."""
    lab = rgb_to_lab(to_tensor(fit(picture, image_size)))
    return lab[:1], F.avg_pool2d(lab[None, 1:], COLOR_STRIDE)[0]
