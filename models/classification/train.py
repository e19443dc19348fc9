"""Training a classifier: the features of a frozen backbone, then one linear layer, in seconds.

The head's loss is convex, so its fit has one answer and needs no learning rate, epochs or validation. With
`mode` fine-tune it is the start of a training of all layers (`fine_tuning.py`).

Shapes: N pictures, V views of each, F features, C classes.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from models.classification import head
from models.classification.architecture import FINE_TUNED, Classifier, Config, Pooling
from models.classification.card import AUTOMATIC, FINE_TUNE, TrainParams
from models.classification.data import (
    THUMBNAIL,
    Example,
    decoded,
    examples_of,
    jpeg,
    opened,
    without_validation,
)
from models.classification.familiarity import of_head, of_network
from models.classification.features import (
    BOX_UNET,
    FIRST,
    best_installed,
    features_of,
    load_encoder,
    views,
)
from models.classification.fine_tuning import answered, fine_tune
from models.classification.inspection.kept_pictures import KeptPictures
from models.classification.metrics import quality
from models.classification.report import Answers, trained
from models.core.contract import checkpoint as files
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.datasets.archive import Dataset, load
from models.core.training.cross_stage import Encoder
from models.core.training.familiarity import Familiarity

SEEING = Text("classification.progress.features", "Computing the features of the pictures")
NO_NANODET = Text(
    "classification.no_nanodet",
    "NanoDet-g is not installed, so the features are those of the shipped mask network, which are less "
    "accurate here. For better ones: glassbox models pull nanodet-g, then train again.",
)


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write the trained classifier to `weights` and return its metrics on held-out pictures.

    Without held-out pictures the metrics are those of a cross-validation. The same params and seed give the
    same weights on the same machine; a resumed training gives those of an uninterrupted one.

    Raises:
        InputError: `dataset` has no labeled pictures of two classes, or a picture in it is broken.
        WeightsError: the backbone is not installed, or the checkpoint is another training's.
    """
    config, notes = Config((), params.backbone), []
    if params.backbone == AUTOMATIC:
        config = replace(config, backbone=best_installed())
        notes = [NO_NANODET()] if config.backbone == BOX_UNET else []
    encoder = load_encoder(config.backbone).to(device)
    with load(dataset) as data:
        examples, classes = examples_of(data)
        if params.mode != FINE_TUNE:  # a convex loss leaves nothing to choose on validation pictures
            examples = without_validation(examples)
        seen = see(data, examples, len(classes), encoder, params, progress, checkpoint)
    config = replace(config, classes=classes)

    learned = np.array([each.split == "train" for each in examples])
    labels = np.array([each.label for each in examples])
    fitted = head.fit(seen.features[learned], labels[learned], len(classes), params)
    model = Classifier(classes, config.pooling)
    model.encoder, model.head = encoder, fitted.module()
    if params.mode == FINE_TUNE:
        config = replace(config, architecture=FINE_TUNED)
        log_file = weights.with_suffix(".log.csv")
        best = fine_tune(
            model,
            config,
            examples,
            seen.copies,
            params,
            log_file=log_file,
            progress=progress,
            checkpoint=checkpoint,
        )
        model = best.or_latest(model)
        found = answered(model, seen.copies)
        answers, standardized = Answers(examples, classes, found.probabilities, folds=0), found.standardized
        known = of_network(examples, found.context, found.probabilities)
        result = trained(answers, notes, best)
    else:
        training = [each for each in examples if each.split == "train"]
        crossed = head.cross_validated(seen.features[learned], training, len(classes), params)
        probabilities = fitted.probabilities(seen.features[:, 0])
        if crossed:
            probabilities[learned] = crossed.probabilities
        answers = Answers(examples, classes, probabilities, crossed.folds if crossed else 0)
        standardized = torch.from_numpy(fitted.scale(seen.features[:, 0]))
        known = of_head(seen.context[torch.from_numpy(learned)], crossed)
        result = trained(answers, notes)
    save(weights, model, config, result, kept_pictures(answers, standardized, seen.copies), known)
    return result


@dataclass(frozen=True)
class Seen:
    """The pictures as the head learns from them."""

    features: np.ndarray  # (N, V, F)
    context: torch.Tensor  # (N, 256), of the pictures themselves: `Features.context`
    copies: list[bytes]  # JPEG files: large enough to crop where all layers learn, else thumbnails


