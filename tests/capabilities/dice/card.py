"""Dice: nothing goes in, numbers come out."""

from pydantic import Field

from models.core.contract.card import Card, Kind, ModelCard, Params


class PredictParams(Params):
    """Options of one throw."""

    count: int = Field(default=5, ge=1, le=100, title="Dice", description="Number of dice.")
    seed: int = Field(default=0, ge=0, title="Seed", description="The same seed gives the same throw.")


CARD = Card(
    name="dice",
    title="Dice",
    summary="Throws dice: a capability that takes no input.",
    inputs=(),
    produces=(Kind.TABLE,),
    predict_params=PredictParams,
    models=(
        ModelCard(
            name="fair-dice", title="Fair dice", summary="Six sides.", architecture="dice", license="CC0-1.0"
        ),
    ),
    paper="None.",
    limits="The past does not predict the future.",
)
