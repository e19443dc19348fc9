"""The stages of one answer: the picture, encoder, z, decoder and reconstruction, and what the model knows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.autoencoding import likeness
from models.autoencoding import stage_texts as texts
from models.autoencoding.architecture import VARIATIONAL
from models.autoencoding.data import to_channels_last
from models.autoencoding.latent_space import code_stage, kl_stage, posterior_stage
from models.autoencoding.metrics import distance, mean_squared_error, psnr
from models.autoencoding.subject import Subject
from models.core.contract.card import Kind
from models.core.contract.messages import join
from models.core.contract.prediction import Output, Role, Stage
from models.core.generative.sample_history import SampleHistory, contact_sheet
from models.core.images import feature_maps
from models.core.images.codec import encode_png_quickly, from_tensor

SHOWN_SIDE = 224  # pixels, at least, of a picture in a comparison
WALK_COLUMNS = 6  # of the pictures on the way
ERROR_GAIN = 2.0  # of error maps: an error of 0.5 is white


@torch.inference_mode()
def all_stages(subject: Subject) -> tuple[Stage, ...]:
    """The stages in order."""
    count = len(subject.clean)
    stages = [input_stage(subject)] if count else []
    if subject.is_corrupted:
        stages.append(corrupted_stage(subject))
    if count:
        stages.append(encoder_stage(subject))
    stages += [code_stage(subject), decoder_stage(subject)]
    stages.append((samples_stage, answer_stage, walk_stage)[count](subject))
    stages.append(posterior_stage(subject))
    if subject.trained.model.config.kind == VARIATIONAL:
        stages.append(kl_stage(subject))
    if subject.has_familiarity:
        error = float(distance(subject.clean, subject.decoded))
        stages.append(likeness.stage(subject.trained.held_out, error))
    if subject.trained.samples is not None:
        stages.append(history_stage(subject.trained.samples))
    return tuple(stages)


def history_stage(history: SampleHistory) -> Stage:
    """The sheets of the training, their rows named in the reader's language."""
    stage = history.stage(
        id="history",
        title=texts.HISTORY(),
        explanation=texts.HISTORY_ABOUT(),
        code="models.autoencoding.train.train",
    )
    names = [texts.ROWS[name]() for name in history.row_names]
    return replace(stage, data={**stage.data, "row_names": names})


def input_stage(subject: Subject) -> Stage:
    """The pictures as fitted to the frame that the model knows."""
    config = subject.trained.model.config
    channels = texts.GRAY if config.channels == 1 else texts.COLOR
    picture = enlarge(subject.clean)
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
    about = join(
        texts.INPUT_ABOUT(side=config.side, channels=channels, values=subject.clean[0].numel()),
        texts.FITTED_DARK() if config.channels == 1 else texts.FITTED_SQUARE(),
        texts.INVERTED() if subject.is_inverted else "",
    )
    data = {"file": file.name, "width": picture.width, "height": picture.height}
    return Stage(
        id="input",
        kind=Kind.IMAGE,
        title=texts.INPUT() if len(subject.clean) == 1 else texts.INPUTS(),
        explanation=about,
        data={**data, "alt": texts.INPUT_ALT(side=config.side)},
        files=(file,),
        code="models.core.generative.framing.frame",
        role=Role.INPUT,
    )


