"""Pair: two pictures go in, their difference comes out."""

from models.core.contract.card import Card, Input, Kind, MediaKind, ModelCard, Params


class PredictParams(Params):
    """There are none."""


CARD = Card(
    name="pair",
    title="Pair of pictures",
    summary="Compares two pictures: a capability that takes two inputs.",
    inputs=(
        Input("before", MediaKind.IMAGE, "Before"),
        Input("after", MediaKind.IMAGE, "After"),
    ),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    models=(
        ModelCard(
            name="difference", title="Difference", summary="|a - b|.", architecture="pair", license="CC0-1.0"
        ),
    ),
    paper="None.",
    limits="The second picture is resized to the first.",
)
