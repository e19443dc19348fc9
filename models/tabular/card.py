"""Tabular models: what they are, take and give."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from models.core.contract.card import Card, Kind, MediaKind, ModelCard, Sample
from models.core.tables.read_options import Reading

HERE = Path(__file__).parent
TABLES = HERE.parent / "clustering" / "samples"  # the same tables, there without their target
WEIGHTS = HERE / "weights" / "tabular.safetensors"
MOST_CLASSES = 100

METHODS = Literal[
    "automatic", "linear regression", "ridge regression", "logistic regression", "neural network"
]
OF_NETWORKS: JsonDict = {"applies": {"method": ["neural network"]}}  # the form shows it only then
Width = Annotated[int, Field(ge=1, le=512)]


class PredictParams(Reading):
    """Options of one fit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "A neural network", "method": "neural network"},
                {"title": "Learning rate too high: watch it diverge", "learning_rate": 3.0, "epochs": 60},
                {"title": "Wide and deep, and overfitted", "method": "neural network", "layers": [128, 128],
                 "epochs": 400},
            ]
        }
    )  # fmt: skip

    target: str = Field(
        default="",
        max_length=1_000,
        title="Target",
        description="The column to predict; empty: the last one.",
        json_schema_extra={"format": "column"},
    )
    features: list[str] = Field(
        default=[],
        max_length=1_000,
        title="Features",
        description="The columns to predict from; empty: all others that hold numbers or categories. Dates "
        "are used where they are chosen here, or told to be dates.",
        json_schema_extra={"format": "columns"},
    )
    method: METHODS = Field(
        default="automatic",
        title="Method",
        description="Linear and ridge regression predict numbers, logistic regression classes, a neural "
        "network either. Automatic: linear for a target of numbers, logistic for one of classes.",
    )
    layers: list[Width] = Field(
        default=[16, 16],
        min_length=1,
        max_length=6,
        title="Hidden layers",
        description="For the network: how many neurons each hidden layer has, with commas between.",
        json_schema_extra=OF_NETWORKS,
    )
    activation: Literal["relu", "tanh"] = Field(
        default="relu",
        title="Activation",
        description="For the network: what each hidden neuron applies.",
        json_schema_extra=OF_NETWORKS,
    )
    epochs: int = Field(
        default=100,
        ge=1,
        le=5_000,
        title="Epochs",
        description="How often the network sees all training rows; for the others, how many steps of "
        "gradient descent are shown beside the exact solution.",
    )
    learning_rate: float | None = Field(
        default=None,
        gt=0.0,
        le=1_000.0,
        title="Learning rate",
        description="The size of a step. Empty: 0.01 for the network (Adam); for gradient descent the "
        "largest that is sure to go downhill. Too high, and it diverges.",
    )
    batch_size: int = Field(
        default=32,
        ge=1,
        le=4_096,
        title="Batch",
        description="For the network: rows in one step.",
        json_schema_extra=OF_NETWORKS,
    )
    alpha: float = Field(
        default=1.0,
        ge=0.0,
        le=1e9,
        title="Ridge penalty (alpha)",
        description="For ridge regression: what the squared coefficients cost, for scaled features.",
        json_schema_extra={"applies": {"method": ["ridge regression"]}},
    )
    C: float = Field(
        default=1.0,
        gt=0.0,
        le=1e9,
        title="Freedom (C)",
        description="For logistic regression: the less it is, the smaller the coefficients are kept.",
        json_schema_extra={"applies": {"method": ["automatic", "logistic regression"]}},
    )
    missing: Literal["impute", "leave out"] = Field(
        default="impute",
        title="Missing values",
        description="Impute: the mean of the training rows, or their most frequent category. Leave out: "
        "rows that miss a feature are not used.",
    )
    validation_share: float = Field(
        default=0.2,
        ge=0.0,
        le=0.4,
        title="For validation",
        description="Share of the rows that the network's best epoch is chosen by.",
    )
    test_share: float = Field(
        default=0.2,
        ge=0.0,
        le=0.5,
        title="For the test",
        description="Share of the rows that nothing is learned from, and every figure of quality is of.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="The same seed gives the same split and the same fit.",
    )


class TrainParams(PredictParams):
    """Options of a fit that is kept, to predict other tables with."""


UCI = "CC-BY-4.0"


def _sample(name: str, title: str, credit: str, license: str = UCI) -> Sample:  # noqa: A002  as in Sample
    return Sample(name, title, TABLES / f"{name}.csv", credit, license, HERE / "samples")


CARD = Card(
    name="tabular",
    title="Regression and classification",
    summary="Fits a linear, ridge or logistic model or a neural network to a table and shows how it learned.",
    accepts=Kind.TABLE,
    produces=(Kind.TABLE,),
    predict_params=PredictParams,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="tabular",
            title="Fitted anew",
            summary="Fits each table anew and answers with how well it did. A training keeps the fit.",
            architecture="tabular",
            license="Apache-2.0",
            weights=WEIGHTS,
        ),
    ),
    paper=(
        "Hoerl and Kennard, Ridge Regression: Biased Estimation for Nonorthogonal Problems, Technometrics "
        "12(1), 1970; Cox, The Regression Analysis of Binary Sequences, Journal of the Royal Statistical "
        "Society B 20(2), 1958; Rumelhart, Hinton and Williams, Learning representations by back-propagating "
        "errors, Nature 323, 1986; Kingma and Ba, Adam, ICLR 2015, arXiv:1412.6980"
    ),
    limits=(
        "Coefficients say what goes together in this table, not what causes what. Rows are split at random: "
        "where they belong together, as those of one person or of one week do, the test flatters. Beyond the "
        "dates of the training rows a trend is drawn on straight. Free text is not used. At most "
        f"{MOST_CLASSES} classes."
    ),
    sample_dataset=TABLES / "iris.csv",
    trains_on=MediaKind.TABLE,
    samples=(
        _sample(
            "iris",
            "Which iris is it?",
            "R. A. Fisher 1936, UCI Machine Learning Repository, doi.org/10.24432/C56C76",
        ),
        _sample(
            "diabetes",
            "How will the diabetes progress?",
            "Efron, Hastie, Johnstone and Tibshirani, Least Angle Regression, 2004; as scikit-learn ships it",
            "BSD-3-Clause (scikit-learn); the data is published without terms",
        ),
        _sample(
            "breast-cancer",
            "Benign or malignant?",
            "Wolberg, Mangasarian, Street and Street 1995, UCI Machine Learning Repository, "
            "doi.org/10.24432/C5DW2B",
        ),
        _sample(
            "wine",
            "Whose wine is it?",
            "Aeberhard and Forina 1991, UCI Machine Learning Repository, doi.org/10.24432/C5PC7J",
        ),
        _sample(
            "digits",
            "Which digit was written?",
            "Alpaydin and Kaynak 1998, UCI Machine Learning Repository, doi.org/10.24432/C50P49",
        ),
    ),
)
