"""The stages of generated pictures: from z to the answer, and what the training shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.messages import Text, join
from models.core.contract.prediction import Output, Role, Stage
from models.core.generative import latent_stage as latent
from models.core.generative.fidelity import nearest
from models.core.generative.framing import Framed
from models.core.generative.sample_history import SampleHistory, contact_sheet
from models.core.images import feature_maps
from models.core.images.codec import encode_png_quickly
from models.generation.architecture import Generator
from models.generation.card import FAILURES
from models.generation.record import Record

COLUMNS = 10  # pictures in a row of a sheet
BINS = 25  # of the distribution of verdicts
NEIGHBORS = 10  # samples whose nearest training picture is shown

INPUT = Text("generation.input.title", "The uploaded picture, as the networks know pictures")
INPUT_ABOUT = Text(
    "generation.input.explanation",
    "The discriminator judges pictures of {side} × {side} pixels only: the upload is fitted to that frame.",
)
INPUT_INVERTED = Text(
    "generation.input.inverted",
    "The training pictures show bright things on black. The upload has a bright border and was inverted.",
)
INPUT_ALT = Text("generation.input.alt", "The upload at {side} by {side} pixels.")
LAYERS = Text("generation.layers.title", "From numbers to a picture, layer by layer")
LAYERS_ABOUT = Text(
    "generation.layers.explanation",
    "The first picture of the answer on its way. A linear layer turns {numbers} numbers (z and those of the "
    "class) into a few coarse maps; each transposed convolution doubles their size; the last convolution "
    "draws the picture. Coarse maps lay out the parts, fine ones draw edges and texture. The numbers enter "
    "every normalization again, so that each map can depend on the class.",
)
LEVEL = Text("generation.layers.level", "{channels} maps of {side} × {side}")
DRAWN = Text("generation.layers.drawn", "picture, {side} × {side}")
ANSWER = Text("generation.answer.title", "Generated pictures")
ANSWER_ABOUT = Text(
    "generation.answer.explanation",
    "Each picture is computed from its own numbers z, drawn at random, and a class. No picture like it was "
    "searched for or copied. Below each is the discriminator's verdict: the higher, the more it takes the "
    "picture for a real one of its class. On real pictures it is {real:.2f} on average.",
)
SAME_Z = Text("generation.answer.same_z", "Pictures in one row share their z: only the class differs.")
VERDICT = Text("generation.verdict", "verdict")
VERDICTS = Text("generation.verdicts.title", "The discriminator's verdicts")
VERDICTS_ABOUT = Text(
    "generation.verdicts.explanation",
    "How its verdicts are distributed on real pictures and on generated ones. Where the curves overlap, it "
    "cannot distinguish them. During the training it learns to raise its verdict on real pictures above 1 "
    "and to lower it on generated ones below -1; the generator learns to undo that.",
)
OVERFITTED = Text(
    "generation.verdicts.held_out",
    "Held-out pictures, which it never saw, are judged as real ones should be only if it has not learned the "
    "training pictures by heart: on average {held_out:.2f}, on training pictures {training:.2f}.",
)
TRAINING = Text("generation.verdicts.training", "training pictures")
HELD_OUT = Text("generation.verdicts.validation", "held-out pictures")
GENERATED = Text("generation.verdicts.generated", "generated pictures")
SHARE = Text("generation.verdicts.share", "share of pictures")
FIRST = Text("generation.verdicts.first", "first picture of the answer")
UPLOAD = Text("generation.verdicts.upload", "upload")
VERDICT_ABOUT = Text(
    "generation.input.verdict",
    "It is judged as a picture of the class {label!r}: {reason}. Its verdict is {verdict:.2f}; {above:.0%} "
    "of real pictures have a lower one. The discriminator only learned to distinguish real pictures from "
    "those of its generator: it has no opinion on what neither of them shows, so an unlike picture can get "
    "any verdict.",
)
AS_CHOSEN = Text("generation.input.as_chosen", "the one that was chosen")
AS_NEAREST = Text("generation.input.as_nearest", "that of the nearest training picture")
NEAREST = Text("generation.nearest.title", "Copied? The nearest training pictures")
NEAREST_ABOUT = Text(
    "generation.nearest.explanation",
    "Below each generated picture is the one among {count:,} of the {total:,} training pictures that is "
    "nearest pixel by pixel, with the root mean square difference in gray levels. A network that had "
    "memorized its pictures would show pairs that are nearly equal.",
)
SAMPLE_ROW = Text("generation.nearest.sample", "generated")
NEAREST_ROW = Text("generation.nearest.row", "nearest")
DIFFERENCE = Text("generation.nearest.difference", "difference")
HISTORY = Text("generation.history.title", "The training, in fixed samples")
HISTORY_ABOUT = Text(
    "generation.history.explanation",
    "The pictures of the same z after more and more steps, by the running mean of the generator. Compare "
    "them with the losses: both networks improve together, so the losses stay nearly level while the "
    "pictures become better. They do not measure quality.",
)
LOSS_DISCRIMINATOR = Text("generation.history.discriminator", "discriminator loss")
LOSS_GENERATOR = Text("generation.history.generator", "generator loss")
LOSS = Text("generation.history.loss", "loss")
LATENT = Text("generation.latent.title", "z: the numbers behind a picture")
LATENT_ABOUT = Text(
    "generation.latent.explanation",
    "The generator runs in this page. Move a number of z, choose another class for the same z, or walk from "
    "the first picture of seed {seed} to that of seed {other}: every z in between gives a picture, too, and "
    "neighbors look alike. No number was given a meaning; each changes several things at once. The walk is "
    "an arc, as z of {latent} normally distributed numbers all have nearly the same length.",
)
SEED = Text("generation.latent.seed", "seed {seed}")
COLLAPSED = Text("generation.collapsed.title", "A training that collapsed")
COLLAPSED_ABOUT = Text(
    "generation.collapsed.explanation",
    "Another training, on garments, with a learning rate of {learning_rate} for the generator instead of "
    "0.0005. It runs to whatever convinces the discriminator at the moment, the same picture for every z: "
    "the pictures in a row become equal (mode collapse), and only {pixel_spread:.0%} of the variety of real "
    "pictures remains. The losses do not show it: both stay near the values at which neither wins.",
)
DIVERGED = Text("generation.diverged.title", "A training that diverged")
DIVERGED_ABOUT = Text(
    "generation.diverged.explanation",
    "The same with rates of {learning_rate} for the generator and {discriminator_rate} for the discriminator "
    "instead of 0.0005 and 0.001. Each step overshoots: at first the losses jump up to {highest:.0f}, and "
    "later no step improves on the last. What remains is noise in the stripes of "
    "transposed convolutions.",
)


@dataclass(frozen=True)
class Subject:
    """What the stages show: z (n, Z), labels (n,), pictures uint8 (n, S, S[, 3]), verdicts (n,)."""

    generator: Generator
    record: Record
    z: torch.Tensor
    labels: torch.Tensor
    next_z: torch.Tensor  # (Z,), of the next seed
    seed: int
    pictures: np.ndarray
    verdicts: torch.Tensor
    upload: Framed | None
    upload_label: int
    on_upload: float | None
    is_shipped: bool  # and not the user's own model

    @property
    def classes(self) -> tuple[str, ...]:
        return self.generator.config.classes

    @property
    def side(self) -> int:
        return self.generator.config.image_size


def all_stages(subject: Subject) -> tuple[Stage, ...]:
    """The stages in order."""
    stages = []
    if subject.upload is not None and subject.on_upload is not None:
        stages += [input_stage(subject, subject.upload, subject.on_upload)]
    stages += [
        latent_stage(subject),
        layers_stage(subject),
        answer_stage(subject),
        verdicts_stage(subject),
        nearest_stage(subject),
    ]
    stages.append(history_stage(subject))
    if subject.is_shipped:
        stages += [failure_stage("collapsed", COLLAPSED, COLLAPSED_ABOUT)]
        stages += [failure_stage("diverged", DIVERGED, DIVERGED_ABOUT)]
    return tuple(stages)


def columns_of(labels: torch.Tensor, classes: Sequence[str]) -> int:
    """Pictures in a row of the answer: one of each class if they take turns, else up to `COLUMNS`."""
    takes_turns = len(labels) > 1 and len(classes) <= COLUMNS and bool(labels[0] != labels[1])
    return min(len(labels), len(classes) if takes_turns else COLUMNS)


def input_stage(subject: Subject, upload: Framed, verdict: float) -> Stage:
    """The upload as the discriminator receives it."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(Image.fromarray(upload.pixels)), "image/png")
    side, label = subject.side, subject.upload_label
    is_chosen = bool((subject.labels == label).all())
    verdict_about = VERDICT_ABOUT(
        label=subject.classes[label],
        reason=AS_CHOSEN() if is_chosen else AS_NEAREST(),
        verdict=verdict,
        above=subject.record.share_below(verdict),
    )
    inverted = INPUT_INVERTED() if upload.is_inverted else ""
    return Stage(
        id="input",
        kind=Kind.IMAGE,
        title=INPUT(),
        explanation=join(INPUT_ABOUT(side=side), inverted, verdict_about),
        data={"file": file.name, "width": side, "height": side, "alt": INPUT_ALT(side=side)},
        files=(file,),
        code="models.core.generative.framing.frame",
        role=Role.INPUT,
    )


