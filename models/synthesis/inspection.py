"""The stages of one synthesis, from the drawing to the answer."""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from models.core.contract.card import Kind
from models.core.contract.messages import Text, join
from models.core.contract.prediction import Role, Stage
from models.core.generative.sample_history import SampleHistory
from models.core.images import feature_maps
from models.synthesis import label_map, metrics
from models.synthesis.architecture import CODE, Config, Generator, Networks, thinned
from models.synthesis.label_map import Painted
from models.synthesis.pictures import (
    Pictures,
    compare,
    flat_colors,
    heat,
    image_file,
    in_color,
    marked_edges,
    part_name,
)
from models.synthesis.variations import variations_stage

GENERATOR = "models.synthesis.architecture.Generator"

CONDITION = Text("synthesis.condition.title", "Input of the network")
EDGES_ABOUT = Text(
    "synthesis.condition.edges",
    "Your drawing at {side} × {side} pixels: 1 where a line is, 0 elsewhere. The network learned from pairs"
    " of a picture and its edges, so it takes every line for a place where a picture changes from dark to "
    "light.",
)
MAP_ABOUT = Text(
    "synthesis.condition.map",
    "Your map at {side} × {side} pixels, in the colors that its parts are to have. The network receives one"
    " map of 0 and 1 for each of the {parts} parts, and these colors: the map alone does not contain them.",
)
CONDITION_ALT = Text("synthesis.condition.alt", "The drawing as the network receives it.")
PARTS = Text("synthesis.parts.title", "Parts")
PARTS_ABOUT = Text(
    "synthesis.parts.explanation",
    "The part that each pixel belongs to: that whose color is nearest to what you painted.",
)
ENCODER = Text("synthesis.encoder.title", "Encoder")
ENCODER_ABOUT = Text(
    "synthesis.encoder.explanation",
    "Each level halves the side of the maps. The last one is squeezed into {code} numbers, which see the "
    "whole drawing: they decide whether an outline is filled as a shoe or as a shirt. The finer maps are "
    "passed on by skip connections, so that lines stay where they are.",
)
DECODER = Text("synthesis.decoder.title", "Decoder")
DECODER_ABOUT = Text(
    "synthesis.decoder.explanation",
    "Each level doubles the side of the maps by repeating cells, joins them with the encoder's maps of that"
    " size and convolves both. The last level becomes the picture.",
)
LEVEL = Text("synthesis.level", "{side} × {side}")
ADVERSARY = Text("synthesis.adversary.title", "With and without the adversary")
ADVERSARY_ABOUT = Text(
    "synthesis.adversary.explanation",
    "Two equal networks learned from the same batches, starting from the same weights. One minimized the "
    "distance L1 to the true picture and the verdict of the discriminator; the other L1 alone, which leads "
    "to the median of all pictures that fit: smooth, in middle tones. Neighboring pixels differ by "
    "{sharp:.1f} levels of 255 with the adversary and by {smooth:.1f} without.",
)
AND_CLASS = Text(
    "synthesis.adversary.and_class",
    "The first one was also to be understood: a classifier, which learned beside it from the real pictures, "
    "had to name the right class in its answers.",
)
VERDICTS = Text("synthesis.verdicts.title", "The discriminator's verdicts")
VERDICTS_ABOUT = Text(
    "synthesis.verdicts.explanation",
    "The discriminator judges {count} overlapping patches: is this what a real picture looks like, for this"
    " drawing? Orange patches look generated to it, blue ones real. The mean verdict is {mean:.2f}, from "
    "{low:.2f} to {high:.2f}; in training it aims for 1 on real pictures and for -1 on generated ones.",
)
KEPT = Text("synthesis.kept.title", "Lines found again")
KEPT_ABOUT = Text(
    "synthesis.kept.explanation",
    "Edges are found in the answer as they were in the training pictures. A drawn line counts as kept where"
    " the answer has an edge within one pixel: {share:.0%} of them (blue). Orange lines were ignored.",
)
REGIONS = Text("synthesis.regions.title", "Part by part")
REGIONS_ABOUT = Text(
    "synthesis.regions.explanation",
    "The color that each part was given, and the mean color that it has in the answer. The difference is "
    "what the network added: shading, pupils, collars, outlines. Eyes and mouth have no color of their own "
    "to choose.",
)
ANSWER = Text("synthesis.answer.title", "Answer")
ANSWER_ABOUT = Text(
    "synthesis.answer.explanation",
    "The generated picture, {side} × {side} pixels, beside the drawing. There is no single right answer: "
    "many pictures have these lines or parts. This one is plausible for what the network has seen, and "
    "nothing else.",
)
DRAWING = Text("synthesis.pictures.drawing", "Drawing")
GENERATED = Text("synthesis.pictures.generated", "Picture")
WITH = Text("synthesis.pictures.with", "With adversary")
WITHOUT = Text("synthesis.pictures.without", "L1 alone")
HEAT = Text("synthesis.pictures.heat", "Verdicts")
FOUND = Text("synthesis.pictures.found", "Lines found again")
DRAWING_ALT = Text("synthesis.pictures.drawing_alt", "The drawing.")
GENERATED_ALT = Text("synthesis.pictures.generated_alt", "The generated picture.")
WITH_ALT = Text("synthesis.pictures.with_alt", "The picture by the generator that had an adversary.")
WITHOUT_ALT = Text(
    "synthesis.pictures.without_alt", "The picture by the generator that learned from L1 alone."
)
HEAT_ALT = Text(
    "synthesis.pictures.heat_alt", "The verdict on each patch, from orange to blue, over the picture."
)
FOUND_ALT = Text("synthesis.pictures.found_alt", "Lines that the answer has in blue, others in orange.")
PART = Text("synthesis.columns.part", "part")
SHARE = Text("synthesis.columns.share", "share")
GIVEN = Text("synthesis.columns.given", "color given")
BECAME = Text("synthesis.columns.became", "mean color in the answer")
DIFFERENCE = Text("synthesis.columns.difference", "difference, levels of 255")
SHADES = Text("synthesis.columns.shades", "deviation within, levels of 255")
NONE = Text("synthesis.columns.none", "none")
TRAINING = Text("synthesis.training.title", "While it learned")
TRAINING_ABOUT = Text(
    "synthesis.training.explanation",
    "The answers to the same validation drawings during the training: above with the adversary, below with "
    "L1 alone. Outlines come first, then areas, then shading.",
)


