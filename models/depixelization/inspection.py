"""The stages of one answer: the cells, the restorations for every share, and whose pictures they change."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.messages import Message, join
from models.core.contract.prediction import Output, Role, Stage
from models.core.generative.sample_history import contact_sheet
from models.core.images.codec import encode_jpeg, encode_png
from models.core.training.familiarity import Evidence
from models.depixelization import stage_texts as texts
from models.depixelization.camera import enlarge, shrink
from models.depixelization.data import to_bytes, to_tensor
from models.depixelization.files import Condition, Depixelizer
from models.depixelization.metrics import Rate

SHOWN_SIDE = 224  # pixels, at least, of a picture alone or in a comparison
SHOWN = 3  # held-out pictures of each group beside the user's
QUALITY = 88  # of sheets as JPEG
LEAST = 30  # pictures of a group for a gap
CODE = "models.depixelization"


@dataclass(frozen=True)
class Subject:
    """One answer to inspect; all tensors are on the CPU. K networks."""

    depixelizer: Depixelizer
    clean: torch.Tensor  # (1, C, S, S)
    small: torch.Tensor  # (1, 1, s, s)
    restored: torch.Tensor  # (K, C, S, S)
    odds: torch.Tensor  # (K,) of the judge
    true_odds: float  # of the judge on the picture itself
    chosen: int
    size: tuple[int, int]
    is_inverted: bool
    evidence: Evidence | None
    notes: tuple[str, ...]
    device: str

    def seen(self, odds: float) -> tuple[str, float]:
        """The more probable group and its probability, of the judge's log-odds."""
        frequent, rare = self.depixelizer.config.groups
        return (rare if odds > 0 else frequent), 1 / (1 + exp(-min(abs(odds), 50.0)))

    def named(self, condition: Condition) -> Message:
        """The condition in words."""
        text = texts.OVERSAMPLED if condition.is_oversampled else texts.SHARE
        return text(share=condition.share, group=group_name(self.depixelizer.config.groups[1]))


def group_name(name: str) -> str:
    """In the reader's language, for the groups of the shipped models."""
    return texts.GROUPS[name]() if name in texts.GROUPS else name


def all_stages(subject: Subject) -> tuple[Stage, ...]:
    """The stages in order."""
    own = subject.depixelizer
    stages = [input_stage(subject), small_stage(subject), answer_stage(subject), shares_stage(subject)]
    if own.conditions[subject.chosen].rates:
        stages += [rates_stage(subject), table_stage(subject)]
    if own.measured and len(own.conditions) > 1:
        stages.append(cause_stage(subject))
    if own.familiarity and subject.evidence:
        stages.append(own.familiarity.stage(subject.evidence))
    return tuple(stages)


