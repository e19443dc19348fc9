"""The stages of one colorization, from the lightness to the answer."""

import math
from dataclasses import dataclass

import torch
from PIL import Image
from torch.nn import functional as F

from models.colorization.architecture import COLOR_STRIDE
from models.colorization.card import TEMPERATURE
from models.colorization.data import Item, is_colored
from models.colorization.guided_filter import LinearColor, colorize, fit
from models.colorization.lab import into_gamut, lab_to_rgb
from models.colorization.plane import draw_choices, least_alike_places
from models.colorization.quantization import annealed_mean, centers
from models.core.contract.card import Kind
from models.core.contract.messages import Text, join
from models.core.contract.prediction import Output, Role, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_jpeg, encode_png_quickly, from_tensor

MAX_SIDE = 800  # pixels of the longer side of a picture in a stage
MAX_PNG_SIDE = 320  # pixels up to which a picture is stored as PNG
EVEN_LIGHTNESS = 65.0  # L* at which colors are shown without the picture: most of them exist there
MEAN, MODE = 1.0, 0.05  # temperatures: nothing changed; nearly the most probable color alone
# Okabe and Ito's blue and orange, which color-blind readers can distinguish
SURE_COLOR, UNSURE_COLOR = (0.0, 0.447, 0.698), (0.902, 0.624, 0.0)
OVERLAY = 0.7  # opacity of the uncertainty over the gray picture

LIGHTNESS = Text("colorization.lightness.title", "Lightness, L*")
LIGHTNESS_ABOUT = Text(
    "colorization.lightness.explanation",
    "A color consists of a lightness, L*, and two coordinates that give its distance from gray: a* from "
    "green to red and b* from blue to yellow. The network receives only L*, even for a color photo. The "
    "whole picture is resized to a few thousand pixels, which is enough to recognize the scene but not "
    "small objects.",
)
LIGHTNESS_ALT = Text(
    "colorization.lightness.alt",
    "The lightness of the picture at {width} by {height} pixels, as the network receives it.",
)
ENCODER = Text("colorization.encoder.title", "Encoder")
ENCODER_ABOUT = Text(
    "colorization.encoder.explanation",
    "The encoder halves height and width five times. Early feature maps respond to edges and textures. Late "
    "ones have few cells, each of which covers most of the picture, and respond to things such as sky, "
    "foliage or fur. The colors follow from what the network recognizes there, not from how light a pixel "
    "is.",
)
ENCODER_LEVEL = Text("colorization.encoder.level", "stride {stride}")
CHOICES = Text("colorization.choices.title", "{colors} colors, a probability for each")
CHOICES_ABOUT = Text(
    "colorization.choices.explanation",
    "The decoder doubles the size of the maps step by step, combines them with the encoder's maps of the "
    "same size (skip connections), and ends with one probability for each of {colors} colors in each cell "
    "of {stride} × {stride} pixels. The squares show the plane of a* (to the right, green to red) and b* "
    "(upwards, blue to yellow) at the numbered places: the stronger a color is shown, the more probable it "
    "is there. One cluster of colors means that the network knows; several, or a broad one, that it is "
    "guessing.",
)
CHOICES_ALT = Text(
    "colorization.choices.alt",
    "The gray picture with {places} numbered places, and the distribution over colors at each of them.",
)
PLACE = Text(
    "colorization.choices.place", "{number}: most probable a* {a:.0f}, b* {b:.0f} with {percent:.0f}%."
)
UNCERTAINTY = Text("colorization.uncertainty.title", "How sure the network is")
UNCERTAINTY_ABOUT = Text(
    "colorization.uncertainty.explanation",
    "The entropy of each cell's distribution: blue where the network is surest, orange where most colors are "
    "plausible. A painted wall or a dress may have had any color; no network can know. There, the answer is "
    "a guess.",
)
TEMPERATURES = Text("colorization.temperatures.title", "From probabilities to one color")
TEMPERATURES_ABOUT = Text(
    "colorization.temperatures.explanation",
    "The mean of all plausible colors is close to gray: red and blue balloons average to mud. The most "
    "probable color alone is bold, but neighboring cells may disagree. The annealed mean lies between: the "
    "probabilities are raised to the power of 1 / temperature before they are averaged. All three come from "
    "the same distributions.",
)
FITTING = Text("colorization.fitting.title", "Colors, {columns} × {rows} cells")
FITTING_ABOUT = Text(
    "colorization.fitting.explanation",
    "The predicted a* and b* are coarse, but people see color coarsely, so this is enough. A guided filter "
    "fits the colors to the lightness and enlarges them along its edges, so that they do not spread across "
    "borders.",
)
COMPARISON_TRUTH = Text(
    "colorization.comparison.truth",
    "Your picture has colors. The network did not receive them; they are shown for comparison.",
)
ANSWER = Text("colorization.answer.title", "Answer")
ANSWER_ABOUT = Text(
    "colorization.answer.explanation",
    "The predicted colors on your picture at its full size. Every pixel keeps its lightness; where a screen "
    "cannot show a color that strong, it becomes paler. A gray photo does not contain its colors: these are "
    "plausible ones, learned from a few hundred photos, not a restoration.",
)

