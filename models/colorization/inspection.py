"""The steps of one colorization, with their data and words for somebody who sees it for the first time."""

from pathlib import Path

import torch
from PIL import Image
from torch.nn import functional as F

from models.colorization.architecture import COLOR_STRIDE
from models.colorization.card import PredictParams
from models.colorization.drawing import colors_alone, colors_on, encoded, gray, verdict_over
from models.colorization.fit import Input
from models.colorization.join import Lines, painted
from models.colorization.networks import Networks, Raw
from models.colorization.other_models import guesses, judge, name_of, verdict
from models.core.contract.card import Kind
from models.core.contract.prediction import Output, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_png_quickly

LARGEST = 800  # pixels of the longer side of a picture in a stage

LIGHTNESS = (
    "A color is a lightness, L*, and two numbers that say how far it is from gray: a* from green to red, b* "
    "from blue to yellow. The network gets L* alone, as a black-and-white photo has it, even of a picture in "
    "color. The whole picture is resized to a few thousand pixels: enough to tell what it shows, too few for "
    "small things."
)
FEATURES = (
    "The encoder halves height and width five times. Early feature maps follow edges and textures; late ones "
    "have few cells, each of which sees most of the picture, and answer to things such as sky, foliage or "
    "fur. Color comes from there: not from how light a pixel is, but from what the network takes it for."
)
COLORS = (
    "The decoder goes back up, taking in the encoder's maps of each size, and ends with two numbers a cell: "
    "a* and b*, at half the size of L*. Eyes see color coarsely, so this is enough. Then the colors are "
    "fitted to the lightness around them and enlarged along its edges, so that they do not run over borders."
)
PATCHES = (
    "The discriminator learned to tell guessed colors from true ones, patch by patch; the generator learned "
    "to pass as true. Here is its verdict on each patch: orange where it believes in a photo, blue where it "
    "sees a guess. It judges whether colors look natural, not whether they are right."
)
BORROWED = " This model was trained without a discriminator: the one of the shipped model judges instead."
COMPARISON = (
    "The same picture, colored by each model. Trained on the mean error alone, a network that is unsure "
    "between red and blue answers with the middle, which is gray. The adversary punishes gray, so its model "
    "is bolder, and sometimes boldly wrong."
)
WITH_TRUTH = " Your picture had colors: they were hidden from the network and are shown for comparison."
ANSWER = (
    "The guessed colors, laid on your picture at its full size. The lightness of each pixel is that of the "
    "upload; where a screen cannot show a color that strong, it is made paler. A gray photo does not say "
    "what its colors were: these are likely ones, learned from a few hundred photos, not a restoration."
)
LEVELS = "The guessed {} from {:.0f} to {:.0f}, at one lightness: {}, gray, {}."