def see(
    dataset: Dataset,
    examples: list[Example],
    classes: int,
    encoder: Encoder,
    params: TrainParams,
    progress: Progress,
    checkpoint: Path | None,
) -> Seen:
    """Features of every picture, of the training pictures with further views.

    Held-out pictures come first. A head is fitted to more and more training pictures while they arrive, and
    measured on those: the learning curve.

    Raises:
        InputError: a picture is broken.
    """
    is_long = params.mode == FINE_TUNE
    total = len(examples) + (params.steps if is_long else 0)
    order = _held_out_first(examples, params.seed)
    rows, copies = _rows_so_far(checkpoint), []
    pictures = decoded(dataset, [examples[index] for index in order], FIRST if is_long else THUMBNAIL)
    for place, shown in enumerate(pictures):
        copies.append(shown.copy)
        if place < len(rows["features"]):
            continue  # computed before the training was interrupted
        views_of_it = [shown.image]
        if examples[order[place]].split == "train":
            random = np.random.default_rng([params.seed, 0, order[place]])
            views_of_it = views(shown.image, params.views, params.mirror, random)
        found = [features_of(encoder, picture, Pooling()) for picture in views_of_it]
        lacking = params.views * (1 + params.mirror) - len(found)  # those of held-out pictures are not used
        rows["features"].append(torch.stack([each.pooled for each in [*found, *found[:1] * lacking]]))
        rows["context"].append(found[0].context)
        so_far = [examples[index] for index in order[: place + 1]]
        progress(place + 1, total, learning_curve(so_far, classes, rows["features"], params, total), SEEING())
        if checkpoint and progress.checkpoint_due:
            files.save(
                checkpoint, {"step": place + 1}, {name: torch.stack(own) for name, own in rows.items()}
            )
            progress.saved()
    back = np.argsort(order)
    features, context = (torch.stack(own)[torch.from_numpy(back)] for own in rows.values())
    return Seen(features.double().numpy(), context, [copies[place] for place in back])


def _held_out_first(examples: list[Example], seed: int) -> list[int]:
    """The order in which pictures are seen: training pictures of all classes mixed."""
    mixed = np.random.default_rng(seed).permutation(len(examples)).tolist()
    return sorted(mixed, key=lambda index: examples[index].split == "train")


def learning_curve(
    seen: list[Example], classes: int, features: list[torch.Tensor], params: TrainParams, total: int
) -> dict[str, float] | None:
    """The metrics on the held-out pictures of a head that learned from the training pictures seen so far.

    None: it is not due, there are no held-out pictures, or none of a class was seen.
    """
    labels, splits = np.array([each.label for each in seen]), np.array([each.split for each in seen])
    learned = splits == "train"
    # the part on which the figures of the whole training are measured; the test chooses nothing
    is_test = params.mode != FINE_TUNE and "test" in splits
    held_out = splits == ("test" if is_test else "validation")
    is_due = _is_due(int(learned.sum()), len(seen), total)
    if not held_out.any() or len(set(labels[learned])) < classes or not is_due:
        return None
    x = torch.stack(features).double().numpy()
    fitted = head.fit(x[learned], labels[learned], classes, params)
    return quality(labels[held_out], fitted.probabilities(x[held_out, 0]))


def _is_due(count: int, seen: int, total: int) -> bool:
    """At points each a third more pictures than the one before, and at the last picture."""
    if count < 2:
        return False
    return seen == total or int(np.log(count) / np.log(4 / 3)) > int(
        np.log(max(1, count - 1)) / np.log(4 / 3)
    )


def _rows_so_far(checkpoint: Path | None) -> dict[str, list[torch.Tensor]]:
    """Those of the pictures that an interrupted training has seen."""
    rows: dict[str, list[torch.Tensor]] = {"features": [], "context": []}
    if checkpoint is None or not checkpoint.exists():
        return rows
    known = files.load(checkpoint)[1]  # without them if it was interrupted later, in the fine-tuning
    if "features" not in known or known["features"].shape[-1] != Pooling().features:
        return rows  # as are those that an older version computed
    return {name: list(known[name]) for name in rows}


def kept_pictures(answers: Answers, features: torch.Tensor, copies: list[bytes]) -> KeptPictures:
    """Thumbnails of some pictures, with their standardized features (N, F) and the model's answers."""
    chosen = answers.probabilities.argmax(axis=1)
    kept = KeptPictures(
        features=features,
        files=copies,
        label=answers.actual,
        answer=chosen,
        score=answers.probabilities.max(axis=1),
        learned=np.array([each.split == "train" for each in answers.examples]),
    ).limited()
    return replace(kept, files=[jpeg(opened(each), THUMBNAIL) for each in kept.files])


def save(
    weights: Path,
    model: Classifier,
    config: Config,
    result: Trained,
    kept: KeptPictures,
    known: Familiarity | None,
) -> None:
    """The head, or all layers where all were trained, with what opens the answers."""
    state = {name: value for name, value in model.state_dict().items() if name.startswith("head.")}
    if config.architecture == FINE_TUNED:
        state |= {f"encoder.{name}": value.half() for name, value in model.encoder.state_dict().items()}
    if known is not None:
        state |= known.tensors()
    report = {**result.evaluation, "metrics": dict(result), "part": result.part}
    files.save(weights, config.to_json() | {"report": report}, state | kept.tensors())
