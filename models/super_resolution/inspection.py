"""The stages of one enlargement, from the input to the answer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text, join
from models.core.contract.prediction import Output, Role, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_jpeg, encode_png_quickly
from models.super_resolution.detail import Detail
from models.super_resolution.pretrained import rrdbnet, span
from models.super_resolution.upscaler import Activations

MAX_MAP_SIDE = 128  # pixels of a feature map's longer side
AMPLIFICATIONS = (1, 2, 4, 8, 16, 32)

INPUT = Text("super_resolution.input.title", "Input")
INPUT_ABOUT = Text(
    "super_resolution.input.explanation",
    "An enlarged picture needs pixels that the upload does not have. Resizing interpolates between the "
    "existing ones, so edges become soft. The network was trained on many photos and their small versions, "
    "and learned which fine structure usually belongs to a coarse one. The result is an estimate: no method "
    "can recover what the upload does not contain. The following stages show one part of the picture.",
)
INPUT_ALT = Text("super_resolution.input.alt", "The input of the network, {width} by {height} pixels.")
WHOLE = Text("super_resolution.detail.whole", "Shown is the whole picture.")
PART = Text(
    "super_resolution.detail.part",
    "Shown is the part with the most texture: {width} × {height} pixels of the upload, {left} pixels from "
    "its left edge and {top} pixels from its top edge.",
)
FEATURES = Text("super_resolution.features.title", "Features")
FEATURES_ABOUT = Text(
    "super_resolution.features.explanation",
    "All layers work at the size of the upload. A layer of small filters turns the colors into {channels} "
    "feature maps, each of which is bright where it finds its pattern. {blocks} residual blocks refine "
    "them: each adds a correction to its input. Shown are the maps after the first layer, after half of the "
    "blocks, and after the last layer, from which the new pixels are computed.",
)
SPAN_FEATURES_ABOUT = Text(
    "super_resolution.features.span",
    "All layers work at the size of the upload. A layer of small filters turns the colors into {channels} "
    "feature maps, each of which is bright where it finds its pattern. {blocks} blocks refine them: each "
    "multiplies its features with an attention that is computed from these features and needs no weights, "
    "so that edges and texture count more than smooth areas. Shown are the maps after the first layer, after "
    "half of the blocks, and after the layer that merges early and late features.",
)
RRDB_FEATURES_ABOUT = Text(
    "super_resolution.features.rrdb",
    "These layers work at the size of the upload. A layer of small filters turns the colors into {channels} "
    "feature maps, each of which is bright where it finds its pattern. {blocks} blocks refine them: in each, "
    "three dense blocks of five layers, of which every layer sees the maps of all before it, compute a "
    "correction, a fifth of which is added. Shown are the maps after the first layer, after half of the "
    "blocks, and after the last of these layers; four more layers enlarge them to the size of the answer.",
)
FIRST_LAYER = Text("super_resolution.features.first", "first layer")
BLOCK = Text("super_resolution.features.block", "block {n} of {total}")
LAST_LAYER = Text("super_resolution.features.last", "last layer")
COMPARISON = Text("super_resolution.comparison.title", "Bicubic and the models")
COMPARISON_ABOUT = Text(
    "super_resolution.comparison.explanation",
    "Bicubic resizing draws a smooth curve through the existing pixels. The PSNR model was trained with the "
    "L1 loss: where several edges are plausible, it answers with the median of the plausible values of each "
    "pixel, which is soft and invents nothing.",
)
GAN_ABOUT = Text(
    "super_resolution.comparison.gan",
    "The GAN model was also trained to deceive a discriminator that distinguishes photos from answers: it is "
    "sharper, with texture that looks right and may be invented.",
)
JPEG_ABOUT = Text(
    "super_resolution.comparison.jpeg",
    "The JPEG model is the PSNR model after further training on compressed pictures alone: it smooths their "
    "blocks instead of sharpening them, and is softer on clean pictures.",
)
JPEG_ANSWERED = Text(
    "super_resolution.network.jpeg", "The network that was trained on compressed pictures answered."
)
CLEAN_ANSWERED = Text(
    "super_resolution.network.clean", "The network that was trained on clean pictures answered."
)
JPEG_CHOSEN = Text(
    "super_resolution.network.jpeg_chosen",
    "As you chose, the network that was trained on compressed pictures answered.",
)
CLEAN_CHOSEN = Text(
    "super_resolution.network.clean_chosen",
    "As you chose, the network that was trained on clean pictures answered.",
)
RESIDUAL = Text("super_resolution.residual.title", "Residual")
RESIDUAL_ABOUT = Text(
    "super_resolution.residual.explanation",
    "The network predicts only the difference between the true picture and bicubic resizing, the residual; "
    "the two are added. Gray means no difference, lighter that a pixel becomes lighter, darker that it "
    "becomes darker. Edges and texture need a correction, smooth areas do not. The last layer computes "
    "{values} numbers for each pixel of the upload, which pixel shuffle arranges as {scale} × {scale} new "
    "pixels of three colors.",
)
RESIDUAL_OF_PICTURE = Text(
    "super_resolution.residual.of_picture",
    "This network predicts the picture itself. Shown is its difference from bicubic resizing. Gray means no "
    "difference, lighter that a pixel becomes lighter, darker that it becomes darker.",
)
RESIDUAL_AMPLIFIED = Text(
    "super_resolution.residual.amplified", "The differences are amplified {factor} times."
)
RESIDUAL_ALT = Text(
    "super_resolution.residual.alt",
    "The difference from the bicubic picture, amplified {factor} times, on gray.",
)
ENLARGED = Text("super_resolution.enlarged.title", "Enlarged")
ENLARGED_ABOUT = Text(
    "super_resolution.enlarged.explanation", "The answer is {scale} times as wide and high as the upload."
)
TILES = Text(
    "super_resolution.enlarged.tiles",
    "It was computed in {tiles} tiles that overlap by the radius of the network's receptive field, so that "
    "no seams can appear.",
)
NARROW_TILES = Text(
    "super_resolution.enlarged.narrow_tiles",
    "It was computed in {tiles} tiles that overlap by {margin} pixels of the upload. The network sees "
    "farther, but what lies there hardly changes a color: by at most 3 of 255 where this was measured.",
)
ONE_PIECE = Text(
    "super_resolution.enlarged.one_piece",
    "It was computed in one piece; larger pictures are divided into overlapping tiles.",
)
CAUTION = Text(
    "super_resolution.enlarged.caution",
    "Detail that the network added is plausible, not certain: letters, faces and numbers that are "
    "unreadable in the upload remain unknown, even if they look sharp now. Do not use the answer to "
    "identify people or as evidence.",
)

BICUBIC = Text("super_resolution.pictures.bicubic", "Bicubic")
MODELS = {  # that are shipped, by their kind
    "psnr": Text("super_resolution.pictures.psnr", "PSNR model"),
    "jpeg": Text("super_resolution.pictures.jpeg", "JPEG model"),
    "gan": Text("super_resolution.pictures.gan", "GAN model"),
}
OWN_MODELS = {  # trained by the user, by the loss in a model's config
    "psnr": Text("super_resolution.pictures.own_psnr", "Your PSNR model"),
    "gan": Text("super_resolution.pictures.own_gan", "Your GAN model"),
}
PRETRAINED = {  # by the architecture in a model's config
    span.ARCHITECTURE: Text("super_resolution.pictures.span", "SPAN"),
    rrdbnet.ARCHITECTURE: Text("super_resolution.pictures.rrdbnet", "Real-ESRGAN"),
}
FEATURES_ABOUT_PRETRAINED = {
    span.ARCHITECTURE: SPAN_FEATURES_ABOUT,
    rrdbnet.ARCHITECTURE: RRDB_FEATURES_ABOUT,
}
BLOCKS_OF = {  # where the code of the blocks is
    span.ARCHITECTURE: "models.super_resolution.pretrained.span.Block",
    rrdbnet.ARCHITECTURE: "models.super_resolution.pretrained.rrdbnet.ResidualBlock",
}
UPLOAD = Text("super_resolution.pictures.upload", "Upload")
WHOLE_ANSWER = Text("super_resolution.pictures.enlarged", "Enlarged")
PREVIEW = Text("super_resolution.pictures.preview", "Enlarged (preview)")
BICUBIC_ALT = Text("super_resolution.pictures.bicubic_alt", "The part, enlarged by bicubic resizing.")
MODEL_ALT = Text("super_resolution.pictures.model_alt", "The part, enlarged by this model: {name}.")
UPLOAD_ALT = Text("super_resolution.pictures.upload_alt", "The uploaded picture.")
ENLARGED_ALT = Text("super_resolution.pictures.enlarged_alt", "The picture, {scale} times as wide and high.")


@dataclass(frozen=True)
class Subject:
    """One enlargement to inspect. Transparent parts are placed on white, except in the answer."""

    detail: Detail
    input: Image.Image  # the detail of the upload
    bicubic: Image.Image  # the same, resized
    models: Mapping[Message, Image.Image]  # the same by model; the first is the one that answered
    activations: Activations  # of the detail
    scale: int
    tiles: int
    width: int  # of the upload
    height: int
    architecture: str
    reason: str  # why this network answered; empty: there is only one
    answer: Output  # or its preview
    is_preview: bool

    @property
    def part(self) -> Message:
        """Which part of the picture the stages show."""
        detail = self.detail
        if detail.is_whole:
            return WHOLE()
        return PART(width=detail.width, height=detail.height, left=detail.left, top=detail.top)


def all_stages(subject: Subject) -> tuple[Stage, ...]:
    """The stages in order."""
    return (
        input_stage(subject),
        features_stage(subject),
        comparison_stage(subject),
        residual_stage(subject),
        enlarged_stage(subject),
    )


def input_stage(subject: Subject) -> Stage:
    """The detail as the network receives it."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(subject.input), "image/png")
    width, height = subject.input.size
    alt = INPUT_ALT(width=width, height=height)
    return Stage(
        id="input",
        kind=Kind.IMAGE,
        title=INPUT(),
        explanation=join(INPUT_ABOUT(), subject.part, subject.reason),
        data={"file": file.name, "width": width, "height": height, "alt": alt},
        files=(file,),
        code="models.super_resolution.detail.find_detail",
        role=Role.INPUT,
    )