def lightness_stage(lab: torch.Tensor) -> Stage:
    """What the network sees."""
    picture = gray(lab[:1])
    file = Output("lightness.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
    alt = (
        f"The lightness of the picture at {picture.width} by {picture.height} pixels, as the network sees it."
    )
    data = {"file": file.name, "width": picture.width, "height": picture.height, "alt": alt}
    return Stage("lightness", Kind.IMAGE, "Lightness, L*", LIGHTNESS, data, (file,),
                 code="models.colorization.lab.rgb_to_lab")  # fmt: skip


def features_stage(features: tuple[torch.Tensor, ...]) -> Stage:
    """All feature maps of the encoder, one picture of tiles a level."""
    levels, files = feature_maps.levels(
        (f"stride {2**number}", maps, f"stride{2**number}.png")
        for number, maps in enumerate(features, start=1)
    )
    count = sum(len(maps) for maps in features)
    return Stage("encoder", Kind.FEATURE_MAPS, "Encoder", FEATURES, {"levels": levels}, files, count,
                 "models.core.training.backbone.Backbone")  # fmt: skip


def colors_stage(given: Input, ab: torch.Tensor, lines: Lines) -> Stage:
    """a*, b*, both, and both after they were fitted to the lightness."""
    lightness, zero = given.lab[:1], torch.zeros_like(ab[:1])
    fitted = lines.slope * lightness / 100 + lines.offset
    size = (lightness.shape[2], lightness.shape[1])

    def blocks(values: torch.Tensor) -> Image.Image:
        return colors_alone(values).resize(size, Image.Resampling.NEAREST)

    low, high = ab.amin(dim=(1, 2)).tolist(), ab.amax(dim=(1, 2)).tolist()
    a, b = torch.cat([ab[:1], zero]), torch.cat([zero, ab[1:]])
    pictures = [
        ("a*, green to red", blocks(a), LEVELS.format("a*", low[0], high[0], "green", "red")),
        ("b*, blue to yellow", blocks(b), LEVELS.format("b*", low[1], high[1], "blue", "yellow")),
        ("Both", blocks(ab), "The guessed colors, all of one lightness, in cells."),
        ("Both, fitted to L*", colors_alone(fitted), "The same after they were fitted to the edges of L*."),
    ]
    title = f"Colors, {ab.shape[2]} × {ab.shape[1]} cells"
    return comparison("colors", given, title, COLORS, pictures, (0, 1), "models.colorization.join.fit_lines")


def patches_stage(mine: Networks, given: Input, ab: torch.Tensor, colored: bool) -> Stage | None:
    """What the discriminator says about each patch of the answer, and of the upload's own colors."""
    discriminator, own = judge(mine)
    if discriminator is None:
        return None
    lightness = given.lab[:1]
    judged = [("Answer", ab)]
    if colored:
        judged.append(("True colors", F.avg_pool2d(given.lab[None, 1:], COLOR_STRIDE)[0]))
    pictures = []
    for name, color in judged:
        said = verdict(discriminator, lightness, color)
        sure, passed = float(said.mean()), float((said > 0.5).float().mean())
        alt = (
            f"{name}: of {said.shape[1]} by {said.shape[2]} patches, the mean verdict is {sure:.2f} "
            f"(0 guessed, 1 a photo’s); {passed:.0%} pass as true."
        )
        large = F.interpolate(color[None], lightness.shape[1:], mode="bilinear", align_corners=False)[0]
        pictures += [
            (name, colors_on(lightness, large), f"{name}, as the discriminator sees it."),
            (f"Verdict: {sure:.2f}", verdict_over(said, lightness), alt),
        ]
    words = PATCHES if own else PATCHES + BORROWED
    between = (1, 3) if colored else (0, 1)
    return comparison("patches", given, "Patches judged", words, pictures, between,
                      "models.colorization.architecture.Discriminator")  # fmt: skip


def comparison_stage(weights: Path, given: Input, lines: Lines, saturation: float, colored: bool) -> Stage:
    """Gray, every model's colors, and the true ones if the upload has them."""
    own, shown = name_of(weights), small(given.upload)
    answers = guesses(own, lines, given.lab[:1])
    pictures = [("Gray", painted(shown, without_color(lines)), "The picture without colors.")]
    pictures += [
        (name, painted(shown, answer, saturation), f"{name}: the colors that it guesses.")
        for name, answer in answers.items()
    ]
    if colored:
        pictures.append(("True colors", shown, "The upload in its own colors."))
    names = [name for name, _, _ in pictures]
    others = [name for name in answers if name != own] or ["Gray"]
    between = (names.index(others[0]), names.index(own))
    words = COMPARISON + WITH_TRUTH if colored else COMPARISON
    return comparison("comparison", given, "Models side by side", words, pictures, between,
                      "models.colorization.other_models.guesses")  # fmt: skip


def answer_stage(given: Input, lines: Lines, saturation: float, colored: bool) -> Stage:
    """Before and after, at most `LARGEST` pixels long; the file to keep is the full-size one."""
    shown = small(given.upload)
    pictures = [
        ("In gray", painted(shown, without_color(lines)), "What the network got, at your picture’s size."),
        ("Colored", painted(shown, lines, saturation), "With the colors that it guesses."),
    ]
    if colored:
        pictures.append(("Your colors", shown, "Those of the upload, which the network never saw."))
    return comparison("answer", given, "Answer", ANSWER, pictures, (0, 1), "models.colorization.join.bands")


def without_color(lines: Lines) -> Lines:
    """The same cells, each gray."""
    return Lines(torch.zeros_like(lines.slope), torch.zeros_like(lines.offset))


def small(upload: Image.Image) -> Image.Image:
    """The upload with at most `LARGEST` pixels on its longer side."""
    scale = LARGEST / max(upload.size)
    if scale >= 1:
        return upload
    width, height = (max(1, round(length * scale)) for length in upload.size)
    return upload.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)


def comparison(
    name: str,
    given: Input,
    title: str,
    words: str,
    pictures: list[tuple[str, Image.Image, str]],
    between: tuple[int, int],
    code: str,
) -> Stage:
    """Pictures of one scene, each with a name and a text for who cannot see it."""
    files, listed = [], []
    for number, (label, picture, alt) in enumerate(pictures):
        file = encoded(f"{name}{number}", picture)
        files.append(file)
        about = {
            "name": label,
            "file": file.name,
            "width": picture.width,
            "height": picture.height,
            "alt": alt,
        }
        listed.append(about)
    left, right = between
    width, height = given.upload.size  # whose proportions all are drawn in
    data = {"width": width, "height": height, "pictures": listed, "left": left, "right": right}
    return Stage(name, Kind.COMPARISON, title, words, data, tuple(files), code=code)


def inspect(
    mine: Networks,
    weights: Path,
    given: Input,
    said: Raw,
    lines: Lines,
    params: PredictParams,
    colored: bool,
) -> tuple[Stage, ...]:
    """All stages of one colorization, in order."""
    stages = (
        lightness_stage(given.lab),
        features_stage(said.features),
        colors_stage(given, said.ab, lines),
        patches_stage(mine, given, said.ab, colored),
        comparison_stage(weights, given, lines, params.saturation, colored),
        answer_stage(given, lines, params.saturation, colored),
    )
    return tuple(stage for stage in stages if stage)