GRAY = Text("colorization.pictures.gray", "Gray")
COLORED = Text("colorization.pictures.colored", "Colored")
TRUE_COLORS = Text("colorization.pictures.true_colors", "True colors")
A_STAR = Text("colorization.pictures.a", "a*, green to red")
B_STAR = Text("colorization.pictures.b", "b*, blue to yellow")
BOTH = Text("colorization.pictures.both", "Both")
FITTED = Text("colorization.pictures.fitted", "Both, fitted to L*")
MEAN_COLOR = Text("colorization.pictures.mean", "Mean (temperature 1)")
ANNEALED = Text("colorization.pictures.annealed", "Annealed mean (temperature {temperature:.2f})")
MODE_COLOR = Text("colorization.pictures.mode", "Most probable (temperature 0.05)")
ENTROPY = Text("colorization.pictures.entropy", "Entropy, on average {share:.0f}% of the possible")
A_STAR_ALT = Text(
    "colorization.pictures.a_alt",
    "The predicted a* from {low} to {high} at constant lightness: green, gray, red.",
)
B_STAR_ALT = Text(
    "colorization.pictures.b_alt",
    "The predicted b* from {low} to {high} at constant lightness: blue, gray, yellow.",
)
BOTH_ALT = Text("colorization.pictures.both_alt", "The predicted colors at constant lightness, in cells.")
FITTED_ALT = Text("colorization.pictures.fitted_alt", "The same colors, fitted to the edges of L*.")
ENTROPY_ALT = Text(
    "colorization.pictures.entropy_alt",
    "The entropy of each cell over the gray picture, from {low:.0f} to {high:.0f}% of the possible.",
)
TEMPERATURE_ALT = Text(
    "colorization.pictures.temperature_alt", "The picture colored at a temperature of {temperature:.2f}."
)
GRAY_ALT = Text("colorization.pictures.gray_alt", "The picture without its colors.")
COLORED_ALT = Text("colorization.pictures.colored_alt", "The picture in the predicted colors.")
TRUE_ALT = Text(
    "colorization.pictures.true_alt", "The upload in its own colors, which the network did not receive."
)

Pictures = list[tuple[str, Image.Image, str]]  # name, picture, description for those who cannot see it


@dataclass(frozen=True)
class Subject:
    """One colorization to inspect; all tensors are on the CPU."""

    item: Item
    features: tuple[torch.Tensor, ...]  # of the encoder, (c, h, w) per level
    logits: torch.Tensor  # (Q, h/4, w/4), as predicted
    ab: torch.Tensor  # (2, h/4, w/4), their annealed mean
    color: LinearColor  # fitted to the lightness
    temperature: float
    saturation: float

    @property
    def lightness(self) -> torch.Tensor:
        """L* (1, h, w), as the network receives it."""
        return self.item.lab[:1]

    @property
    def has_true_colors(self) -> bool:
        return is_colored(self.item.resized)


def all_stages(subject: Subject) -> tuple[Stage, ...]:
    """The stages in order."""
    return (
        lightness_stage(subject),
        encoder_stage(subject),
        choices_stage(subject),
        uncertainty_stage(subject),
        temperatures_stage(subject),
        fitting_stage(subject),
        answer_stage(subject),
    )


