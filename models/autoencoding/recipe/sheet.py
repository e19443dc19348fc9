"""A contact sheet of one model, to look at: reconstructions beside PCA, random z, walks, and a plane of z."""

import numpy as np
import torch
from PIL import Image
from scipy.stats import norm

from models.autoencoding.architecture import DENOISING
from models.autoencoding.card import PredictParams
from models.autoencoding.corruption import ANY, corrupt_for_training
from models.autoencoding.data import to_channels_last
from models.autoencoding.files import Trained
from models.autoencoding.predict import draw_z
from models.core.generative.judge import to_input
from models.core.generative.sample_history import contact_sheet

COLUMNS = 20
SIDE = 56  # pixels, at least, of a picture


@torch.inference_mode()
def draw_sheet(trained: Trained, pictures: np.ndarray) -> Image.Image:
    """Rows: pictures, what the network received (denoising), reconstructions, PCA; two of N(0, I), two of the
    mixture; two walks; and for z of 2 the plane of normal quantiles, `COLUMNS` x `COLUMNS`."""
    model, config = trained.model, trained.model.config
    x = received = to_input(pictures[:COLUMNS])
    if config.kind == DENOISING:
        received = corrupt_for_training(x, ANY, torch.Generator().manual_seed(0))
    rows = [x, model.decode(model.encode(received).mean), trained.held_out.pca.reconstruct(received)]
    if config.kind == DENOISING:
        rows.insert(1, received)
    for prior in ("standard normal", "mixture"):
        params = PredictParams(count=2 * COLUMNS, prior=prior)
        rows.append(
            model.decode(draw_z(trained.held_out, config.kind, params, torch.Generator().manual_seed(0)))
        )
    z, shares = model.encode(x).mean, torch.linspace(0, 1, COLUMNS)[:, None]
    rows += [model.decode(torch.lerp(z[first], z[second], shares)) for first, second in ((0, 1), (2, 8))]
    if config.latent == 2:
        rows.append(model.decode(plane(trained)))
    sheet = Image.fromarray(contact_sheet(to_channels_last(torch.cat(rows)), COLUMNS))
    factor = max(1, SIDE // config.side)
    return sheet.resize((sheet.width * factor, sheet.height * factor), Image.Resampling.NEAREST)


def plane(trained: Trained) -> torch.Tensor:
    """(COLUMNS^2, 2): the quantiles of a Gaussian with the mean and deviation of held-out codes."""
    quantiles = torch.from_numpy(norm.ppf((np.arange(COLUMNS) + 0.5) / COLUMNS)).float()
    rows, columns = torch.meshgrid(quantiles.flip(0), quantiles, indexing="ij")
    codes = trained.held_out.means
    return codes.mean(dim=0) + codes.std(dim=0) * torch.stack([columns.flatten(), rows.flatten()], dim=1)
