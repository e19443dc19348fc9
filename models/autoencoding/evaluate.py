"""Evaluation of the autoencoders on held-out pictures.

    glassbox evaluate autoencoding
    glassbox evaluate autoencoding --model variational-16 --sheet sheet.png --out variational-16.json

measures every shipped model, or one, on the test pictures of its bank: reconstruction beside PCA of the same
size; a classifier on z; for a variational one -ELBO in nats and the KL divergence of each dimension; the
Fréchet distance of pictures of random z; for a denoising one PSNR before and after each corruption. The
output ends with the tables of the model card.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.autoencoding import files
from models.autoencoding.architecture import DENOISING, VARIATIONAL, sample
from models.autoencoding.card import CARD, PredictParams
from models.autoencoding.corruption import CORRUPTIONS, corrupt
from models.autoencoding.data import to_channels_last
from models.autoencoding.files import Trained
from models.autoencoding.loss import INACTIVE_BELOW, cross_entropy, kl_divergence, target_entropy
from models.autoencoding.metrics import distance, mean_squared_error, psnr
from models.autoencoding.predict import draw_z
from models.autoencoding.recipe.figures import tables
from models.autoencoding.recipe.sheet import draw_sheet
from models.core.generative import judge
from models.core.generative.fidelity import frechet_distance
from models.core.generative.judge import to_input
from models.core.generative.pictures import Pictures, Split, load
from models.core.recipe.rounded import rounded

log = logging.getLogger(__name__)

BANKS = {1: Path("data/garments.npz"), 3: Path("data/faces.npz")}  # by channels
JUDGES = {1: judge.GARMENTS, 3: judge.FACES}
COMPARED = 2000  # pictures in each set whose Fréchet distance is measured
LEVELS = {"gaussian": 0.3, "salt and pepper": 0.2, "missing patch": 0.35}
BATCH = 500


@torch.inference_mode()
def evaluate(trained: Trained, pictures: Pictures, split: Split) -> dict[str, Any]:
    """All figures of one model on one split."""
    config = trained.model.config
    found = reconstruct(trained, split.pictures)
    report: dict[str, Any] = {"pictures": len(split), "latent": config.latent, **found}
    if any(trained.classes):
        report["probe"] = probe(trained, pictures.train, split)
    report["frechet"] = fidelity_of(trained, split.pictures)
    if config.kind == VARIATIONAL:
        report["elbo"] = evidence(trained, split.pictures)
    if config.kind == DENOISING:
        report["corruptions"] = restored(trained, split.pictures)
    return report


def reconstruct(trained: Trained, pictures: np.ndarray) -> dict[str, Any]:
    """PSNR in dB, mean over pictures and of the mean square error, beside PCA; the share that is flagged."""
    errors: dict[str, list[torch.Tensor]] = {"model": [], "pca": []}
    distances = []
    for start in range(0, len(pictures), BATCH):
        x = to_input(pictures[start : start + BATCH])
        reconstruction = trained.model.decode(trained.model.encode(x).mean)
        errors["model"].append(mean_squared_error(x, reconstruction))
        errors["pca"].append(mean_squared_error(x, trained.held_out.pca.reconstruct(x)))
        distances.append(distance(x, reconstruction))
    report: dict[str, Any] = {}
    for name, values in errors.items():
        each = torch.cat(values)
        report[f"{name}_figures"] = {
            "psnr": float(psnr(each).mean()),
            "psnr_of_mean": float(psnr(each.mean())),
        }
    beyond = torch.cat(distances) > trained.held_out.threshold
    return report | {"unlike_share": float(beyond.float().mean())}


def probe(trained: Trained, train: Split, split: Split) -> dict[str, float]:
    """Accuracy of logistic regression on z, and on as many principal components."""
    accuracy = {}
    for name, encode in (
        ("model", lambda x: trained.model.encode(x).mean),
        ("pca", trained.held_out.pca.encode),
    ):
        codes = [
            torch.cat([
                encode(to_input(own[start : start + BATCH])) for start in range(0, len(own), BATCH)
            ]).numpy()
            for own in (train.pictures, split.pictures)
        ]  # fmt: skip
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        classifier.fit(codes[0], train.labels)
        accuracy[name] = float(classifier.score(codes[1], split.labels))
    return accuracy


def evidence(trained: Trained, pictures: np.ndarray) -> dict[str, Any]:
    """-ELBO = reconstruction + KL in nats, one z for each picture; the least possible; KL by dimension."""
    torch.manual_seed(0)
    reconstruction, entropy, kl = 0.0, 0.0, torch.zeros(trained.model.config.latent)
    for start in range(0, len(pictures), BATCH):
        x = to_input(pictures[start : start + BATCH])
        posterior = trained.model.encode(x)
        reconstruction += float(cross_entropy(trained.model.decoder(sample(posterior)), x).sum())
        entropy += float(target_entropy(x).sum())
        kl += kl_divergence(posterior).sum(dim=0)
    by_dimension = (kl / len(pictures)).sort(descending=True).values
    total = float(by_dimension.sum())
    return {
        "negative_elbo": reconstruction / len(pictures) + total,
        "reconstruction": reconstruction / len(pictures),
        "target_entropy": entropy / len(pictures),
        "kl": total,
        "kl_by_dimension": by_dimension.tolist(),
        "inactive": int((by_dimension < INACTIVE_BELOW).sum()),
    }


def fidelity_of(trained: Trained, pictures: np.ndarray) -> dict[str, float]:
    """Fréchet distances from test pictures: of others, of reconstructions, and of pictures of random z."""
    classifier = judge.load_judge(JUDGES[trained.model.config.channels])
    count = min(COMPARED, len(pictures) // 2)
    real, others = pictures[:count], pictures[count : 2 * count]
    x = to_input(real)
    sets = {"real": others, "reconstructions": to_channels_last(reconstructed(trained, x))}
    for prior in ("standard normal", "mixture"):
        z = draw_many(trained, prior, count)
        sets[prior] = to_channels_last(torch.cat([trained.model.decode(part) for part in z.split(BATCH)]))
    features = judge.measure(classifier, real)[0]
    return {name: frechet_distance(features, judge.measure(classifier, own)[0]) for name, own in sets.items()}


def reconstructed(trained: Trained, x: torch.Tensor) -> torch.Tensor:
    return torch.cat([trained.model.decode(trained.model.encode(part).mean) for part in x.split(BATCH)])


def draw_many(trained: Trained, prior: str, count: int) -> torch.Tensor:
    """(count, Z) random z, more than one answer has."""
    params = PredictParams.model_construct(count=count, prior=prior, temperature=1.0)  # pyright: ignore
    random = torch.Generator().manual_seed(0)
    return draw_z(trained.held_out, trained.model.config.kind, params, random)


def restored(trained: Trained, pictures: np.ndarray) -> dict[str, dict[str, float]]:
    """PSNR in dB before and after, mean over pictures, for each corruption."""
    report = {}
    for corruption in CORRUPTIONS:
        random, values = torch.Generator().manual_seed(0), []
        for start in range(0, len(pictures), BATCH):
            x = to_input(pictures[start : start + BATCH])
            received = corrupt(x, corruption, torch.full((len(x),), LEVELS[corruption]), random)
            after = trained.model.decode(trained.model.encode(received).mean)
            by_pca = trained.held_out.pca.reconstruct(received)
            values.append(
                torch.stack([psnr(mean_squared_error(x, each)) for each in (received, after, by_pca)])
            )
        before, after, by_pca = torch.cat(values, dim=1).mean(dim=1).tolist()
        report[corruption] = {"level": LEVELS[corruption], "before": before, "after": after, "pca": by_pca}
    return report


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shipped = {model.name: model.weights for model in CARD.models if model.weights}
    parser.add_argument(
        "--model", choices=sorted(shipped), help="one of the shipped models; else all of them"
    )
    parser.add_argument("--weights", type=Path, help="evaluate this file instead of a shipped model")
    parser.add_argument("--dataset", type=Path, help="a bank or a ZIP, by default one of data/")
    parser.add_argument("--split", choices=("validation", "test"), default="test")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of reconstructions and samples")
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    if (options.sheet or options.out) and not (options.weights or options.model):
        parser.error("--sheet and --out are of one model: name it with --model or --weights")
    chosen = (
        [options.weights or shipped[options.model]] if options.weights or options.model else shipped.values()
    )
    for path in chosen:
        report_on(path, options)


def report_on(path: Path, options: argparse.Namespace) -> None:
    """Measure one weights file and write its metrics, and its contact sheet if one is requested."""
    trained = files.load(path)
    config = trained.model.config
    pictures = load(options.dataset or BANKS[config.channels], config.side, config.channels)
    split = getattr(pictures, options.split)
    report = {"model": path.stem, "split": options.split, **rounded(evaluate(trained, pictures, split))}
    text = json.dumps(report, indent=2)
    log.info("%s\n\n%s", text, tables(report))
    if options.sheet:
        draw_sheet(trained, split.pictures).save(options.sheet)
    if options.out:
        options.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