def latent_stage(subject: Subject) -> Stage:
    """The generator for the page, at the first z, with a walk to that of the next seed."""
    generator, z = subject.generator, subject.z[0].numpy()
    side, seeds = subject.side, (subject.seed, subject.seed + 1)
    names = subject.classes if len(subject.classes) > 1 else ()
    decoder = latent.Decoder(
        generator.layers, (side, side), generator.config.channels, (-1.0, 1.0), generator.embedding, names
    )
    start, end = (SEED(seed=seed) for seed in seeds)
    return latent.stage(
        decoder,
        z,
        latent.dimensions(z),
        walk=latent.Walk(z, subject.next_z.numpy(), start, end, path="spherical"),
        label=int(subject.labels[0]),
        title=LATENT(),
        explanation=LATENT_ABOUT(seed=seeds[0], other=seeds[1], latent=len(z)),
        code="models.generation.architecture.Generator",
    )


def layers_stage(subject: Subject) -> Stage:
    """The maps behind each normalization and activation, for the first picture."""
    device = subject.generator.embedding.weight.device
    outputs = subject.generator.maps(subject.z[:1].to(device), subject.labels[:1].to(device))
    activations = [
        output[0].float().cpu()
        for layer, output in zip(subject.generator.layers, outputs, strict=True)
        if isinstance(layer, torch.nn.ReLU | torch.nn.Tanh)
    ]
    names = [LEVEL(channels=len(maps), side=maps.shape[1]) for maps in activations[:-1]]
    names.append(DRAWN(side=subject.side))
    levels, files = feature_maps.levels(
        (name, maps, f"layer{number}.png")
        for number, (name, maps) in enumerate(zip(names, activations, strict=True), start=1)
    )
    config = subject.generator.config
    return Stage(
        id="layers",
        kind=Kind.FEATURE_MAPS,
        title=LAYERS(),
        explanation=LAYERS_ABOUT(numbers=config.latent + config.embedding),
        data={"levels": levels},
        files=files,
        count=len(levels),
        code="models.generation.architecture.Generator",
    )