@dataclass(frozen=True)
class Subject:
    """One synthesis to inspect; tensors other than the networks are on the CPU."""

    networks: Networks
    history: SampleHistory | None
    condition: torch.Tensor  # (I, S, S)
    painted: Painted | None  # None: edges
    answers: torch.Tensor  # (2, C, S, S): with the adversary, and the twin's
    with_adversary: bool

    @property
    def answer(self) -> torch.Tensor:
        """(C, S, S), the one that was asked for."""
        return self.answers[0 if self.with_adversary else 1]

    @property
    def drawing(self) -> torch.Tensor:
        """(1 or 3, S, S) in [-1, 1]: the condition to look at."""
        if self.painted is None:
            return 2 * self.condition - 1
        return flat_colors(self.painted, self.networks.config)

    @property
    def device(self) -> torch.device:
        return next(self.networks.parameters()).device


def all_stages(subject: Subject) -> tuple[Stage, ...]:
    """The stages in order."""
    painted, history = subject.painted, subject.history
    return (
        condition_stage(subject),
        *((parts_stage(painted, subject.networks.config),) if painted else ()),
        encoder_stage(subject),
        decoder_stage(subject),
        adversary_stage(subject),
        verdicts_stage(subject),
        regions_stage(painted, subject) if painted else kept_stage(subject),
        variations_stage(subject.networks, subject.condition, painted, subject.with_adversary),
        *((training_stage(history),) if history and history.sheets else ()),
        answer_stage(subject),
    )