def enlarged(picture: torch.Tensor, side: int = SHOWN_SIDE) -> Image.Image:
    """(1, C, S, S), each pixel repeated so often that the picture has at least `side`."""
    pixels = Image.fromarray(to_bytes(picture)[0])
    factor = -(-side // pixels.width)
    return pixels.resize((pixels.width * factor, pixels.height * factor), Image.Resampling.NEAREST)


def image_of(name: str, picture: torch.Tensor, alt: str) -> tuple[dict[str, Any], Output]:
    """The data of a stage of kind `image`, and its file."""
    drawn = enlarged(picture)
    file = Output(name, Kind.IMAGE, encode_png(drawn), "image/png")
    return {"file": name, "width": drawn.width, "height": drawn.height, "alt": alt}, file


def input_stage(subject: Subject) -> Stage:
    """The picture as fitted to the frame; the network does not see it."""
    side = subject.depixelizer.config.side
    data, file = image_of("input.png", subject.clean, texts.INPUT_ALT(side=side))
    about = join(
        texts.INPUT_ABOUT(side=side), texts.INVERTED() if subject.is_inverted else "", *subject.notes
    )
    code = "models.core.generative.framing.frame"
    return Stage("input", Kind.IMAGE, texts.INPUT(), about, data, (file,), code=code, role=Role.INPUT)


def small_stage(subject: Subject) -> Stage:
    """The cells."""
    config = subject.depixelizer.config
    data, file = image_of("small.png", subject.small, texts.SMALL_ALT(side=config.small))
    about = join(
        texts.SMALL_ABOUT(side=config.small),
        texts.EXPOSED() if config.channels > 1 and config.groups[0] in texts.GROUPS else "",
    )
    return Stage("small", Kind.IMAGE, texts.SMALL(), about, data, (file,), code=f"{CODE}.camera.shrink")


def answer_stage(subject: Subject) -> Stage:
    """The picture beside every restoration, and beside the cells enlarged without any learning."""
    own, side = subject.depixelizer, subject.depixelizer.config.side
    pictures = [(texts.INPUT(), subject.clean, texts.INPUT_ALT(side=side))]
    for condition, restored in zip(own.conditions, subject.restored, strict=True):
        name = subject.named(condition)
        pictures.append((name, restored[None], texts.RESTORED_ALT(share=name)))
    pictures.append((texts.BICUBIC(), enlarge(subject.small, side), texts.BICUBIC_ALT()))
    listed, files = [], []
    for number, (name, picture, alt) in enumerate(pictures):
        pixels = Image.fromarray(to_bytes(picture)[0])
        file = Output(f"answer{number}.png", Kind.IMAGE, encode_png(pixels), "image/png")
        listed.append({"name": name, "file": file.name, "width": side, "height": side, "alt": alt})
        files.append(file)
    group, probability = subject.seen(float(subject.odds[subject.chosen]))
    true, true_probability = subject.seen(subject.true_odds)
    about = texts.ANSWER_ABOUT(
        share=subject.named(own.conditions[subject.chosen]),
        group=group_name(group),
        probability=probability,
        true=group_name(true),
        true_probability=true_probability,
    )
    shown = side * -(-SHOWN_SIDE // side)
    return Stage(
        id="answer",
        kind=Kind.COMPARISON,
        title=texts.ANSWER(),
        explanation=about,
        data={"width": shown, "height": shown, "pictures": listed, "left": 0, "right": 1 + subject.chosen},
        files=tuple(files),
        code=f"{CODE}.architecture.Restorer",
        role=Role.ANSWER,
    )


@torch.inference_mode()
def shares_stage(subject: Subject) -> Stage:
    """Held-out pictures of both groups beside the user's, restored for every share."""
    own, config = subject.depixelizer, subject.depixelizer.config
    examples = own.examples.first(SHOWN)
    clean = torch.cat([subject.clean, to_tensor(examples.together)])
    small = torch.cat([subject.small, shrink(clean[1:], config.small)])
    cells = torch.nn.functional.interpolate(small, size=clean.shape[2:]).expand_as(clean)
    steps, files = [], []
    for index, (condition, network) in enumerate(zip(own.conditions, own.restorers, strict=True)):
        others = network(small[1:].to(subject.device)).cpu()
        restored = torch.cat([subject.restored[index : index + 1], others])
        odds = [float(subject.odds[index]), *own.judge.log_odds(others).tolist()]
        sheet = contact_sheet(to_bytes(torch.cat([clean, cells, restored])), len(clean))
        picture = encode_jpeg(Image.fromarray(sheet), quality=QUALITY)  # a sixth of a PNG: these are soft
        file = Output(f"share{index}.jpg", Kind.IMAGE, picture, "image/jpeg")
        files.append(file)
        verdicts = [
            texts.SEEN(group=group_name(group), probability=p) for group, p in map(subject.seen, odds)
        ]
        steps.append(
            {
                "step": None if condition.is_oversampled else round(100 * condition.share, 1),
                "name": subject.named(condition),
                "file": file.name,
                "captions": [*[""] * (2 * len(clean)), *verdicts],
            }
        )
    rare = group_name(config.groups[1])
    names = [group_name(config.groups[label]) for label in examples.labels]
    data: dict[str, Any] = {
        "tile": {"width": config.side, "height": config.side},
        "columns": len(clean),
        "count": 3 * len(clean),
        "row_names": [texts.ROW_PICTURE(), texts.ROW_SMALL(), texts.ROW_RESTORED()],
        "column_names": [texts.YOURS(), *names],
        "steps": steps,
        "initial": subject.chosen,
        "captions_name": texts.VERDICT(),
    }
    if len(own.conditions) > 1:
        data |= {"series": rate_lines(own), "x_label": texts.SHARE_AXIS(rare=rare)}
        data["y_label"] = texts.CHANGED_AXIS()
    total = sum(own.conditions[0].counts)
    about = texts.SHARES_ABOUT(total=total, rare=rare) if len(own.conditions) > 1 else texts.ONE_SHARE()
    return Stage(
        id="shares",
        kind=Kind.SAMPLES,
        title=texts.SHARES(),
        explanation=about,
        data=data,
        files=tuple(files),
        count=len(own.conditions),
        code=f"{CODE}.train.train",
    )


def rate_lines(own: Depixelizer) -> list[dict[str, Any]]:
    """A line for each group: the share of the rare one against the rate of changed pictures, in percent."""
    measured = [(each, each.rates) for each in own.conditions if each.rates and not each.is_oversampled]
    return [
        {
            "name": group_name(name),
            "x": [round(100 * each.share, 1) for each, _ in measured],
            "y": [round(100 * rates[group].value, 2) for _, rates in measured],
        }
        for group, name in enumerate(own.config.groups)
    ]


def rates_stage(subject: Subject) -> Stage:
    """The rates by true group, of the chosen share."""
    own = subject.depixelizer
    condition = own.conditions[subject.chosen]
    assert condition.rates is not None  # noqa: S101  checked by all_stages
    names = [group_name(name) for name in own.config.groups]
    groups = [
        {"name": name, "rows": rate.rows, "values": {"changed": rate.to_json()}, "outcomes": {}}
        for name, rate in zip(names, condition.rates, strict=True)
    ]
    about = texts.RATES_ABOUT(
        pictures=own.measured.pictures if own.measured else condition.rates[0].rows,
        trainings=own.measured.trainings if own.measured else 1,
        share=subject.named(condition),
    )
    data = {
        "measures": [{"id": "changed", "name": texts.CHANGED(), "about": texts.CHANGED_ABOUT()}],
        "groups": groups,
        "least": LEAST,
        "gaps": [gap_between(names, condition)] if condition.gap else [],
    }
    return Stage("rates", Kind.GROUPS, texts.RATES(), about, data, code=f"{CODE}.metrics.rate_of")


def gap_between(names: Sequence[str], condition: Condition) -> dict[str, Any]:
    """As stages of kind `groups` have it: from the group with the higher rate to the other."""
    assert condition.gap is not None  # noqa: S101  checked by its caller
    assert condition.rates is not None  # noqa: S101  measured together
    value, low, high = condition.gap
    higher = 1 if value >= 0 else 0
    sign = 1 if higher else -1
    ends = sorted((sign * low, sign * high))
    top = condition.rates[higher].value
    return {
        "measure": "changed",
        "highest": names[higher],
        "lowest": names[1 - higher],
        "difference": round(abs(value), 4),
        "ratio": round(condition.rates[1 - higher].value / top, 4) if top > 0 else None,
        "low": round(ends[0], 4),
        "high": round(ends[1], 4),
        "is_distinct": low > 0 or high < 0,
    }


def table_stage(subject: Subject) -> Stage:
    """Every condition: its training set, its rates and its gap."""
    own = subject.depixelizer
    frequent, rare = (group_name(name) for name in own.config.groups)
    columns = [
        texts.TRAINING(),
        *(texts.PICTURES_OF(group=each) for each in (frequent, rare)),
        *(texts.RATE_OF(group=each) for each in (frequent, rare)),
        texts.GAP(),
    ]
    rows = [
        [subject.named(each), *each.counts, *map(with_interval, each.rates), points(each.gap)]
        for each in own.conditions
        if each.rates and each.gap
    ]
    return Stage(
        id="table",
        kind=Kind.TABLE,
        title=texts.TABLE(),
        explanation=texts.TABLE_ABOUT(rare=rare, frequent=frequent),
        data={"columns": [{"name": name} for name in columns], "rows": rows},
        code=f"{CODE}.metrics.gap_of",
    )


def with_interval(rate: Rate) -> Message:
    return texts.WITH_INTERVAL(value=rate.value, low=rate.low, high=rate.high)


def points(gap: Sequence[float]) -> Message:
    value, low, high = (100 * each for each in gap)
    return texts.POINTS(value=value, low=low, high=high)


def cause_stage(subject: Subject) -> Stage:
    """One thing changed at a time, and what becomes of the rates."""
    own = subject.depixelizer
    measured = own.measured
    assert measured is not None  # noqa: S101  checked by all_stages
    skewed, balanced, oversampled = (own.conditions[index] for index in (0, -2, -1))
    frequent, rare = (group_name(name) for name in own.config.groups)
    compared = [
        (texts.SKEWED_ROW(rare=rare), skewed.rates),
        (texts.BALANCED_ROW(rare=rare), balanced.rates),
        (texts.OVERSAMPLED_ROW(), oversampled.rates),
        (texts.BICUBIC_ROW(), measured.bicubic),
        (texts.JUDGE_ROW(), measured.judge),
    ]
    rows = [[name, *map(with_interval, rates)] for name, rates in compared if rates]
    gaps = [100 * float(np.abs(each.gap[0])) if each.gap else 0.0 for each in (skewed, balanced, oversampled)]
    headings = [texts.CHANGED_THING(), *(texts.RATE_OF(group=each) for each in (frequent, rare))]
    return Stage(
        id="cause",
        kind=Kind.TABLE,
        title=texts.CAUSE(),
        explanation=texts.CAUSE_ABOUT(skewed=gaps[0], balanced=gaps[1], oversampled=gaps[2]),
        data={"columns": [{"name": name} for name in headings], "rows": rows},
        code=f"{CODE}.recipe.bundle",
    )
