"""Waves: nothing goes in, a picture comes out of a decoder."""

from pydantic import Field

from models.core.contract.card import Card, Kind, ModelCard, Params


class PredictParams(Params):
    """Options of one picture."""

    seed: int = Field(default=0, ge=0, title="Seed", description="The same seed gives the same picture.")


CARD = Card(
    name="waves",
    title="Waves",
    summary="Adds cosine waves up to a picture: a capability that generates.",
    inputs=(),
    produces=(Kind.LATENT,),
    predict_params=PredictParams,
    models=(
        ModelCard(
            name="cosines", title="Cosines", summary="20 waves.", architecture="waves", license="CC0-1.0"
        ),
    ),
    paper="Ahmed, Natarajan, Rao 1974, Discrete Cosine Transform, IEEE Trans. Computers C-23.",
    limits="Shows waves only.",
)
