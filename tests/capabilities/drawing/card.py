"""Drawing: a picture of a few colors goes in, the number of pixels of each comes out."""

from models.core.contract.card import Brush, Card, Input, Kind, MediaKind, ModelCard, Params, Result, Sketch


class PredictParams(Params):
    """There are none."""


class Answer(Result):
    """The pixels of each brush."""

    pixels: dict[str, int]
    others: int  # pixels of colors that no brush has


PARTS = Sketch(16, 12, brushes=(Brush("sky", "#3a7bd5"), Brush("meadow", "#4caf50"), Brush("sun", "#ffd23f")))
OUTLINES = Sketch(24, 24, brushes=(Brush("edge", "#ffffff"),))

CARD = Card(
    name="drawing",
    title="Drawing",
    summary="Counts the pixels of each color: a capability whose picture can be drawn.",
    inputs=(
        Input(
            "image",
            MediaKind.IMAGE,
            "Map",
            sketch=Sketch(PARTS.width, PARTS.height, PARTS.brushes, by_model={"outlines": OUTLINES}),
        ),
    ),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=Answer,
    models=(
        ModelCard("parts", "Parts", "Three colors.", architecture="count", license="CC0-1.0"),
        ModelCard("outlines", "Outlines", "White on black.", architecture="count", license="CC0-1.0"),
    ),
    paper="None.",
    limits="It only counts.",
)