def corrupted_stage(subject: Subject) -> Stage:
    """What the network receives instead."""
    picture = enlarge(subject.received)
    file = Output("corrupted.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
    before = psnr(mean_squared_error(subject.clean, subject.received))
    return Stage(
        id="corrupted",
        kind=Kind.IMAGE,
        title=texts.CORRUPTED(),
        explanation=texts.CORRUPTED_ABOUT(psnr=float(before.mean())),
        data={
            "file": file.name,
            "width": picture.width,
            "height": picture.height,
            "alt": texts.RECEIVED_ALT(),
        },
        files=(file,),
        code="models.autoencoding.corruption.corrupt",
    )


def encoder_stage(subject: Subject) -> Stage:
    """The maps after each convolution of the encoder."""
    model = subject.trained.model
    maps = outputs(model.encoder, subject.received[:1], nn.ReLU)
    return maps_stage(
        "encoder",
        texts.ENCODER(),
        texts.ENCODER_ABOUT(latent=model.config.latent),
        maps,
        "models.autoencoding.architecture.make_encoder",
    )


def decoder_stage(subject: Subject) -> Stage:
    """The maps that the decoder makes of z, coarse to fine."""
    model = subject.trained.model
    maps = outputs(model.pixels(), subject.z[:1], (nn.Unflatten, nn.ReLU, nn.Sigmoid))
    return maps_stage(
        "decoder",
        texts.DECODER(),
        texts.DECODER_ABOUT(),
        maps,
        "models.autoencoding.architecture.make_decoder",
    )


def outputs(
    layers: nn.Sequential, x: torch.Tensor, kinds: type[nn.Module] | tuple[type[nn.Module], ...]
) -> list[torch.Tensor]:
    """The maps (c, h, w) after each layer of these kinds."""
    device, found = next(layers.parameters()).device, []
    x = x.to(device)
    for layer in layers:
        x = layer(x)
        if isinstance(layer, kinds) and x.ndim == 4:
            found.append(x[0].cpu())
    return found


def maps_stage(id_: str, title: str, about: str, maps: Sequence[torch.Tensor], code: str) -> Stage:
    levels, files = feature_maps.levels(
        (texts.LEVEL(side=each.shape[1]), each, f"{id_}{number}.png") for number, each in enumerate(maps, 1)
    )
    count = sum(len(each) for each in maps)
    return Stage(id_, Kind.FEATURE_MAPS, title, about, {"levels": levels}, files, count, code)


def answer_stage(subject: Subject) -> Stage:
    """Picture, reconstruction and error map, and those of PCA with as many numbers."""
    x, found = subject.clean, subject.decoded
    principal = subject.trained.held_out.pca
    by_pca = principal.reconstruct(subject.received)
    quality, pca_quality = (float(psnr(mean_squared_error(x, each))) for each in (found, by_pca))
    size = principal.components.shape[1]
    errors, pca_errors = (x - found).abs(), (x - by_pca).abs()
    pictures = [
        (texts.ORIGINAL(), x, texts.ORIGINAL_ALT()),
        *([(texts.RECEIVED(), subject.received, texts.RECEIVED_ALT())] if subject.is_corrupted else []),
        (texts.RECONSTRUCTION(psnr=quality), found, texts.RECONSTRUCTION_ALT()),
        (texts.ERROR(), error_map(errors), error_text(errors)),
        (texts.BY_PCA(size=size, psnr=pca_quality), by_pca, texts.BY_PCA_ALT(size=size)),
        (texts.ERROR_PCA(), error_map(pca_errors), error_text(pca_errors)),
    ]
    listed, files = [], []
    for number, (name, picture, alt) in enumerate(pictures):
        drawn = enlarge(picture)
        file = Output(f"answer{number}.png", Kind.IMAGE, encode_png_quickly(drawn), "image/png")
        listed.append(
            {"name": name, "file": file.name, "width": drawn.width, "height": drawn.height, "alt": alt}
        )
        files.append(file)
    about = texts.ANSWER_ABOUT(
        distance=float(distance(x, found)), psnr=quality, pca=pca_quality, white=1 / ERROR_GAIN
    )
    before = float(psnr(mean_squared_error(x, subject.received)).mean())
    right = 2 if subject.is_corrupted else 1
    return Stage(
        id="answer",
        kind=Kind.COMPARISON,
        title=texts.ANSWER(),
        explanation=join(about, texts.ANSWER_CORRUPTED(before=before) if subject.is_corrupted else ""),
        data={
            "width": listed[0]["width"],
            "height": listed[0]["height"],
            "pictures": listed,
            "left": right - 1,
            "right": right,
        },
        files=tuple(files),
        code="models.autoencoding.architecture.Autoencoder.decode",
        role=Role.ANSWER,
    )


def error_map(errors: torch.Tensor) -> torch.Tensor:
    """(1, C, S, S) -> gray (1, 1, S, S), brighter where the error is larger."""
    return (ERROR_GAIN * errors.mean(dim=1, keepdim=True)).clamp(0, 1)


def error_text(errors: torch.Tensor) -> str:
    return texts.ERROR_ALT(mean=float(errors.mean()), most=float(errors.max()))


def walk_stage(subject: Subject) -> Stage:
    """Both pictures, and between them the decoded steps."""
    steps = len(subject.walk)
    pictures = torch.cat([subject.received[:1], subject.walk, subject.received[1:]])
    shares = np.linspace(0, 1, steps)
    captions = [texts.FIRST, *(texts.STEP(share=share) for share in shares), texts.SECOND]
    return sheet_stage(
        "walk",
        texts.WALK(),
        texts.WALK_ABOUT(count=steps - 1),
        pictures,
        min(len(pictures), WALK_COLUMNS),
        captions,
        "models.autoencoding.predict.Predictor",
    )


def samples_stage(subject: Subject) -> Stage:
    """The pictures decoded from random z."""
    return sheet_stage(
        "samples",
        texts.SAMPLES(),
        texts.SAMPLES_ABOUT(count=len(subject.decoded)),
        subject.decoded,
        subject.columns,
        [],
        "models.autoencoding.predict.draw_z",
    )


def sheet_stage(
    id_: str,
    title: str,
    about: str,
    pictures: torch.Tensor,
    columns: int,
    captions: Sequence[str],
    code: str,
) -> Stage:
    """One contact sheet, which is the answer."""
    sheet = Image.fromarray(contact_sheet(to_channels_last(pictures), columns))
    file = Output(f"{id_}.png", Kind.IMAGE, encode_png_quickly(sheet), "image/png")
    side = pictures.shape[-1]
    step = {"step": None, "file": file.name, **({"captions": list(captions)} if captions else {})}
    return Stage(
        id=id_,
        kind=Kind.SAMPLES,
        title=title,
        explanation=about,
        data={
            "tile": {"width": side, "height": side},
            "columns": columns,
            "count": len(pictures),
            "steps": [step],
        },
        files=(file,),
        count=len(pictures),
        code=code,
        role=Role.ANSWER,
    )


def enlarge(pictures: torch.Tensor) -> Image.Image:
    """(N, C, S, S) side by side, each pixel repeated so often that a picture has at least `SHOWN_SIDE`."""
    row = from_tensor(torch.cat(list(pictures), dim=2))
    factor = -(-SHOWN_SIDE // pictures.shape[-1])
    return row.resize((row.width * factor, row.height * factor), Image.Resampling.NEAREST)
