"""Titles and explanations of the stages.

{method}, {minimizes} and {center} are those of the method in use (`models.clustering.objectives`).
"""

from models.core.contract.messages import Text
from models.core.tables.read_options import ColumnType

COLUMNS_TITLE = Text("clustering.columns.title", "Columns")
COLUMNS = Text(
    "clustering.columns.explanation",
    "Every column of the table: its type, which is guessed from its cells, the number of missing cells, the "
    "number of distinct values, its range, mean and distribution. A column in large units would dominate the "
    "distances; scaling makes all columns count alike. Rows with a missing value in one of the columns used "
    "are left out.",
)
INCOMPLETE = Text("clustering.columns.incomplete", "Rows left out: {lost:,} of {total:,}.")
COMPLETE = Text("clustering.columns.complete", "Rows: {total:,}, all of them complete.")

PROBLEMS_TITLE = Text("clustering.problems.title", "Problems in the table")
PROBLEMS = Text(
    "clustering.problems.explanation",
    "Unusual cells and columns, by row and column. Rows are numbered as in a spreadsheet: the first line of "
    "the file, header or not, is row 1. Nothing was corrected: a cell that does not fit its column counts as "
    "missing, and if its column is used, the job fails and names the cell.",
)
NOT_LISTED = Text("clustering.problems.not_listed", "Not listed: {count:,} more.")

ELBOW_TITLE = Text("clustering.elbow.title", "Number of clusters: elbow")
ELBOW = Text(
    "clustering.elbow.explanation",
    "The inertia is what {method} minimizes: {minimizes}. It falls with every additional cluster, so a low "
    "inertia alone does not mean a good clustering. Beyond the point where the curve bends (the elbow) more "
    "clusters bring little. The elbow is the point farthest below the straight line between the ends of the "
    "curve, here at {at}.",
)
SAMPLED = Text("clustering.elbow.sampled", "Computed on {points:,} of {total:,} rows.")

SILHOUETTE_TITLE = Text("clustering.silhouette.title", "Number of clusters: silhouette")
SILHOUETTE = Text(
    "clustering.silhouette.explanation",
    "The silhouette compares each row's distance to its own cluster with that to the nearest other cluster. "
    "It is 1 well inside a cluster, 0 on the border between two, and negative if another cluster would fit "
    "better. Its mean over all rows is highest for clusters that are compact and well separated. It is not "
    "defined for a single cluster.",
)

RESTARTS_TITLE = Text("clustering.restarts.title", "Restarts")
RESTARTS = Text(
    "clustering.restarts.explanation",
    "The outcome of {method} depends on the initial centers: each iteration lowers the inertia, until it "
    "reaches a local minimum. The algorithm is therefore run several times, and the outcome with the lowest "
    "inertia is kept. Very different outcomes mean that the clusters are not clear-cut.",
)

PATHS_TITLE = Text("clustering.paths.title", "Inertia of the restarts")
PATHS = Text(
    "clustering.paths.explanation",
    "Each line is one restart: its inertia from the initial centers to the end. Lines that end at the same "
    "height found clusters of the same quality, in most cases the same clusters. A line that ends higher "
    "stopped in a worse local minimum.",
)
DRAWN_RESTARTS = Text("clustering.paths.drawn", "Restarts drawn: {drawn:,} of {total:,}.")

INERTIA_TITLE = Text("clustering.inertia.title", "Inertia")
INERTIA = Text(
    "clustering.inertia.explanation",
    "The inertia after each iteration of the best restart: {minimizes}. Assigning each row to the nearest "
    "center cannot increase it, and neither can moving a center to the {center} of its rows. That is why "
    "{method} always converges.",
)

PROFILE_TITLE = Text("clustering.profile.title", "Cluster profiles")
PROFILE = Text(
    "clustering.profile.explanation",
    "The clusters in the units of the table: the number of rows, and the {center} of each column. The last "
    "line is that of all rows. The columns that differ most separate the clusters. Clusters are only "
    "numbered; it is up to you to interpret them.",
)
DIRECTION_PROFILE = Text(
    "clustering.profile.directions", "Mean directions have no unit; the table shows the means of the rows."
)

CLUSTERS_TITLE = Text("clustering.clusters.title", "Clusters")
CLUSTERS = Text(
    "clustering.clusters.explanation",
    "Play the iterations: each row is assigned to the nearest center, then each center moves to the {center} "
    "of its rows, until nothing changes. Dashed lines show the paths of the centers. {method} minimizes "
    "{minimizes}.",
)
ONE_BY_ONE = Text(
    "clustering.clusters.one_by_one",
    "Rows are visited one by one; when a row moves, both clusters update their centers at once.",
)
ASSIGNED = Text(
    "clustering.clusters.assigned",
    "The clusters were fitted to another table. Each row of this table is assigned to the nearest of their "
    "centers, which do not move.",
)
PROJECTED = Text(
    "clustering.clusters.projected",
    "The columns used span more than two dimensions, so the picture shows the plane in which the rows differ "
    "most (principal components). Rows that coincide here may be far apart in another direction.",
)
DRAWN_ROWS = Text(
    "clustering.clusters.drawn",
    "Rows drawn: {shown:,} of {total:,}, evenly spaced. All of them are counted.",
)

# labels of axes, curves and columns
CLUSTERS_AXIS = Text("clustering.labels.clusters", "clusters")
ITERATION = Text("clustering.labels.iteration", "iteration")
INERTIA_LABEL = Text("clustering.labels.inertia", "inertia")
SILHOUETTE_LABEL = Text("clustering.labels.silhouette", "silhouette")
CHANGED = Text("clustering.labels.changed", "changed")
ROW = Text("clustering.labels.row", "row")
ELBOW_MARK = Text("clustering.labels.elbow", "elbow")
RESTART = Text("clustering.labels.restart", "restart {number}")
RESTART_KEPT = Text("clustering.labels.restart_kept", "restart {number} (kept)")
COMPONENT = Text("clustering.labels.component", "component {number} ({share:.0%} of the variance)")
DIRECTION = Text("clustering.labels.direction", "{column} (direction)")
RESTART_NUMBER = Text("clustering.labels.restart_number", "restart")
INITIAL_INERTIA = Text("clustering.labels.initial_inertia", "initial inertia")
FINAL_INERTIA = Text("clustering.labels.final_inertia", "final inertia")
ITERATIONS = Text("clustering.labels.iterations", "iterations")
KEPT = Text("clustering.labels.kept", "kept")
CLUSTER = Text("clustering.labels.cluster", "cluster")
ALL = Text("clustering.labels.all", "all")
USED = Text("clustering.labels.used", "used")
DISTRIBUTION = Text("clustering.labels.distribution", "distribution")
REASON = Text("clustering.labels.reason", "reason not used")
YES = Text("clustering.labels.yes", "yes")
NO = Text("clustering.labels.no", "no")

# why a column is not used
NO_VALUES = Text("clustering.unused.no_values", "no values")
MISFIT = Text("clustering.unused.misfit", "row {row}: {cell!r} {reason}")
DATE_NOT_SELECTED = Text("clustering.unused.date", "dates are used only if the column is selected")
NOT_SELECTED = Text("clustering.unused.not_selected", "not selected")
NOT_SUITABLE = {
    ColumnType.NUMBER: Text("clustering.unused.numbers", "{method} does not use numbers"),
    ColumnType.CATEGORY: Text("clustering.unused.categories", "{method} does not use categories"),
    ColumnType.DATE: Text("clustering.unused.dates", "{method} does not use dates"),
    ColumnType.TEXT: Text("clustering.unused.text", "{method} does not use free text"),
}
