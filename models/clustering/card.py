"""Clustering: inputs, params, models and samples."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import Card, Input, Kind, MediaKind, ModelCard, Result, Sample, SampleSweep
from models.core.contract.titles import Titles
from models.core.tables.read_options import ColumnName, ReadOptions

HERE = Path(__file__).parent
UCI = "CC-BY-4.0"


MAX_CLUSTERS = 20
METHODS = Annotated[
    Literal["k-means", "k-medians", "spherical k-means", "k-modes", "k-prototypes"],
    Titles("k-means", "k-medians", "Spherical k-means", "k-modes", "k-prototypes"),
]
INITS = Annotated[
    Literal["k-means++", "random", "placed", "Cao", "Huang"],
    Titles("k-means++", "Random", "Placed", "Cao", "Huang"),
]


class PredictParams(ReadOptions):
    """Options of one clustering."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Manhattan distance", "method": "k-medians"},
                {"title": "Numbers and categories", "method": "k-prototypes"},
                {"title": "One random initialization", "init": "random", "n_init": 1},
            ]
        }
    )

    n_clusters: int = Field(
        default=3,
        ge=1,
        le=MAX_CLUSTERS,
        title="Clusters (k)",
        description="Number of clusters.",
    )
    method: METHODS = Field(
        default="k-means",
        title="Method",
        description="For numbers: k-means (squared distances), k-medians (Manhattan distances) or spherical "
        "k-means (cosine distances). For categories: k-modes. For both: k-prototypes.",
    )
    init: INITS = Field(
        default="k-means++",
        title="Initialization",
        description="Initial centers: rows far from each other (k-means++), random rows (random), or your "
        "own centers (placed). For categories also the methods of Cao and Huang.",
    )
    starts: str = Field(
        default="",
        max_length=20_000,
        title="Initial centers",
        description="For the initialization placed: one center for each cluster, separated by semicolons. "
        "The values of a center are separated by commas, in the order of the columns used: 5.0, 3.4; 6.2, "
        "2.8. With more than two columns, two values are a position in the picture, where centers can "
        "also be dragged.",
        json_schema_extra={"applies": {"init": ["placed"]}},
    )
    n_init: int = Field(
        default=10,
        ge=1,
        le=50,
        title="Restarts",
        description="Number of initializations; the outcome with the lowest inertia is kept.",
        json_schema_extra={"applies": {"init": ["k-means++", "random", "Huang"]}},
    )
    scaling: Annotated[
        Literal["none", "standard", "min-max"], Titles("None", "Standard deviation", "Range")
    ] = Field(
        default="standard",
        title="Scaling",
        description="Makes columns in different units count alike: standard deviation 1, or range 0 to 1.",
        json_schema_extra={
            "applies": {"method": ["k-means", "k-medians", "spherical k-means", "k-prototypes"]}
        },
    )
    gamma: float = Field(
        default=0.0,
        ge=0.0,
        le=1e6,
        title="Weight of categories (gamma)",
        description="For k-prototypes: the cost of a category that differs, added to the squared distance of "
        "the numbers. 0 stands for half the mean standard deviation of the numbers.",
        json_schema_extra={"applies": {"method": ["k-prototypes"]}},
    )
    max_iter: int = Field(
        default=300,
        ge=1,
        le=300,
        title="Maximum iterations",
        description="Number of iterations after which the algorithm stops even if it has not converged.",
    )
    columns: list[ColumnName] = Field(
        default=[],
        max_length=1_000,
        title="Columns",
        description="Columns to use; empty: all that the method can use. Columns of dates count as days if "
        "they are selected here or declared as dates.",
        json_schema_extra={"format": "columns"},
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="Random seed. The same seed gives the same clusters; another seed may lead to others.",
    )


class TrainParams(PredictParams):
    """Options of a clustering that is kept, so that the rows of other tables can be assigned to it."""


def _sample(name: str, title: str, credit: str, license: str = UCI) -> Sample:  # noqa: A002  as in Sample
    table = HERE / "samples" / f"{name}.csv"
    return Sample(name, title, {"table": table}, credit, license, table.with_suffix(".prediction"))


class Cluster(Result):
    cluster: int
    size: int


class ClusteringResult(Result):
    clusters: list[Cluster]
    labels: list[int | None] = Field(description="The cluster of each row; null: it was left out.")


CARD = Card(
    name="clustering",
    title="Clustering",
    summary="Finds groups of similar rows in a table by k-means and related methods; shows every iteration.",
    inputs=(Input("table", MediaKind.TABLE, "Table"),),
    produces=(Kind.SCATTER_STEPS, Kind.TABLE),
    predict_params=PredictParams,
    result=ClusteringResult,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="kmeans",
            title="k-means family",
            summary="Clusters each table from scratch, step by step. No training is needed.",
            architecture="kmeans",
            license="Apache-2.0",
        ),
    ),
    small_up_to=100_000,
    sweeps=(
        SampleSweep(
            "k-and-initialization",
            "Wine: k-means by number of clusters and initialization",
            HERE / "samples" / "k-and-initialization.sweep.json",
        ),
    ),
    paper=(
        "Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28(2), 1982; "
        "Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007; "
        "Huang, Extensions to the k-Means Algorithm for Clustering Large Data Sets with Categorical Values, "
        "Data Mining and Knowledge Discovery 2(3), 1998; "
        "Dhillon and Modha, Concept Decompositions for Large Sparse Text Data Using Clustering, "
        "Machine Learning 42, 2001; "
        "Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20, 1987"
    ),
    limits=(
        "k-means looks for round clusters of similar spread and always finds k of them, even in data without "
        "clusters. Outliers pull centroids towards themselves. Rows with missing values are left out. "
        "Exclude columns that only number the rows. At most 1,000,000 rows; 100,000 with categories."
    ),
    trains_on=Input("dataset", MediaKind.TABLE, "Table", required=False),
    sample_dataset=HERE / "samples" / "iris.csv",
    samples=(
        _sample(
            "iris",
            "Iris flowers",
            "R. A. Fisher 1936, UCI Machine Learning Repository, doi.org/10.24432/C56C76",
        ),
        _sample(
            "wine",
            "Italian wines",
            "Aeberhard and Forina 1991, UCI Machine Learning Repository, doi.org/10.24432/C5PC7J",
        ),
        _sample(
            "breast-cancer",
            "Breast tumors",
            "Wolberg, Mangasarian, Street and Street 1995, UCI Machine Learning Repository, "
            "doi.org/10.24432/C5DW2B",
        ),
        _sample(
            "diabetes",
            "Patients with diabetes",
            "Efron, Hastie, Johnstone and Tibshirani, Least Angle Regression, 2004; as scikit-learn ships it",
            "BSD-3-Clause (scikit-learn); the data is published without terms",
        ),
        _sample(
            "digits",
            "Handwritten digits",
            "Alpaydin and Kaynak 1998, UCI Machine Learning Repository, doi.org/10.24432/C50P49",
        ),
        _sample(
            "animals",
            "Animals (numbers and categories)",
            "Typical values, rounded, compiled by the project from general knowledge; not measured",
            "CC0-1.0",
        ),
    ),
    keeps_stages=True,
)
