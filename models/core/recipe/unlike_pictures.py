"""How well a model's familiarity separates its kind of pictures from others, and pictures to measure it on.

Photos come from the bank of `models.core.recipe.photo_bank`; noise, text, plots, line drawings and patterns
are drawn here, from a fixed seed.
"""

import io
import json
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.stats import rankdata

from models.core.training.composites import Composer
from models.core.training.familiarity import Evidence, Familiarity

SEED = 2026
OF_EACH = 20  # drawn pictures of a kind
SIDES = (300, 700)  # pixels
VOCABULARY = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "it", "rains")
# photos without any object: landscapes, textures, and a few close-ups of plants
WALLPAPERS = (
    "BytheWater", "ColdRipple", "EveningGlow", "FallenLeaf", "Grey", "Path", "Shell", "summer_1am", "Aqua",
    "Blinds", "Dune", "FreshFlower", "Garden", "GreenMeadow", "RainDrops", "Storm", "Wood", "YellowFlower",
    "Picture_0B", "Picture_1A", "aitzgorri", "analogpattern", "greentock", "picosdeeuropa", "seeding",
    "sunset", "umang", "Kleiber",
)  # fmt: skip


@dataclass(frozen=True)
class Photo:
    """One photo of the bank."""

    subject: str
    split: str
    picture: Image.Image


def photos(bank: Path) -> Iterator[Photo]:
    """Every photo of a bank, in its order."""
    with zipfile.ZipFile(bank) as packed:
        for name in packed.namelist():
            if name.endswith(".png"):
                split, file = name.split("/")
                picture = Image.open(io.BytesIO(packed.read(name))).convert("RGB")
                yield Photo(file.rpartition("-")[0], split, picture)


def composites(composer: Composer, size: int, count: int) -> Iterator[Image.Image]:
    """Pictures as a training composes them, every second one cut to another aspect ratio, as uploads are."""
    for index in range(count):
        random = np.random.default_rng([SEED, index])
        values = composer.compose(random, size).image.permute(1, 2, 0).mul(255).round().byte().numpy()
        shorter = size if index % 2 == 0 else round(size * random.uniform(0.55, 1.0))
        yield Image.fromarray(values[:shorter] if random.random() < 0.5 else values[:, :shorter])


def drawn() -> dict[str, list[Image.Image]]:
    """Pictures that no detector learns from, by kind."""
    random = np.random.default_rng(SEED)
    kinds: dict[str, Callable[[np.random.Generator, tuple[int, int]], Image.Image]] = {
        "noise": _noise,
        "smooth noise": _smooth_noise,
        "text": _text,
        "plots": _plot,
        "line drawings": _lines,
        "patterns": _pattern,
    }
    return {
        name: [
            draw(random, (int(random.integers(*SIDES)), int(random.integers(*SIDES)))) for _ in range(OF_EACH)
        ]
        for name, draw in kinds.items()
    }


def _noise(random: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    if random.random() < 0.5:
        return Image.fromarray(random.integers(0, 256, (*size, 3), dtype=np.uint8))
    gray = random.normal(128, 40, size).clip(0, 255).astype(np.uint8)
    return Image.fromarray(gray).convert("RGB")


def _smooth_noise(random: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    coarse = Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def _text(random: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    page, font = Image.new("RGB", size, "white"), ImageFont.load_default(18)
    draw = ImageDraw.Draw(page)
    for line in range(20, size[1] - 20, 26):
        draw.text((20, line), " ".join(random.choice(VOCABULARY, size[0] // 45)), fill="black", font=font)
    return page


def _plot(random: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    width, height = size
    draw.line([(40, 20), (40, height - 40), (width - 20, height - 40)], fill="black", width=2)
    for _ in range(int(random.integers(1, 4))):
        values = np.cumsum(random.normal(0, 12, 60))
        values = (values - values.min()) / (np.ptp(values) + 1e-6) * (height - 80) + 20
        color = tuple(int(value) for value in random.integers(0, 200, 3))
        draw.line(list(zip(np.linspace(42, width - 22, 60), values, strict=True)), fill=color, width=2)
    return page


def _lines(random: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    for _ in range(25):
        (left, right), (top, bottom) = (sorted(random.integers(0, side, 2).tolist()) for side in size)
        box = (left, top, right + 2, bottom + 2)
        draw.line([(left, top), (right, bottom)], fill="black", width=2)
        draw.ellipse(box, outline="black", width=2)
        draw.arc(box, 0, int(random.integers(60, 300)), fill="black", width=2)
    return page


def _pattern(random: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    width, height = size
    y, x = np.mgrid[:height, :width]
    waves = [
        127 + 127 * np.sin(x * random.uniform(0.01, 0.3) + y * random.uniform(0.01, 0.3)) for _ in range(3)
    ]
    return Image.fromarray(np.stack(waves, axis=-1).astype(np.uint8))


@dataclass(frozen=True)
class Measured(Evidence):
    """With the energy of the logits (Liu et al. 2020, arXiv:2010.03759, equation 3), for comparison."""

    energy: float


MEASURES: Mapping[str, Callable[[Familiarity, Measured], float]] = {
    "deviation": Familiarity.deviation,
    "distance": Familiarity.distance,
    "confidence": lambda _, picture: -picture.confidence,
    "energy": lambda _, picture: picture.energy,
}


def separation(
    familiarity: Familiarity, familiar: Sequence[Measured], others: Mapping[str, Sequence[Measured]]
) -> dict[str, Any]:
    """The share of pictures that are flagged, and the AUROC of both measures, of each, and of the energy.

    AUROC: the probability that an unlike picture deviates more than a familiar one; ties count half.
    """
    report: dict[str, Any] = {
        "familiar": {"pictures": len(familiar), "flagged": _flagged(familiarity, familiar)}
    }
    for name, pictures in others.items():
        report[name] = {"pictures": len(pictures), "flagged": _flagged(familiarity, pictures)}
        for measure, of in MEASURES.items():
            values = [[of(familiarity, each) for each in part] for part in (familiar, pictures)]
            report[name][measure] = round(auroc(*values), 3)
    return report


def _flagged(familiarity: Familiarity, pictures: Collection[Evidence]) -> float:
    beyond = sum(familiarity.deviation(each) > familiarity.threshold for each in pictures)
    return round(beyond / len(pictures), 3)


def auroc(low: Sequence[float], high: Sequence[float]) -> float:
    """The probability that one of `high` exceeds one of `low`."""
    ranks = rankdata([*low, *high])[len(low) :]
    return float((ranks.sum() - len(high) * (len(high) + 1) / 2) / (len(low) * len(high)))


def table(report: Mapping[str, Mapping[str, Any]]) -> str:
    """Markdown."""
    rows = [
        f"| {name} | {each['pictures']} | {each['flagged']:.0%} | "
        + " | ".join(f"{each[measure]:.3f}" if measure in each else "" for measure in MEASURES)
        + " |"
        for name, each in report.items()
    ]
    titles = "| pictures | number | flagged | AUROC | distance alone | confidence alone | energy |"
    return "\n".join([titles, "| --- | --- | --- | --- | --- | --- | --- |", *rows])


def write(path: Path, familiarity: Familiarity, report: Mapping[str, Any]) -> None:
    """What ships: the familiarity at `path`, and beside it its figures as JSON."""
    familiarity.save(path)
    path.chmod(0o644)
    path.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
