"""Prediction: a picture in, boxes with labels and scores out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image, ImageDraw, ImageFont

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Message
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images.codec import encode_png_quickly, read
from models.core.training import familiarity
from models.core.training.familiarity import Evidence, Familiarity
from models.core.training.threshold_stage import threshold_stage
from models.detection.architecture import Config, Detector, decode
from models.detection.card import PredictParams
from models.detection.data import Picture, Raw, View, prepare
from models.detection.familiarity import evidence_of
from models.detection.inspection import CANDIDATES, box_stages, grid_steps, slices_stage
from models.detection.pretrained import nanodet_network
from models.detection.pretrained.nanodet_network import NanoDetNetwork
from models.detection.pretrained.torchvision import ARCHITECTURES, CocoNetwork
from models.detection.slicing import MIN_SCORE, merged, note_on_size, search, slices_of
from models.detection.suppression import CAP, DEFAULTS, Candidates, Decision, Thresholds, decide
from models.detection.views import CANDIDATES as FUSED_CANDIDATES
from models.detection.views import Viewer, fused, names_of, views_stage
from models.detection.views import search as search_views

# Okabe and Ito's colors, which color-blind readers can distinguish; the text on the light ones is black
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
SIDES = ("xmin", "ymin", "xmax", "ymax")
LIGHT_COLORS = {"#e69f00", "#56b4e9", "#f0e442", "#cc79a7"}


class Network(Viewer, Protocol):
    """What the predictor needs of a detector."""

    labels: tuple[str, ...]
    side: int  # the longest of a picture as the network receives it
    thresholds: Thresholds  # where the params name none
    fused_score: float  # the score threshold for several views
    familiarity: Familiarity | None  # None: nothing is known about the pictures that it learned from

    def steps(self, picture: Picture, raw: Raw, decision: Decision) -> tuple[Stage, ...]:
        """The stages up to the candidates, the input first."""
        ...

    def evidence(self, picture: Picture, raw: Raw) -> Evidence | None:
        """What the picture is compared by with those; None: the network does not show its features."""
        ...

    @property
    def about_candidates(self) -> Message: ...


class GridNetwork:
    """The grid detector with its weights in memory.

    Raises:
        WeightsError: the config or the weights are not those of a grid detector.
    """

    max_batch = 16
    about_candidates = CANDIDATES()
    views: tuple[View, ...] = ()

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        try:
            state, self.familiarity = familiarity.split(state)
            self.config = Config.from_json(config)
            self.model = Detector(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the grid detector: {error}") from error
        self.labels = self.config.labels
        score = config.get("score_threshold")  # of a training on labeled pictures
        self.thresholds = replace(DEFAULTS, score=float(score)) if score is not None else DEFAULTS
        self.fused_score = self.thresholds.score
        self.side = self.config.image_size
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def prepare(self, upload: Image.Image, side: int | None = None) -> Picture:
        return prepare(upload, side or self.config.image_size)

    @torch.inference_mode()
    def forward(self, pictures: list[Picture]) -> list[Raw]:
        images = torch.stack([picture.tensor for picture in pictures])
        features = self.model.features(images.to(self.device, memory_format=torch.channels_last))
        grids = self.model.grids(features)
        features, grids = ([level.float().cpu() for level in levels] for levels in (features, grids))
        return [
            Raw(
                features=tuple(level[index] for level in features),
                grids=tuple(level[index] for level in grids),
            )
            for index in range(len(pictures))
        ]

    def candidates(self, picture: Picture, raw: Raw) -> Candidates:
        """Every box of every cell, with its most probable class: a box is one object."""
        predicted = decode([grid[None] for grid in raw.grids])
        scores, labels = predicted.scores()[0].max(dim=1)
        cells = torch.cat([cells_of(level, grid) for level, grid in enumerate(raw.grids)])
        return Candidates.sorted(
            picture.placement.to_upload(predicted.boxes[0]),
            scores,
            labels,
            names=self.labels,
            width=picture.upload.width,
            height=picture.upload.height,
            objectness=predicted.objectness[0].sigmoid(),
            cells=cells,
        )

    def steps(self, picture: Picture, raw: Raw, decision: Decision) -> tuple[Stage, ...]:
        return grid_steps(picture, raw, decision)

    def evidence(self, picture: Picture, raw: Raw) -> Evidence:
        return evidence_of(raw.features, raw.grids, picture.placement, self.side)


def cells_of(level: int, grid: torch.Tensor) -> torch.Tensor:
    """(h * w * A, 4): level, row, column and slot of each box, in the order of `decode`."""
    slots, _, rows, columns = grid.shape
    ranges = (torch.tensor([level]), torch.arange(rows), torch.arange(columns), torch.arange(slots))
    return torch.cartesian_prod(*ranges)


class Predictor:
    """A detector with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file holds no weights of a detector.
    """

    network: Network

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("A detector needs a weights file.")
        config, state = checkpoint.load(weights)
        architecture = config.get("architecture")
        if architecture == "grid-detector":
            self.network = GridNetwork(config, state, device)
        elif architecture in ARCHITECTURES:
            self.network = CocoNetwork(config, state, device)
        elif architecture == nanodet_network.ARCHITECTURE:
            self.network = NanoDetNetwork(config, state, device)
        else:
            raise WeightsError(f"{weights.name} holds no detector: its architecture is {architecture!r}.")
        self.max_batch = self.network.max_batch
        self.by_threshold: Mapping[str, Any] | None = config.get("by_threshold")
        self.familiarity = self.network.familiarity or familiarity.beside(weights)
        self._latest: tuple[Raw, PredictParams, Decision] | None = None

    def decode(self, inputs: Inputs, params: PredictParams) -> Picture:
        """Raises InputError: the input is not a readable picture."""
        decoded = read(content(inputs, "image"))
        upload = decoded.on_white
        slices = slices_of(upload, self.network.side, params)
        note = note_on_size(upload, self.network.side, slices)
        notes = (*decoded.notes, note) if note else decoded.notes
        views = self.network.views if params.views else ()
        min_score = min(MIN_SCORE, self._thresholds(views).overridden_by(params).score)
        picture = self.network.prepare(upload)
        return replace(picture, slices=slices, views=views, min_score=min_score, notes=notes)

    def forward(self, items: list[Picture]) -> list[Raw]:
        """The network on up to `max_batch` pictures, on their slices and on their further views."""
        raws = self.network.forward(items)
        return [
            replace(raw, slices=search(self.network, item), views=search_views(self.network, item))
            if item.slices or item.views
            else raw
            for item, raw in zip(items, raws, strict=True)
        ]

    def encode(self, item: Picture, raw: Raw, params: PredictParams, *, picture: bool = False) -> Prediction:
        """The objects as JSON; with `picture` also drawn onto the upload."""
        decision = self._decide(item, raw, params)
        result = {
            "objects": decision.objects(),
            "image": {"width": item.upload.width, "height": item.upload.height},
            "labels": list(self.network.labels),
            "thresholds": asdict(decision.thresholds),
            "funnel": decision.funnel,
        }
        if self.familiarity and (evidence := self.network.evidence(item, raw)):
            result["familiarity"] = self.familiarity.result(evidence)
        if item.slices:
            result["slices"] = [dict(zip(SIDES, box, strict=True)) for box in item.slices]
        if item.notes:
            result["notes"] = list(item.notes)
        if params.candidates:
            result["candidates"] = {"total": len(decision.status), "cap": CAP, "items": decision.items()}
        outputs: tuple[Output, ...] = ()
        if picture:
            drawn = draw_objects(item.upload, result["objects"], self.network.labels)
            outputs = (Output("picture.png", Kind.IMAGE, encode_png_quickly(drawn), "image/png"),)
        return Prediction(result, outputs)

    def inspect(self, item: Picture, raw: Raw, params: PredictParams) -> tuple[Stage, ...]:
        """The stages that open the answer, in order."""
        decision = self._decide(item, raw, params)
        first, *rest = self.network.steps(item, raw, decision)
        if self.familiarity and (evidence := self.network.evidence(item, raw)):
            rest.append(self.familiarity.stage(evidence))
        if self.by_threshold:  # of a training on labeled pictures
            rest.append(
                threshold_stage(self.by_threshold, "models.detection.finetuning.quality.by_threshold")
            )
        if item.views:
            names, found = names_of(self.network.side, item.views), self._views(item, raw)
            rest.append(views_stage(names, found, self.network.thresholds.overridden_by(params), decision))
        if item.slices:
            rest.append(slices_stage(item))
        about = FUSED_CANDIDATES() if item.views else self.network.about_candidates
        return first, *rest, *box_stages(decision, params, about)

    def _decide(self, item: Picture, raw: Raw, params: PredictParams) -> Decision:
        """What became of each candidate. `inspect` often follows `encode` on the same output: it is kept."""
        latest = self._latest
        if latest is None or latest[0] is not raw or latest[1] is not params:
            thresholds = self._thresholds(item.views)
            (whole, *others) = self._views(item, raw)
            if others:
                whole = fused((whole, *others), thresholds.overridden_by(params))
            candidates = merged(whole, item.slices, raw.slices)
            latest = self._latest = raw, params, decide(candidates, params, thresholds)
        return latest[2]

    def _views(self, item: Picture, raw: Raw) -> tuple[Candidates, ...]:
        """The candidates of the picture as it is, and those of each further view."""
        return self.network.candidates(item, raw), *raw.views

    def _thresholds(self, views: Sequence[View]) -> Thresholds:
        """Of the network, for one view or several."""
        defaults = self.network.thresholds
        return replace(defaults, score=self.network.fused_score) if views else defaults


def draw_objects(image: Image.Image, objects: Sequence[dict[str, Any]], labels: Sequence[str]) -> Image.Image:
    """A copy of `image` with a box, label and score for every object, the highest score on top."""
    drawn = image.copy()
    draw = ImageDraw.Draw(drawn)
    line = max(1, round(max(image.size) / 300))
    font = ImageFont.load_default(max(10, round(max(image.size) / 45)))
    for found in reversed(objects):
        box = found["box"]
        color = COLORS[labels.index(found["label"]) % len(COLORS)]
        corners = (
            box["xmin"],
            box["ymin"],
            max(box["xmin"], box["xmax"] - 1),
            max(box["ymin"], box["ymax"] - 1),
        )
        draw.rectangle(corners, outline=color, width=line)
        text = f"{found['label']} {found['score']:.2f}"
        left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
        width, height = right - left + 2 * line, bottom - top + 2 * line
        x = min(max(0, corners[0]), max(0, drawn.width - width))
        y = corners[1] - height if corners[1] >= height else corners[1]
        draw.rectangle((x, y, x + width, y + height), fill=color)
        text_color = "black" if color in LIGHT_COLORS else "white"
        draw.text((x + line - left, y + line - top), text, fill=text_color, font=font)
    return drawn
