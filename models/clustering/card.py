"""Clustering: what it is, takes and gives."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import Card, Kind, MediaKind, ModelCard, Sample
from models.core.tables.read_options import Reading

HERE = Path(__file__).parent
UCI = "CC-BY-4.0"


MOST_CLUSTERS = 20
METHODS = Literal["k-means", "k-medians", "spherical k-means", "k-modes", "k-prototypes"]
INITS = Literal["k-means++", "random", "placed", "Cao", "Huang"]


class PredictParams(Reading):
    """Options of one clustering."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "By Manhattan distance", "method": "k-medians"},
                {"title": "Numbers and categories", "method": "k-prototypes"},
                {"title": "One start, and look where it goes", "init": "random", "n_init": 1},
            ]
        }
    )

    n_clusters: int = Field(
        default=3,
        ge=1,
        le=MOST_CLUSTERS,
        title="Clusters (k)",
        description="How many groups the rows are put into.",
    )
    method: METHODS = Field(
        default="k-means",
        title="Method",
        description="For numbers k-means (squared distances), k-medians (Manhattan distances) or spherical "
        "k-means (cosine); for categories k-modes; for both k-prototypes.",
    )
    init: INITS = Field(
        default="k-means++",
        title="Start",
        description="The first centers: rows far from each other (k-means++), any rows (random), or your own "
        "(placed); for categories also those of Cao or Huang.",
    )
    starts: str = Field(
        default="",
        max_length=20_000,
        title="Your own start",
        description="For placed: a point for each cluster with semicolons between, its values with commas "
        "between, in the order of the used columns: 5.0, 3.4; 6.2, 2.8. Two values of more columns are a "
        "place in the picture; there they can be dragged too.",
        json_schema_extra={"applies": {"init": ["placed"]}},
    )
    n_init: int = Field(
        default=10,
        ge=1,
        le=50,
        title="Starts",
        description="So many starts are tried, the best end is kept.",
        json_schema_extra={"applies": {"init": ["k-means++", "random", "Huang"]}},
    )
    scaling: Literal["none", "standard", "min-max"] = Field(
        default="standard",
        title="Scaling",
        description="Makes columns of different units count alike: spread 1, or everything from 0 to 1.",
        json_schema_extra={
            "applies": {"method": ["k-means", "k-medians", "spherical k-means", "k-prototypes"]}
        },
    )
    gamma: float = Field(
        default=0.0,
        ge=0.0,
        le=1e6,
        title="Weight of categories",
        description="For k-prototypes: what a category that differs costs, beside the squared distance of "
        "the numbers (gamma); 0 takes half the numbers' mean spread.",
        json_schema_extra={"applies": {"method": ["k-prototypes"]}},
    )
    max_iter: int = Field(
        default=300, ge=1, le=300, title="Most iterations", description="When to stop if it does not settle."
    )
    columns: list[str] = Field(
        default=[],
        max_length=1_000,
        title="Columns",
        description="The columns to use; empty: all that fit the method. Dates count as days where they are "
        "chosen here, or told to be dates.",
        json_schema_extra={"format": "columns"},
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="The same seed gives the same clusters; another one may end in others.",
    )


class TrainParams(PredictParams):
    """Options of a clustering whose clusters are kept, so that other tables can be assigned to them."""


def _sample(name: str, title: str, credit: str, license: str = UCI) -> Sample:  # noqa: A002  as in Sample
    return Sample(name, title, HERE / "samples" / f"{name}.csv", credit, license)


CARD = Card(
    name="clustering",
    title="Clustering",
    summary="Finds groups of similar rows in a table by k-means and its kin, and shows every iteration.",
    accepts=Kind.TABLE,
    produces=(Kind.SCATTER_STEPS, Kind.TABLE),
    predict_params=PredictParams,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="kmeans",
            title="k-means and kin",
            summary="Clusters each table anew, step by step. Nothing is trained beforehand.",
            architecture="kmeans",
            license="Apache-2.0",
            weights=HERE / "weights" / "kmeans.safetensors",
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
        "k-means looks for round groups of like spread and always finds as many as it is asked for, also "
        "where there are none. Far-off rows pull centroids to themselves. Rows with missing values are left "
        "out. Leave out columns that only number the rows. At most 1,000,000 rows, with categories 100,000."
    ),
    trains_on=MediaKind.TABLE,
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
            "Breast tumours",
            "Wolberg, Mangasarian, Street and Street 1995, UCI Machine Learning Repository, "
            "doi.org/10.24432/C5DW2B",
        ),
        _sample(
            "diabetes",
            "Diabetes patients",
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
            "Typical values, rounded, written down by the project from general knowledge: no measurements",
            "CC0-1.0",
        ),
    ),
)
