"""The stages of z: the numbers to move, the posterior beside the prior, and the KL divergence of each
dimension.

Shapes: Z numbers in z, N held-out pictures, G points of a curve.
"""

from typing import Any

import numpy as np
import torch

from models.autoencoding import stage_texts as texts
from models.autoencoding.architecture import VARIATIONAL
from models.autoencoding.held_out import HeldOut
from models.autoencoding.loss import INACTIVE_BELOW, kl_divergence
from models.autoencoding.metrics import normal_density
from models.autoencoding.subject import Subject
from models.core.contract.card import Kind
from models.core.contract.messages import join
from models.core.contract.prediction import Stage
from models.core.generative import latent_stage
from models.core.images.codec import encode_png_quickly, from_tensor

CURVES, CURVE_POINTS = 3, 121  # dimensions in the chart of the posterior, and points of each
SILVERMAN = 1.06  # Silverman 1986, Density Estimation, equation 3.28: bandwidth = 1.06 deviation N^(-1/5)


def code_stage(subject: Subject) -> Stage:
    """z, in which each number can be moved; the decoder runs in the page."""
    model, held_out = subject.trained.model, subject.trained.held_out
    config, count = model.config, len(subject.clean)
    is_variational = config.kind == VARIATIONAL
    z = subject.z[0].numpy()
    deviation = None
    if subject.log_variance is not None and count:
        deviation = (subject.log_variance[0] / 2).exp().numpy()
    dimensions = latent_stage.dimensions(
        z,
        np.concatenate([held_out.means.numpy(), subject.z.numpy()]),
        deviation=deviation,
        kl=held_out.kl.numpy() if is_variational else None,
    )
    walk = None
    if count == 2:
        walk = latent_stage.Walk(z, subject.z[1].numpy(), texts.FIRST, texts.SECOND)
    target = encode_png_quickly(from_tensor(subject.clean[0])) if count else None
    kind = texts.CODE_DISTRIBUTION() if is_variational else texts.CODE_POINT()
    return latent_stage.stage(
        latent_stage.Decoder(model.pixels(), (config.side, config.side), config.channels),
        z,
        dimensions,
        plane=plane(subject),
        walk=walk,
        target=target,
        id="code",
        title=texts.CODE(latent=config.latent, values=config.channels * config.side**2),
        explanation=join(texts.CODE_ABOUT(), kind, texts.CODE_WALK() if walk else ""),
        code="models.autoencoding.architecture.sample",
    )


def plane(subject: Subject) -> latent_stage.Plane | None:
    """Held-out pictures in the two dimensions that carry most; None: z has only one."""
    held_out = subject.trained.held_out
    if held_out.means.shape[1] < 2:
        return None
    x, y = sorted(most_active(held_out)[:2].tolist())
    groups = subject.trained.classes if any(subject.trained.classes) else (texts.HELD_OUT(),)
    return latent_stage.Plane(held_out.means[:, [x, y]].numpy(), held_out.labels.numpy(), groups, x, y)


def most_active(held_out: HeldOut) -> torch.Tensor:
    """The dimensions of z by what they carry, most first: by KL, or by variance where there is no prior."""
    by = held_out.kl if bool((held_out.kl > 0).any()) else held_out.means.var(dim=0, correction=0)
    return by.argsort(descending=True, stable=True)


def posterior_stage(subject: Subject) -> Stage:
    """The distribution of z over held-out pictures, a curve for each of the most active dimensions."""
    held_out = subject.trained.held_out
    chosen = most_active(held_out)[:CURVES].tolist()
    means, deviations = held_out.means[:, chosen].numpy(), held_out.deviations[:, chosen].numpy()
    is_variational = subject.trained.model.config.kind == VARIATIONAL
    if not is_variational:  # points: a kernel density estimate
        deviations = np.broadcast_to(SILVERMAN * means.std(axis=0) * len(means) ** -0.2, means.shape)
    deviations = np.maximum(deviations, 1e-3)
    low, high = (means - 3 * deviations).min(), (means + 3 * deviations).max()
    x = np.linspace(min(low, -3.0), max(high, 3.0), CURVE_POINTS)
    zero, one = np.zeros(()), np.ones(())
    lines: list[dict[str, Any]] = [{"name": texts.PRIOR(), "x": x, "y": normal_density(x, zero, one)}]
    for column, dimension in enumerate(chosen):
        mean, deviation = means[:, column, None], deviations[:, column, None]
        density = normal_density(x, mean, deviation).mean(axis=0)
        lines.append({"name": f"z {dimension + 1}", "x": x, "y": density})
    for line in lines:
        line["x"], line["y"] = line["x"].round(3).tolist(), line["y"].round(4).tolist()
    title, about = (
        (texts.POSTERIOR, texts.POSTERIOR_ABOUT) if is_variational else (texts.CODES, texts.CODES_ABOUT)
    )
    return Stage(
        id="posterior",
        kind=Kind.CURVE,
        title=title(),
        explanation=about(count=len(means), shown=len(chosen)),
        data={"x_label": texts.Z_AXIS, "y_label": texts.DENSITY, "series": lines},
        code="models.autoencoding.latent_space.posterior_stage",
    )


def kl_stage(subject: Subject) -> Stage:
    """One row for each dimension of z, most active first."""
    config, held_out = subject.trained.model.config, subject.trained.held_out
    order, has_picture = most_active(held_out).tolist(), len(subject.clean) > 0
    columns = [texts.DIMENSION, texts.HELD_OUT_KL, texts.STATE]
    rows: list[list[Any]] = []
    for dimension in order:
        kl = float(held_out.kl[dimension])
        rows.append([dimension + 1, round(kl, 3), texts.INACTIVE if kl < INACTIVE_BELOW else texts.ACTIVE])
    if has_picture and subject.log_variance is not None:
        columns += [texts.MEAN, texts.DEVIATION, texts.OWN_KL]
        own = kl_divergence(subject.posterior)[0]
        for row, dimension in zip(rows, order, strict=True):
            spread = float((subject.log_variance[0, dimension] / 2).exp())
            row += [
                round(float(subject.mean[0, dimension]), 3),
                round(spread, 3),
                round(float(own[dimension]), 3),
            ]
    about = texts.KL_ABOUT(
        total=float(held_out.kl.sum()),
        beta=config.beta,
        inactive=int((held_out.kl < INACTIVE_BELOW).sum()),
        latent=config.latent,
        limit=INACTIVE_BELOW,
    )
    return Stage(
        id="kl",
        kind=Kind.TABLE,
        title=texts.KL(),
        explanation=about,
        data={"columns": [{"name": name} for name in columns], "rows": rows},
        count=len(rows),
        code="models.autoencoding.loss.kl_divergence",
    )
