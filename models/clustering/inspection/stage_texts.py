"""What each stage shows, for somebody who sees it for the first time.

{method}, {minimizes}, {center} and {centers} are filled in by the method that was chosen.
"""

COLUMNS = (
    "What was read, column by column: its type, which is guessed from its cells, how many cells are missing, "
    "how many values are unlike each other, their range and mean, and how they are spread. A column in large "
    "units would outweigh the others in a distance; scaling makes them count alike. Rows that miss a value "
    "in one of the used columns are left out."
)
PROBLEMS = (
    "What is odd about the table, with its row and column. Rows are counted as a spreadsheet counts them: "
    "the first line, header or not, is row 1. Nothing was mended: a cell that does not fit counts as "
    "missing, and where its column is used, the answer stops there and names it."
)
ELBOW = (
    "The inertia is what {method} minimizes: {minimizes}. More clusters make it smaller, so small is not "
    "good in itself. Where the curve bends, more clusters stop to pay: that is the knee. It is found as the "
    "point farthest below the straight line between both ends of the curve."
)
SILHOUETTE = (
    "For each row: how far is it from its own cluster, and how far from the nearest other one? 1 means it "
    "lies well inside its own, 0 on the border, below 0 that it would fit better elsewhere. The mean over "
    "all rows is highest where the clusters are compact and apart. For one cluster there is none."
)
RESTARTS = (
    "Where {method} ends depends on where it starts: it goes downhill and stops in the first valley. So it "
    "is started several times, and the end with the smallest inertia is kept. Ends that differ much say that "
    "the clusters are not clear."
)
PATHS = (
    "Each line is one start: its inertia from the first centers to where it stopped. Lines that end at one "
    "height found clusters of the same worth, most often the same clusters. A line that ends higher was "
    "caught in a worse valley."
)
INERTIA = (
    "The inertia with each iteration of the best start: {minimizes}. Giving each row to the nearest center "
    "cannot make it larger, and moving a center to the {center} of its rows cannot either. That is why "
    "{method} always comes to an end."
)
PROFILE = (
    "The clusters in the units of the table: how many rows, and the {center} of each column{but}. The last "
    "row is that of all rows. Columns that differ most tell the clusters apart. The names of the clusters "
    "are numbers: what they mean is for you to find."
)
DIRECTIONS = "; mean directions have no unit, so the means of the rows are shown"
CLUSTERS = (
    "Play the iterations: each row is given to the nearest center, then each center moves to the {center} of "
    "its rows, and again, until nothing changes. The dashed lines are the ways that the centers went. "
    "{method} minimizes {minimizes}."
)
ONE_BY_ONE = " Rows are looked at one by one; when one moves, both clusters get new centers at once."
ASSIGNED = (
    "The clusters were made from another table and are kept. Each row of this one is given to the nearest of "
    "their centers; the centers stay where they are."
)
PROJECTED = (
    " There are more columns than a picture has sides, so you see the plane in which the rows differ most "
    "(principal components); rows that lie on each other here may be apart in another direction."
)
