"""Answers of the built-in models, as most tests of clustering need them."""

from models.clustering.card import PredictParams
from models.clustering.predict import Predictor
from models.core.contract.prediction import Opened, answer_opened


def open_answer(data: bytes, **params: object) -> Opened:
    """The answer with its stages. Raises InputError."""
    return answer_opened(Predictor(None), {"table": data}, PredictParams.model_validate(params))