def answer_stage(subject: Subject) -> Stage:
    """The generated pictures, each with its verdict."""
    columns = columns_of(subject.labels, subject.classes)
    takes_turns = columns == len(subject.classes) and len(set(subject.labels.tolist())) > 1
    names = {"column_names": list(subject.classes)} if takes_turns else {}
    real = float(subject.record.verdicts_on_real.mean())
    return sheet_stage(
        "answer",
        subject.pictures,
        columns,
        [f"{verdict:.2f}" for verdict in subject.verdicts.tolist()],
        title=ANSWER(),
        explanation=join(ANSWER_ABOUT(real=real), SAME_Z() if takes_turns else ""),
        captions_name=VERDICT(),
        code="models.generation.architecture.Generator.forward",
        role=Role.ANSWER,
        **names,
    )


def verdicts_stage(subject: Subject) -> Stage:
    """The distribution of verdicts on real and on generated pictures."""
    record = subject.record
    kinds = (("training", TRAINING()), ("validation", HELD_OUT()), ("generated", GENERATED()))
    shown = [(name, record.verdicts[kind].numpy()) for kind, name in kinds if kind in record.verdicts]
    together = np.concatenate([values for _, values in shown])
    edges = np.linspace(together.min(), together.max() + 1e-6, BINS + 1)
    centers = ((edges[1:] + edges[:-1]) / 2).round(3).tolist()
    series = [
        {"name": name, "x": centers, "y": (np.histogram(values, edges)[0] / len(values)).round(4).tolist()}
        for name, values in shown
    ]
    marks = [{"x": round(float(subject.verdicts[0]), 3), "label": FIRST()}]
    if subject.on_upload is not None:
        marks.append({"x": round(subject.on_upload, 3), "label": UPLOAD()})
    held_out = ""
    if "validation" in record.verdicts:
        means = {name: float(record.verdicts[name].mean()) for name in ("validation", "training")}
        held_out = OVERFITTED(held_out=means["validation"], training=means["training"])
    return Stage(
        id="verdicts",
        kind=Kind.CURVE,
        title=VERDICTS(),
        explanation=join(VERDICTS_ABOUT(), held_out),
        data={"x_label": VERDICT(), "y_label": SHARE(), "series": series, "marks": marks},
        count=len(series),
        code="models.generation.architecture.Discriminator.forward",
    )


