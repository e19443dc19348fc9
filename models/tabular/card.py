"""The card of regression and classification: inputs, params, models, limits and samples."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from models.core.contract.audit import ModelAuditParams
from models.core.contract.card import Card, Input, Kind, MediaKind, ModelCard, Result, Sample, SampleSweep
from models.core.contract.titles import Titles
from models.core.tables.read_options import ColumnName, ReadOptions

SAMPLES = Path(__file__).parent / "samples"
MAX_CLASSES = 100

METHODS = Annotated[
    Literal["automatic", "linear regression", "ridge regression", "logistic regression", "neural network"],
    Titles("Automatic", "Linear regression", "Ridge regression", "Logistic regression", "Neural network"),
]
FOR_NETWORKS: JsonDict = {"applies": {"method": ["neural network"]}}  # the form hides it otherwise
FOR_CLASSES: JsonDict = {"applies": {"method": ["automatic", "logistic regression", "neural network"]}}
Width = Annotated[int, Field(ge=1, le=512)]


class PredictParams(ReadOptions):
    """Options of one fit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Neural network", "method": "neural network"},
                {"title": "Diverging: learning rate too high", "learning_rate": 3.0, "epochs": 60},
                {"title": "Overfitting: wide and deep network", "method": "neural network",
                 "layers": [128, 128], "epochs": 400},
            ]
        }
    )  # fmt: skip

    target: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Target",
        description="The column to predict. Empty: the last one.",
        json_schema_extra={"format": "column", "empty": "last"},
    )
    target_as: Annotated[
        Literal["automatic", "quantity", "classes"], Titles("Automatic", "Quantity", "Classes")
    ] = Field(
        default="automatic",
        title="Target as",
        description="Whether the numbers of the target are quantities or stand for classes. Automatic: two "
        "distinct numbers are classes, more are quantities.",
    )
    features: list[ColumnName] = Field(
        default=[],
        max_length=1_000,
        title="Features",
        description="The columns to predict from. Empty: all other columns with numbers or categories. Dates "
        "are used only if they are selected here or their column type is set to date.",
        json_schema_extra={"format": "columns"},
    )
    method: METHODS = Field(
        default="automatic",
        title="Method",
        description="Linear and ridge regression predict numbers, logistic regression predicts classes, and "
        "a neural network either. Automatic: linear regression for numbers, logistic regression for classes.",
    )
    layers: list[Width] = Field(
        default=[16, 16],
        min_length=1,
        max_length=6,
        title="Hidden layers",
        description="The number of neurons in each hidden layer of the network, separated by commas.",
        json_schema_extra=FOR_NETWORKS,
    )
    activation: Annotated[Literal["relu", "tanh"], Titles("ReLU", "tanh")] = Field(
        default="relu",
        title="Activation",
        description="The activation function of the hidden layers.",
        json_schema_extra=FOR_NETWORKS,
    )
    epochs: int = Field(
        default=100,
        ge=1,
        le=5_000,
        title="Epochs",
        description="Passes of the network over all training rows. For other methods: steps of gradient "
        "descent shown beside the exact solution.",
    )
    learning_rate: float | None = Field(
        default=None,
        gt=0.0,
        le=1_000.0,
        title="Learning rate",
        description="The step size. Empty: 0.01 for the network (Adam); for gradient descent, a rate at "
        "which every step goes downhill. If it is too high, the training diverges.",
    )
    batch_size: int = Field(
        default=32,
        ge=1,
        le=4_096,
        title="Batch size",
        description="Rows per training step of the network.",
        json_schema_extra=FOR_NETWORKS,
    )
    class_weight: Annotated[Literal["none", "balanced"], Titles("None", "Balanced")] = Field(
        default="none",
        title="Class weights",
        description="For classes. Balanced: each class counts alike in the loss, however few rows it has, so "
        "that rare classes are found more often.",
        json_schema_extra=FOR_CLASSES,
    )
    regularization: Annotated[Literal["as set", "automatic"], Titles("As set", "Automatic")] = Field(
        default="as set",
        title="Regularization",
        description="For ridge and logistic regression. Automatic: the strength with the lowest loss on the "
        "validation rows.",
        json_schema_extra={"applies": {"method": ["automatic", "ridge regression", "logistic regression"]}},
    )
    alpha: float = Field(
        default=1.0,
        ge=0.0,
        le=1e9,
        title="Ridge penalty (alpha)",
        description="The weight of the squared coefficients in the loss of ridge regression, for scaled "
        "features. Larger values shrink the coefficients more.",
        json_schema_extra={"applies": {"method": ["ridge regression"], "regularization": ["as set"]}},
    )
    C: float = Field(
        default=1.0,
        gt=0.0,
        le=1e9,
        title="Inverse regularization (C)",
        description="For logistic regression. Smaller values shrink the coefficients more.",
        json_schema_extra={
            "applies": {"method": ["automatic", "logistic regression"], "regularization": ["as set"]}
        },
    )
    missing: Annotated[Literal["impute", "leave out"], Titles("Impute", "Leave out")] = Field(
        default="impute",
        title="Missing values",
        description="Impute: the mean of the training rows, or their most frequent category. Leave out: rows "
        "with a missing feature are not used.",
    )
    validation_share: float = Field(
        default=0.2,
        ge=0.0,
        le=0.4,
        title="Validation share",
        description="The share of the rows on which the best epoch of the network, or an automatic "
        "regularization, is chosen. Where nothing is chosen, these rows are used for training.",
    )
    test_share: float = Field(
        default=0.2,
        ge=0.0,
        le=0.5,
        title="Test share",
        description="The share of the rows that are excluded from training and used to measure the quality.",
    )
    folds: int | None = Field(
        default=None,
        ge=2,
        le=20,
        title="Folds of the cross-validation",
        description="Fits the model this many times to other rows, tests each row once, and gives mean and "
        "standard deviation of the quality. Empty: no cross-validation.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="The same seed gives the same split and the same fit.",
    )

    @property
    def keeps_validation(self) -> bool:
        """Whether validation rows are kept apart even where the fit chooses nothing on them."""
        return False