def features_stage(subject: Subject) -> Stage:
    """Maps after the first convolution, after half of the blocks, and after the last convolution."""
    features = subject.activations.features
    blocks, channels = len(features) - 2, len(features[0])
    shown = {
        FIRST_LAYER(): 0,
        BLOCK(n=blocks // 2, total=blocks): blocks // 2,
        LAST_LAYER(): len(features) - 1,
    }
    levels, files = feature_maps.levels(
        (name, shrink_maps(features[index]), f"features{number}.png")
        for number, (name, index) in enumerate(shown.items())
    )
    return Stage(
        id="features",
        kind=Kind.FEATURE_MAPS,
        title=FEATURES(),
        explanation=FEATURES_ABOUT_PRETRAINED.get(subject.architecture, FEATURES_ABOUT)(
            channels=channels, blocks=blocks
        ),
        data={"levels": levels},
        files=files,
        count=channels,
        code=BLOCKS_OF.get(subject.architecture, "models.super_resolution.architecture.Residual"),
    )


def shrink_maps(maps: np.ndarray) -> torch.Tensor:
    """Maps (C, h, w) with at most `MAX_MAP_SIDE` pixels on the longer side, by averaging."""
    height, width = maps.shape[1:]
    factor = max(1.0, max(height, width) / MAX_MAP_SIDE)
    size = (max(1, round(height / factor)), max(1, round(width / factor)))
    return F.adaptive_avg_pool2d(torch.from_numpy(maps.copy())[None], size)[0]


def comparison_stage(subject: Subject) -> Stage:
    """The detail by bicubic resizing and by every model of this scale."""
    shown = [(BICUBIC(), subject.bicubic, BICUBIC_ALT())]
    shown += [(name, picture, MODEL_ALT(name=name)) for name, picture in subject.models.items()]
    files = tuple(
        Output(f"model{number}.jpg", Kind.IMAGE, encode_jpeg(picture), "image/jpeg")
        for number, (_, picture, _) in enumerate(shown)
    )
    pictures = [
        {"name": name, "file": file.name, "width": picture.width, "height": picture.height, "alt": alt}
        for (name, picture, alt), file in zip(shown, files, strict=True)
    ]
    width, height = subject.bicubic.size
    has_gan = any(name in (MODELS["gan"](), OWN_MODELS["gan"]()) for name in subject.models)
    return Stage(
        id="comparison",
        kind=Kind.COMPARISON,
        title=COMPARISON(),
        explanation=join(
            COMPARISON_ABOUT(),
            JPEG_ABOUT() if MODELS["jpeg"]() in subject.models else "",
            GAN_ABOUT() if has_gan else "",
            subject.part,
        ),
        data={"width": width, "height": height, "pictures": pictures, "left": 0, "right": 1},
        files=files,
        count=len(pictures),
        code="models.super_resolution.architecture.Generator",
    )


def residual_stage(subject: Subject) -> Stage:
    """The difference from the bicubic picture, amplified around gray."""
    picture, factor = draw_residual(subject.activations.residual)
    file = Output("residual.jpg", Kind.IMAGE, encode_jpeg(picture), "image/jpeg")
    width, height = picture.size
    about = RESIDUAL_ABOUT(scale=subject.scale, values=3 * subject.scale**2)
    if subject.architecture in PRETRAINED:
        about = RESIDUAL_OF_PICTURE()
    return Stage(
        id="residual",
        kind=Kind.IMAGE,
        title=RESIDUAL(),
        explanation=join(about, RESIDUAL_AMPLIFIED(factor=factor) if factor > 1 else ""),
        data={"file": file.name, "width": width, "height": height, "alt": RESIDUAL_ALT(factor=factor)},
        files=(file,),
        code="models.super_resolution.architecture.Generator.residual",
    )


def draw_residual(residual: np.ndarray) -> tuple[Image.Image, int]:
    """(3, h, w) as a picture around gray, and its amplification: 99 % of the values are not clipped."""
    strongest = float(np.percentile(np.abs(residual), 99))
    fitting = [factor for factor in AMPLIFICATIONS if factor * strongest <= 0.5]
    factor = fitting[-1] if fitting else 1
    values = (residual.transpose(1, 2, 0) * factor + 0.5).clip(0, 1) * 255
    return Image.fromarray(values.round().astype(np.uint8)), factor


def enlarged_stage(subject: Subject) -> Stage:
    """The upload and the answer, or a preview of a very large one."""
    width, height = subject.width * subject.scale, subject.height * subject.scale
    upload = {
        "name": UPLOAD(),
        "file": None,
        "width": subject.width,
        "height": subject.height,
        "alt": UPLOAD_ALT(),
    }
    answer = {
        "name": PREVIEW() if subject.is_preview else WHOLE_ANSWER(),
        "file": subject.answer.name,
        "width": width,
        "height": height,
        "alt": ENLARGED_ALT(scale=subject.scale),
    }
    tiles = ONE_PIECE() if subject.tiles == 1 else TILES(tiles=subject.tiles)
    if subject.tiles > 1 and subject.architecture == rrdbnet.ARCHITECTURE:
        tiles = NARROW_TILES(tiles=subject.tiles, margin=rrdbnet.Config.reach)
    return Stage(
        id="enlarged",
        kind=Kind.COMPARISON,
        title=ENLARGED(),
        explanation=join(ENLARGED_ABOUT(scale=subject.scale), subject.reason, tiles, CAUTION()),
        data={"width": width, "height": height, "pictures": [upload, answer], "left": 0, "right": 1},
        files=(subject.answer,),
        count=subject.tiles if subject.tiles > 1 else None,
        code="models.core.images.tiles.rows",
        role=Role.ANSWER,
    )