def nearest_stage(subject: Subject) -> Stage:
    """The nearest of the training pictures that the model keeps, below each of the first samples."""
    record, own = subject.record, subject.pictures[:NEIGHBORS]
    distances, indices = nearest(own, record.references)
    pairs = np.concatenate([own, record.references[indices]])
    return sheet_stage(
        "nearest",
        pairs,
        len(own),
        [""] * len(own) + [f"{distance:.0f}" for distance in distances],
        title=NEAREST(),
        explanation=NEAREST_ABOUT(count=len(record.references), total=record.learned_from),
        captions_name=DIFFERENCE(),
        row_names=[SAMPLE_ROW(), NEAREST_ROW()],
        code="models.core.generative.fidelity.nearest",
    )


def history_stage(subject: Subject) -> Stage:
    """The fixed samples over the training, beside both losses."""
    return with_losses(
        "history",
        subject.record.history,
        subject.record.losses,
        title=HISTORY(),
        explanation=HISTORY_ABOUT(),
    )


def failure_stage(name: str, title: Text, explanation: Text) -> Stage:
    """The samples and losses of a training that failed, as its recipe kept them."""
    about, state = checkpoint.load(FAILURES / f"{name}.safetensors")
    return with_losses(
        name,
        SampleHistory.from_tensors(state),
        state["losses"].numpy(),
        title=title(),
        explanation=explanation(
            **about["train_params"], **about["metrics"], highest=float(state["losses"][:, 1:].max())
        ),
    )


def with_losses(
    stage_id: str, history: SampleHistory, losses: np.ndarray, *, title: str, explanation: str
) -> Stage:
    """The samples of a training beside its losses (n, 3): step, the discriminator's and the generator's."""
    steps = losses[:, 0].astype(int).tolist()
    series = [
        {"name": name, "x": steps, "y": losses[:, column].round(4).astype(float).tolist()}
        for column, name in ((1, LOSS_DISCRIMINATOR()), (2, LOSS_GENERATOR()))
    ]
    return history.stage(
        id=stage_id,
        title=title,
        explanation=explanation,
        captions_name=VERDICT(),
        series=series,
        y_label=LOSS(),
        code="models.generation.train.train",
    )


def sheet_stage(
    stage_id: str,
    pictures: np.ndarray,
    columns: int,
    captions: Sequence[str],
    *,
    title: str,
    explanation: str,
    captions_name: str,
    code: str,
    role: Role | None = None,
    **names: Sequence[str],
) -> Stage:
    """A single sheet of pictures uint8 (n, S, S) or (n, S, S, 3), with captions."""
    sheet = Image.fromarray(contact_sheet(pictures, columns))
    file = Output(f"{stage_id}.png", Kind.IMAGE, encode_png_quickly(sheet), "image/png")
    height, width = pictures.shape[1:3]
    data = {
        "tile": {"width": width, "height": height},
        "columns": columns,
        "count": len(pictures),
        **names,
        "steps": [{"step": None, "file": file.name, "captions": list(captions)}],
        "captions_name": captions_name,
    }
    return Stage(
        id=stage_id,
        kind=Kind.SAMPLES,
        title=title,
        explanation=explanation,
        data=data,
        files=(file,),
        count=len(pictures),
        code=code,
        role=role,
    )
