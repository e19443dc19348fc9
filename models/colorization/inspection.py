"""The stages of one colorization, from the lightness to the answer."""

from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch.nn import functional as F

from models.colorization.architecture import COLOR_STRIDE, Discriminator, Networks, shrink_to_color
from models.colorization.comparison import discriminator_for, name_of, predict_all
from models.colorization.data import Item, is_colored
from models.colorization.guided_filter import LinearColor, colorize
from models.colorization.lab import into_gamut, lab_to_rgb
from models.core.contract.card import Kind
from models.core.contract.messages import Text, join
from models.core.contract.prediction import Output, Role, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_jpeg, encode_png_quickly, from_tensor

MAX_SIDE = 800  # pixels of the longer side of a picture in a stage
MAX_PNG_SIDE = 320  # pixels up to which a picture is stored as PNG
EVEN_LIGHTNESS = 65.0  # L* at which colors are shown without the picture: most of them exist there
# Okabe and Ito's blue and orange, which color-blind readers can distinguish
PREDICTED_COLOR, TRUE_COLOR = (0.0, 0.447, 0.698), (0.902, 0.624, 0.0)
OVERLAY = 0.7  # opacity of the probabilities over the gray picture

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
COLORS = Text("colorization.colors.title", "Colors, {columns} × {rows} cells")
COLORS_ABOUT = Text(
    "colorization.colors.explanation",
    "The decoder doubles the size of the maps step by step, combines them with the encoder's maps of the "
    "same size (skip connections) and ends with two numbers per cell, a* and b*, at half the size of L*. "
    "People see color coarsely, so this is enough. A guided filter then fits the colors to the lightness "
    "and enlarges them along its edges, so that they do not spread across borders.",
)
PATCHES = Text("colorization.patches.title", "Discriminator, patch by patch")
PATCHES_ABOUT = Text(
    "colorization.patches.explanation",
    "The discriminator was trained to distinguish predicted from true colors, patch by patch; the generator "
    "was trained to deceive it. Orange patches look like a photo to it, blue ones look predicted. It judges "
    "whether colors look natural, not whether they are right.",
)
PATCHES_BORROWED = Text(
    "colorization.patches.borrowed",
    "This model was trained without a discriminator, so that of the shipped GAN model judges its colors.",
)
COMPARISON = Text("colorization.comparison.title", "Models compared")
COMPARISON_ABOUT = Text(
    "colorization.comparison.explanation",
    "The same picture, colored by each model. Trained with the L1 loss alone, a network that is unsure "
    "answers with the median of the plausible values of a* and of b*, which is usually close to gray. A "
    "discriminator recognizes gray as unnatural, so the model trained against it is bolder, and sometimes "
    "boldly wrong.",
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
VERDICT = Text("colorization.pictures.verdict", "Mean probability {mean:.2f}")
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
INPUT_ALT = Text("colorization.pictures.discriminator_input_alt", "{name}, as the discriminator receives it.")
VERDICT_ALT = Text(
    "colorization.pictures.verdict_alt",
    "{name}: over {rows} by {columns} patches, the mean probability of a photo is {mean:.2f}; {percent} % "
    "of the patches exceed 0.5.",
)
MODEL_ALT = Text(
    "colorization.pictures.model_alt", "The picture in the colors that this model predicts: {name}."
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
    ab: torch.Tensor  # (2, h/2, w/2), as predicted
    color: LinearColor  # fitted to the lightness
    saturation: float

    @property
    def lightness(self) -> torch.Tensor:
        """L* (1, h, w), as the network receives it."""
        return self.item.lab[:1]

    @property
    def has_true_colors(self) -> bool:
        return is_colored(self.item.resized)


def all_stages(subject: Subject, networks: Networks, weights: Path) -> tuple[Stage, ...]:
    """The stages in order; that of the discriminator is left out where there is none."""
    stages = (
        lightness_stage(subject),
        encoder_stage(subject),
        colors_stage(subject),
        patches_stage(subject, networks),
        comparison_stage(subject, weights),
        answer_stage(subject),
    )
    return tuple(stage for stage in stages if stage)


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
        code="models.core.training.backbone.Backbone",
    )


def colors_stage(subject: Subject) -> Stage:
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
    data, files = compare("colors", subject, pictures, (0, 1))
    return Stage(
        id="colors",
        kind=Kind.COMPARISON,
        title=COLORS(columns=ab.shape[2], rows=ab.shape[1]),
        explanation=COLORS_ABOUT(),
        data=data,
        files=files,
        code="models.colorization.guided_filter.fit",
    )


def patches_stage(subject: Subject, networks: Networks) -> Stage | None:
    """The discriminator's probability for each patch of the answer, and of the upload's own colors."""
    discriminator, is_own = discriminator_for(networks)
    if discriminator is None:
        return None
    lightness = subject.lightness
    candidates = [(ANSWER(), subject.ab)]
    if subject.has_true_colors:
        candidates.append((TRUE_COLORS(), F.avg_pool2d(subject.item.lab[None, 1:], COLOR_STRIDE)[0]))
    pictures: Pictures = []
    for name, ab in candidates:
        true = patch_probabilities(discriminator, lightness, ab)
        rows, columns = true.shape[1:]
        mean, percent = round(float(true.mean()), 2), round(100 * float((true > 0.5).float().mean()))
        alt = VERDICT_ALT(name=name, rows=rows, columns=columns, mean=mean, percent=percent)
        large = F.interpolate(ab[None], lightness.shape[1:], mode="bilinear", align_corners=False)[0]
        pictures += [
            (name, draw_lab(lightness, large), INPUT_ALT(name=name)),
            (VERDICT(mean=mean), draw_probabilities(true, lightness), alt),
        ]
    data, files = compare("patches", subject, pictures, (1, 3) if subject.has_true_colors else (0, 1))
    return Stage(
        id="patches",
        kind=Kind.COMPARISON,
        title=PATCHES(),
        explanation=join(PATCHES_ABOUT(), "" if is_own else PATCHES_BORROWED()),
        data=data,
        files=files,
        code="models.colorization.architecture.Discriminator",
    )


def patch_probabilities(
    discriminator: Discriminator, lightness: torch.Tensor, ab: torch.Tensor
) -> torch.Tensor:
    """(1, rows, columns): that each patch belongs to a photo, for L* (1, h, w) and ab (2, h/2, w/2)."""
    small = shrink_to_color(lightness[None])
    return discriminator(torch.cat([small, ab[None]], dim=1))[0].sigmoid()


def comparison_stage(subject: Subject, weights: Path) -> Stage:
    """Gray, the colors of every model, and the true ones if the upload has them."""
    own, shown = name_of(weights), shrink(subject.item.upload)
    answers = predict_all(own, subject.color, subject.lightness)
    pictures: Pictures = [(GRAY(), colorize(shown, without_color(subject.color)), GRAY_ALT())]
    pictures += [
        (name, colorize(shown, color, subject.saturation), MODEL_ALT(name=name))
        for name, color in answers.items()
    ]
    if subject.has_true_colors:
        pictures.append((TRUE_COLORS(), shown, TRUE_ALT()))
    names = [name for name, _, _ in pictures]
    others = [name for name in answers if name != own] or [GRAY()]
    data, files = compare("comparison", subject, pictures, (names.index(others[0]), names.index(own)))
    return Stage(
        id="comparison",
        kind=Kind.COMPARISON,
        title=COMPARISON(),
        explanation=join(COMPARISON_ABOUT(), COMPARISON_TRUTH() if subject.has_true_colors else ""),
        data=data,
        files=files,
        code="models.colorization.comparison.predict_all",
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


def draw_lab(lightness: torch.Tensor, ab: torch.Tensor) -> Image.Image:
    """L* (1, h, w) with ab (2, h, w)."""
    return from_tensor(lab_to_rgb(into_gamut(torch.cat([lightness.clamp(0, 100), ab]))))


def draw_probabilities(true: torch.Tensor, lightness: torch.Tensor) -> Image.Image:
    """Probabilities (1, rows, columns) that patches belong to a photo, over L* (1, h, w): blue 0, orange 1.

    A patch is larger than its cell, so the map lacks one cell on each side; the next one is drawn there.
    """
    cells = F.pad(true[None], (1, 1, 1, 1), mode="replicate")
    share = F.interpolate(cells, lightness.shape[1:], mode="nearest")[0]
    ends = torch.tensor([PREDICTED_COLOR, TRUE_COLOR])[:, :, None, None]
    gray = lightness.clamp(0, 100) / 100
    return from_tensor(OVERLAY * torch.lerp(ends[0], ends[1], share) + (1 - OVERLAY) * gray)