def condition_stage(subject: Subject) -> Stage:
    """The input of the network."""
    config = subject.networks.config
    about = EDGES_ABOUT(side=config.side)
    if subject.painted:
        about = MAP_ABOUT(side=config.side, parts=len(config.parts))
    file, (width, height) = image_file("condition", subject.drawing)
    return Stage(
        id="condition",
        kind=Kind.IMAGE,
        title=CONDITION(),
        explanation=about,
        data={"file": file.name, "width": width, "height": height, "alt": CONDITION_ALT()},
        files=(file,),
        code="models.synthesis.label_map.read_map" if config.parts else "models.synthesis.edges.read_drawing",
        role=Role.INPUT,
    )


def parts_stage(painted: Painted, config: Config) -> Stage:
    """The map as it was understood, with its legend."""
    file, (width, height) = image_file("parts", painted.labels, config.part_colors)
    classes = [
        {"index": index, "name": part_name(name), "color": color, "share": round(share, 4), "shown": True}
        for index, (name, color, share) in enumerate(
            zip(config.parts, config.part_colors, painted.shares(), strict=True)
        )
        if share
    ]
    return Stage(
        id="parts",
        kind=Kind.MASK,
        title=PARTS(),
        explanation=PARTS_ABOUT(),
        data={"file": file.name, "width": width, "height": height, "opacity": 1.0, "classes": classes},
        files=(file,),
        count=len(classes),
        code="models.synthesis.label_map.read_map",
    )


def encoder_stage(subject: Subject) -> Stage:
    """The feature maps of the encoder."""
    maps = _generator(subject).encode(subject.condition[None].to(subject.device))
    return _maps_stage("encoder", ENCODER(), ENCODER_ABOUT(code=CODE), maps, f"{GENERATOR}.encode")


def decoder_stage(subject: Subject) -> Stage:
    """The feature maps of the decoder."""
    network = _generator(subject)
    maps = network.decode(network.encode(subject.condition[None].to(subject.device)))
    return _maps_stage("decoder", DECODER(), DECODER_ABOUT(), maps, f"{GENERATOR}.decode")


def _generator(subject: Subject) -> Generator:
    return subject.networks.generator if subject.with_adversary else subject.networks.twin


def _maps_stage(name: str, title: str, about: str, maps: list[torch.Tensor], code: str) -> Stage:
    levels, files = feature_maps.levels(
        (LEVEL(side=level.shape[-1]), level[0].float().cpu(), f"{name}-{number}.png")
        for number, level in enumerate(maps)
    )
    return Stage(
        id=name,
        kind=Kind.FEATURE_MAPS,
        title=title,
        explanation=about,
        data={"levels": levels},
        files=files,
        count=sum(level.shape[1] for level in maps),
        code=code,
    )


def adversary_stage(subject: Subject) -> Stage:
    """Both generators' answers."""
    sharp, smooth = metrics.sharpness(subject.answers).tolist()
    has_class = subject.networks.config.class_weight > 0
    pictures: Pictures = [
        (WITH(), subject.answers[0], WITH_ALT()),
        (WITHOUT(), subject.answers[1], WITHOUT_ALT()),
        (DRAWING(), subject.drawing, DRAWING_ALT()),
    ]
    data, files = compare("adversary", pictures)
    return Stage(
        id="adversary",
        kind=Kind.COMPARISON,
        title=ADVERSARY(),
        explanation=join(ADVERSARY_ABOUT(sharp=sharp, smooth=smooth), AND_CLASS() if has_class else ""),
        data=data,
        files=files,
        code="models.synthesis.train.train",
    )