def lightness_stage(subject: Subject) -> Stage:
    """The input of the network."""
    picture = draw_lightness(subject.lightness)
    file = Output("lightness.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
    width, height = picture.size
    alt = LIGHTNESS_ALT(width=width, height=height)
    return Stage(
        id="lightness",
        kind=Kind.IMAGE,
        title=LIGHTNESS(),
        explanation=LIGHTNESS_ABOUT(),
        data={"file": file.name, "width": width, "height": height, "alt": alt},
        files=(file,),
        code="models.colorization.lab.rgb_to_lab",
        role=Role.INPUT,
    )


def encoder_stage(subject: Subject) -> Stage:
    """All feature maps of the encoder, one picture of tiles per level."""
    levels, files = feature_maps.levels(
        (ENCODER_LEVEL(stride=2**number), maps, f"stride{2**number}.png")
        for number, maps in enumerate(subject.features, start=1)
    )
    return Stage(
        id="encoder",
        kind=Kind.FEATURE_MAPS,
        title=ENCODER(),
        explanation=ENCODER_ABOUT(),
        data={"levels": levels},
        files=files,
        count=sum(len(maps) for maps in subject.features),
        code="models.core.training.cross_stage.Encoder",
    )


def choices_stage(subject: Subject) -> Stage:
    """The distributions over colors at a few places that differ most."""
    probabilities = subject.logits.softmax(dim=0)
    places = least_alike_places(probabilities)
    picture = draw_choices(draw_lightness(subject.lightness), probabilities, places)
    file = encode("choices", picture)
    lines = []
    for number, (row, column) in enumerate(places, start=1):
        share, best = probabilities[:, row, column].max(dim=0)
        a, b = centers()[best].tolist()
        lines.append(PLACE(number=number, a=a, b=b, percent=100 * float(share)))
    alt = join(CHOICES_ALT(places=len(places)), *lines)
    colors = len(probabilities)
    return Stage(
        id="choices",
        kind=Kind.IMAGE,
        title=CHOICES(colors=colors),
        explanation=CHOICES_ABOUT(colors=colors, stride=COLOR_STRIDE),
        data={"file": file.name, "width": picture.width, "height": picture.height, "alt": alt},
        files=(file,),
        count=colors,
        code="models.colorization.architecture.Colorizer",
    )


def uncertainty_stage(subject: Subject) -> Stage:
    """The entropy of each cell, as a share of the entropy if all colors were equally probable."""
    log_probabilities = subject.logits.log_softmax(dim=0)
    entropy = -(log_probabilities.exp() * log_probabilities).sum(dim=0, keepdim=True)
    share = entropy / math.log(len(log_probabilities))
    low, high, mean = (100 * float(value) for value in (share.min(), share.max(), share.mean()))
    relative = (share - share.min()) / (share.max() - share.min()).clamp(min=1e-6)
    pictures: Pictures = [
        (GRAY(), draw_lightness(subject.lightness), GRAY_ALT()),
        (ENTROPY(share=mean), draw_values(relative, subject.lightness), ENTROPY_ALT(low=low, high=high)),
    ]
    data, files = compare("uncertainty", subject, pictures, (0, 1))
    return Stage(
        id="uncertainty",
        kind=Kind.COMPARISON,
        title=UNCERTAINTY(),
        explanation=UNCERTAINTY_ABOUT(),
        data=data,
        files=files,
        code="models.colorization.inspection.uncertainty_stage",
    )


def temperatures_stage(subject: Subject) -> Stage:
    """The mean, the annealed mean and the most probable colors, and the true ones if the upload has them."""
    shown, own = shrink(subject.item.upload), subject.temperature
    names = [
        (MEAN, MEAN_COLOR()),
        (own if MODE < own < MEAN else TEMPERATURE, None),
        (MODE, MODE_COLOR()),
    ]
    pictures: Pictures = []
    for temperature, name in names:
        color = fit(subject.lightness, annealed_mean(subject.logits[None], temperature)[0])
        picture = colorize(shown, color, subject.saturation)
        alt = TEMPERATURE_ALT(temperature=temperature)
        pictures.append((name or ANNEALED(temperature=temperature), picture, alt))
    if subject.has_true_colors:
        pictures.append((TRUE_COLORS(), shown, TRUE_ALT()))
    data, files = compare("temperatures", subject, pictures, (0, 2))
    return Stage(
        id="temperatures",
        kind=Kind.COMPARISON,
        title=TEMPERATURES(),
        explanation=join(TEMPERATURES_ABOUT(), COMPARISON_TRUTH() if subject.has_true_colors else ""),
        data=data,
        files=files,
        code="models.colorization.quantization.annealed_mean",
    )


def fitting_stage(subject: Subject) -> Stage:
    """a*, b*, both together, and both after they were fitted to the lightness."""
    ab, lightness, zero = subject.ab, subject.lightness, torch.zeros_like(subject.ab[:1])
    fitted = subject.color.slope * lightness / 100 + subject.color.offset
    size = (lightness.shape[2], lightness.shape[1])

    def draw_cells(values: torch.Tensor) -> Image.Image:
        return draw_colors(values).resize(size, Image.Resampling.NEAREST)

    low, high = (ends.round().int().tolist() for ends in (ab.amin(dim=(1, 2)), ab.amax(dim=(1, 2))))
    pictures: Pictures = [
        (A_STAR(), draw_cells(torch.cat([ab[:1], zero])), A_STAR_ALT(low=low[0], high=high[0])),
        (B_STAR(), draw_cells(torch.cat([zero, ab[1:]])), B_STAR_ALT(low=low[1], high=high[1])),
        (BOTH(), draw_cells(ab), BOTH_ALT()),
        (FITTED(), draw_colors(fitted), FITTED_ALT()),
    ]
    data, files = compare("fitting", subject, pictures, (2, 3))
    return Stage(
        id="fitting",
        kind=Kind.COMPARISON,
        title=FITTING(columns=ab.shape[2], rows=ab.shape[1]),
        explanation=FITTING_ABOUT(),
        data=data,
        files=files,
        code="models.colorization.guided_filter.fit",
    )


def answer_stage(subject: Subject) -> Stage:
    """Before and after, at most `MAX_SIDE` pixels long; the output file has the full size."""
    shown = shrink(subject.item.upload)
    pictures: Pictures = [
        (GRAY(), colorize(shown, without_color(subject.color)), GRAY_ALT()),
        (COLORED(), colorize(shown, subject.color, subject.saturation), COLORED_ALT()),
    ]
    if subject.has_true_colors:
        pictures.append((TRUE_COLORS(), shown, TRUE_ALT()))
    data, files = compare("answer", subject, pictures, (0, 1))
    return Stage(
        id="answer",
        kind=Kind.COMPARISON,
        title=ANSWER(),
        explanation=ANSWER_ABOUT(),
        data=data,
        files=files,
        code="models.colorization.guided_filter.colored_bands",
        role=Role.ANSWER,
    )


def compare(
    stem: str, subject: Subject, pictures: Pictures, between: tuple[int, int]
) -> tuple[dict[str, object], tuple[Output, ...]]:
    """Data and files of a comparison that opens with the pictures `between`."""
    files = tuple(encode(f"{stem}{number}", picture) for number, (_, picture, _) in enumerate(pictures))
    listed = [
        {"name": name, "file": file.name, "width": picture.width, "height": picture.height, "alt": alt}
        for (name, picture, alt), file in zip(pictures, files, strict=True)
    ]
    left, right = between
    width, height = subject.item.upload.size  # all are drawn in the upload's proportions
    return {"width": width, "height": height, "pictures": listed, "left": left, "right": right}, files


def encode(stem: str, picture: Image.Image) -> Output:
    """A stage's picture as a file: PNG if it is small, else JPEG without chroma subsampling."""
    if max(picture.size) <= MAX_PNG_SIDE:
        return Output(f"{stem}.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
    return Output(f"{stem}.jpg", Kind.IMAGE, encode_jpeg(picture, quality=90), "image/jpeg")


def shrink(upload: Image.Image) -> Image.Image:
    """The upload with at most `MAX_SIDE` pixels on its longer side."""
    scale = MAX_SIDE / max(upload.size)
    if scale >= 1:
        return upload
    width, height = (max(1, round(length * scale)) for length in upload.size)
    return upload.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)


def without_color(color: LinearColor) -> LinearColor:
    """Gray everywhere."""
    return LinearColor(torch.zeros_like(color.slope), torch.zeros_like(color.offset))


def draw_lightness(lightness: torch.Tensor) -> Image.Image:
    """L* (1, h, w) as a gray picture."""
    return from_tensor(lab_to_rgb(torch.cat([lightness, torch.zeros_like(lightness).expand(2, -1, -1)])))


def draw_colors(ab: torch.Tensor) -> Image.Image:
    """ab (2, h, w) at the same lightness everywhere."""
    lightness = torch.full_like(ab[:1], EVEN_LIGHTNESS)
    return from_tensor(lab_to_rgb(into_gamut(torch.cat([lightness, ab]))))


def draw_values(values: torch.Tensor, lightness: torch.Tensor) -> Image.Image:
    """Values (1, rows, columns) from 0 to 1 over L* (1, h, w): blue 0, orange 1."""
    large = F.interpolate(values[None], lightness.shape[1:], mode="nearest")[0]
    ends = torch.tensor([SURE_COLOR, UNSURE_COLOR])[:, :, None, None]
    gray = lightness.clamp(0, 100) / 100
    return from_tensor(OVERLAY * torch.lerp(ends[0], ends[1], large) + (1 - OVERLAY) * gray)
