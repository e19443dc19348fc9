"""The metrics of `evaluate.py` as the tables of the model cards."""

from collections.abc import Mapping
from typing import Any

RANDOM = {"standard normal": "z from N(0, I)", "mixture": "z from the mixture"}


def tables(report: Mapping[str, Any]) -> str:
    """Markdown: reconstruction beside PCA, then what the kind of autoencoder has besides."""
    model, latent = report["model"], report["latent"]
    rows = [
        f"| test pictures, z of {latent} | `{model}` | PCA of {latent} |",
        "| --- | --- | --- |",
        _pair(report, "psnr", "PSNR, mean over pictures, dB"),
        _pair(report, "psnr_of_mean", "PSNR of the mean square error, dB"),
    ]
    if "probe" in report:
        own, pca = (f"{100 * report['probe'][name]:.1f} %" for name in ("model", "pca"))
        rows.append(f"| accuracy of logistic regression on z | {own} | {pca} |")
    parts = ["\n".join(rows), _frechet(report)]
    if "elbo" in report:
        parts.append(_evidence(report["elbo"]))
    if "corruptions" in report:
        parts.append(_corruptions(report["corruptions"]))
    return "\n\n".join(parts)


def _pair(report: Mapping[str, Any], figure: str, title: str) -> str:
    return f"| {title} | {report['model_figures'][figure]:.2f} | {report['pca_figures'][figure]:.2f} |"


def _frechet(report: Mapping[str, Any]) -> str:
    found = report["frechet"]
    rows = [
        "| Fréchet distance from test pictures | |",
        "| --- | --- |",
        f"| other test pictures | {found['real']:.2f} |",
        f"| reconstructions | {found['reconstructions']:.2f} |",
    ]
    return "\n".join([*rows, *(f"| {title} | {found[name]:.2f} |" for name, title in RANDOM.items())])


def _evidence(elbo: Mapping[str, Any]) -> str:
    kl = ", ".join(f"{value:.2f}" for value in elbo["kl_by_dimension"])
    return "\n".join([
        "| nats | |",
        "| --- | --- |",
        f"| −ELBO | {elbo['negative_elbo']:.2f} |",
        f"| reconstruction | {elbo['reconstruction']:.2f} |",
        f"| its least possible value, the entropy of the targets | {elbo['target_entropy']:.2f} |",
        f"| KL divergence | {elbo['kl']:.2f} |",
        f"| KL by dimension | {kl} |",
        f"| inactive dimensions | {elbo['inactive']} |",
    ])  # fmt: skip


def _corruptions(found: Mapping[str, Mapping[str, float]]) -> str:
    rows = ["| corruption | level | before, dB | after, dB | PCA, dB |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([
        *rows,
        *(
            f"| {name} | {each['level']} | {each['before']:.2f} | {each['after']:.2f} | {each['pca']:.2f} |"
            for name, each in found.items()
        ),
    ])  # fmt: skip