def verdicts_stage(subject: Subject) -> Stage:
    """The discriminator's verdict on each patch, as a heat map over the answer."""
    condition, answer = (each[None].to(subject.device) for each in (subject.condition, subject.answer))
    verdicts = subject.networks.discriminator(condition, answer)[0, 0].float().cpu()
    low, high, mean = (float(value) for value in (verdicts.min(), verdicts.max(), verdicts.mean()))
    enlarged = F.interpolate(verdicts[None, None], subject.answer.shape[1:], mode="bilinear")[0, 0]
    pictures: Pictures = [
        (GENERATED(), subject.answer, GENERATED_ALT()),
        (HEAT(), heat(enlarged, subject.answer), HEAT_ALT()),
    ]
    data, files = compare("verdicts", pictures)
    return Stage(
        id="verdicts",
        kind=Kind.COMPARISON,
        title=VERDICTS(),
        explanation=VERDICTS_ABOUT(count=verdicts.numel(), mean=mean, low=low, high=high),
        data=data,
        files=files,
        count=verdicts.numel(),
        code="models.synthesis.architecture.PatchDiscriminator",
    )


def kept_stage(subject: Subject) -> Stage:
    """Which drawn lines the answer has."""
    share = float(metrics.edge_recall(subject.condition[None], subject.answer[None])[0])
    pictures: Pictures = [
        (GENERATED(), subject.answer, GENERATED_ALT()),
        (FOUND(), marked_edges(subject.condition, subject.answer), FOUND_ALT()),
    ]
    data, files = compare("kept", pictures)
    return Stage(
        id="kept",
        kind=Kind.COMPARISON,
        title=KEPT(),
        explanation=KEPT_ABOUT(share=share),
        data=data,
        files=files,
        code="models.synthesis.edges.recall",
    )


def regions_stage(painted: Painted, subject: Subject) -> Stage:
    """The color of each part, given and in the answer."""
    parts, pixels = subject.networks.config.parts, (in_color(subject.answer) + 1) / 2
    free = {index for group in label_map.groups(parts) for index in group}
    rows = []
    for index, name in enumerate(parts):
        inside = painted.labels == index
        if not inside.any():
            continue
        values = pixels[:, inside]  # (3, n)
        mean, given = values.mean(dim=1), painted.palette[index]
        is_given = index in free
        rows.append(
            [
                part_name(name),
                round(float(inside.float().mean()), 4),
                label_map.to_hex(given.tolist()) if is_given else NONE(),
                label_map.to_hex(mean.tolist()),
                round(float((mean - given).abs().mean() * 255), 1) if is_given else None,
                round(float((values - mean[:, None]).square().mean().sqrt() * 255), 1),
            ]
        )
    names = (PART(), SHARE(), GIVEN(), BECAME(), DIFFERENCE(), SHADES())
    return Stage(
        id="regions",
        kind=Kind.TABLE,
        title=REGIONS(),
        explanation=REGIONS_ABOUT(),
        data={"columns": [{"name": name} for name in names], "rows": rows},
        count=len(rows),
        code="models.synthesis.label_map.condition_of",
    )


def training_stage(history: SampleHistory) -> Stage:
    """The samples of the training."""
    shown = thinned(history)
    shown.row_names = (WITH(), WITHOUT())
    return shown.stage(
        id="training",
        title=TRAINING(),
        explanation=TRAINING_ABOUT(),
        code="models.synthesis.train.train",
    )


def answer_stage(subject: Subject) -> Stage:
    """The drawing and the picture."""
    pictures: Pictures = [
        (DRAWING(), subject.drawing, DRAWING_ALT()),
        (GENERATED(), subject.answer, GENERATED_ALT()),
    ]
    data, files = compare("answer", pictures)
    return Stage(
        id="answer",
        kind=Kind.COMPARISON,
        title=ANSWER(),
        explanation=ANSWER_ABOUT(side=subject.answer.shape[-1]),
        data=data,
        files=files,
        code="models.synthesis.architecture.Generator",
        role=Role.ANSWER,
    )