class TrainParams(PredictParams):
    """Options of a fit that is kept as a model, to predict other tables."""

    validation_rows: Annotated[Literal["if needed", "always"], Titles("If needed", "Always")] = Field(
        default="if needed",
        title="Validation rows",
        description="If needed: only where the fit chooses something on them; otherwise they are used for "
        "training. Always: for comparing several fits on rows that none of them has learned from.",
    )

    @property
    def keeps_validation(self) -> bool:
        """Whether validation rows are kept apart even where the fit chooses nothing on them."""
        return self.validation_rows == "always"


class AuditParams(ModelAuditParams, ReadOptions):
    """Options of one audit of a model on a table with actual values."""

    group: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Group",
        description="The column whose values are the groups to compare, also one that the model does not "
        "use; numbers are divided into four ranges, and dates into months, quarters or years. Empty: the "
        "first column with few values, else the target.",
        json_schema_extra={"format": "column"},
    )
    second_group: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Second group",
        description="Also compare every combination of both: a gap may appear or vanish within them.",
        json_schema_extra={"format": "column", "empty": "none"},
    )
    target: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Target",
        description="Of an audit that fits a new model: the column to predict. Empty: the last one. A model "
        "that was kept has its own.",
        json_schema_extra={"format": "column", "empty": "last"},
    )


UCI = "CC-BY-4.0"


def _sample(name: str, title: str, credit: str, license: str = UCI) -> Sample:  # noqa: A002  as in Sample
    inputs = {"table": SAMPLES / f"{name}.csv"}
    return Sample(name, title, inputs, credit, license, answer=SAMPLES / f"{name}.prediction")


class TabularResult(Result):
    target: str
    task: str
    predictions: list[str | float | None] = Field(description="Of each row; null: it was left out.")


CARD = Card(
    name="tabular",
    title="Regression and classification",
    summary="Fits a linear, ridge or logistic model or a neural network to a table and shows the training.",
    inputs=(Input("table", MediaKind.TABLE, "Table"),),
    produces=(Kind.TABLE,),
    predict_params=PredictParams,
    result=TabularResult,
    train_params=TrainParams,
    sweep_params={"validation_rows": "always"},
    audit_params=AuditParams,
    audits_on=Input("table", MediaKind.TABLE, "Table"),
    keeps_stages=True,
    models=(
        ModelCard(
            name="tabular",
            title="Fit a new model",
            summary="Fits a new model to each table and measures its quality on test rows. Training keeps "
            "the model for other tables.",
            architecture="tabular",
            license="Apache-2.0",
        ),
    ),
    small_up_to=500_000,
    paper=(
        "Hoerl and Kennard, Ridge Regression: Biased Estimation for Nonorthogonal Problems, Technometrics "
        "12(1), 1970; Cox, The Regression Analysis of Binary Sequences, Journal of the Royal Statistical "
        "Society B 20(2), 1958; Rumelhart, Hinton and Williams, Learning representations by back-propagating "
        "errors, Nature 323, 1986; Kingma and Ba, Adam, ICLR 2015, arXiv:1412.6980"
    ),
    limits=(
        "Coefficients describe associations in this table, not causes. Rows are split at random: if rows "
        "belong together, such as those of one person or one week, the quality on the test rows is too "
        "optimistic. Beyond the dates of the training rows, a linear trend is extrapolated. Free text is not "
        f"used. At most {MAX_CLASSES} classes."
    ),
    # of the least certain row; numbers have none
    confidence=lambda result: min(map(max, result["probabilities"] or ()), default=None),
    sample_dataset=SAMPLES / "iris.csv",
    sweeps=(
        SampleSweep(
            "rate-and-width",
            "Breast cancer: a network by learning rate and hidden layers",
            SAMPLES / "rate-and-width.sweep.json",
        ),
    ),
    trains_on=Input("dataset", MediaKind.TABLE, "Table", required=False),
    samples=(
        _sample(
            "iris",
            "Which iris is it?",
            "R. A. Fisher 1936, UCI Machine Learning Repository, doi.org/10.24432/C56C76",
        ),
        _sample(
            "diabetes",
            "How far will diabetes progress?",
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
            "Which cultivar is the wine from?",
            "Aeberhard and Forina 1991, UCI Machine Learning Repository, doi.org/10.24432/C5PC7J",
        ),
        _sample(
            "digits",
            "Which digit was written?",
            "Alpaydin and Kaynak 1998, UCI Machine Learning Repository, doi.org/10.24432/C50P49",
        ),
    ),
)
