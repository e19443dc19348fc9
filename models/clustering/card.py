"""Clustering: what it is, takes and gives."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from models.core.card import Card, Kind, ModelCard, Params, Sample

HERE = Path(__file__).parent
UCI = "CC-BY-4.0"


class PredictParams(Params):
    """Options of one clustering."""

    n_clusters: int = Field(
        default=3, ge=1, le=20, title="Clusters (k)", description="How many groups the rows are put into."
    )
    init: Literal["k-means++", "random"] = Field(
        default="k-means++",
        title="Start",
        description="The first centroids: rows far from each other (k-means++), or any rows.",
    )
    n_init: int = Field(
        default=10, ge=1, le=50, title="Starts", description="So many starts are tried, the best end is kept."
    )
    scaling: Literal["none", "standard", "min-max"] = Field(
        default="standard",
        title="Scaling",
        description="Makes columns of different units count alike: spread 1, or everything from 0 to 1.",
    )
    max_iter: int = Field(
        default=300, ge=1, le=300, title="Most iterations", description="When to stop if it does not settle."
    )
    columns: str = Field(
        default="",
        max_length=20_000,
        title="Columns",
        description="Names of the columns to use, with commas between; empty: every column of numbers.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="The same seed gives the same clusters; another one may end in others.",
    )


CARD = Card(
    name="clustering",
    title="Clustering",
    summary="Finds groups of similar rows in a table by k-means, and shows every iteration.",
    accepts=Kind.TABLE,
    produces=(Kind.SCATTER_STEPS, Kind.TABLE),
    predict_params=PredictParams,
    models=(
        ModelCard(
            name="kmeans",
            title="k-means",
            summary="Lloyd's algorithm from k-means++ starts, step by step. Nothing is trained.",
            architecture="kmeans",
            license="Apache-2.0",
            weights=HERE / "weights" / "kmeans.safetensors",
        ),
    ),
    paper=(
        "Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28(2), 1982; "
        "Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007; "
        "Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20, 1987"
    ),
    limits=(
        "k-means looks for round groups of like spread and always finds as many as it is asked for, also "
        "where there are none. Far-off rows pull centroids to themselves. Columns of text are left out, rows "
        "with missing values too. Leave out columns that only number the rows. At most 100,000 rows."
    ),
    samples=(
        Sample(
            name="iris",
            title="Iris flowers",
            file=HERE / "samples" / "iris.csv",
            credit="R. A. Fisher 1936, UCI Machine Learning Repository, doi.org/10.24432/C56C76",
            license=UCI,
        ),
        Sample(
            name="wine",
            title="Italian wines",
            file=HERE / "samples" / "wine.csv",
            credit="Aeberhard and Forina 1991, UCI Machine Learning Repository, doi.org/10.24432/C5PC7J",
            license=UCI,
        ),
    ),
)
