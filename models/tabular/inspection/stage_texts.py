"""What each stage shows, for somebody who sees it for the first time."""

ROLES = (
    "What was read, and what each column is used for. The target is what the model learns to predict; the "
    "features are what it predicts from. A column of dates that nobody chose, of free text or without "
    "values is left out, and so is one with a cell that does not fit its type; the last column says why. "
    "Types are guessed from the cells and can be changed."
)
PROBLEMS = (
    "What is odd about the table, with its row and column. Rows are counted as a spreadsheet counts them: "
    "the first line, header or not, is row 1. A cell that does not fit its column counts as missing."
)
SPLIT = (
    "The rows were dealt out at random by the seed. The model learns from the training rows only; of a "
    "network, the epoch is kept that did best on the validation rows; the test rows are looked at once, "
    "at the end. What they say is what to expect on new rows. Classes are dealt out in like proportions."
)
PREPARED = (
    "A model computes with numbers. Numbers are moved and stretched to mean 0 and spread 1, so that all "
    "features count alike; a category becomes a column of zeros and ones for each of its words; a date "
    "becomes the days since the first training date and, where the rows reach over two years and over two "
    "weeks, a column of zeros and ones for each month and weekday; gaps are filled. Dates, means, spreads "
    "and words are those of the training rows: the others must stay unseen."
)
LOSS_NETWORK = (
    "How wrong the network was after each epoch, that is, each time it had seen all training rows. While "
    "both lines fall it learns what holds for all rows; where only the training's falls, it learns those "
    "rows by heart: overfitting. The weights of the epoch with the lowest loss on validation rows were "
    "kept: {best}."
)
LOSS_DESCENT = (
    "Gradient descent from zero: each step goes downhill, as far as the learning rate says. The level "
    "line is the exact solution, which scikit-learn computes without such steps; it is what answers. "
)
CRITICAL = {
    "linear": "Here the rate is {rate:.3g}; above {value:.3g} every step overshoots, and the loss grows "
    "without end.",
    "logistic": "Here the rate is {rate:.3g}; up to {value:.3g} every step goes downhill; far above, it "
    "leaps to and fro.",
}
DIVERGED = " It diverged at {what} {epoch}: the loss grew beyond all bounds, so it was stopped there."
COEFFICIENTS_BY_STEP = (
    "The coefficients of the scaled features after each step of gradient descent. They set out from zero; "
    "the important ones move first and far, and features that say much the same share the work between "
    "them. The last point is scikit-learn's exact solution. {part}"
)
WATCHED_LINE = (
    "One feature, so the model is a line that can be drawn. Play the steps to watch it find its place "
    "among the rows. {truth} The last step is {last}."
)
LINE_NUMBERS = "Points are rows: the feature across, the target upwards."
LINE_CLASSES = (
    "Points are rows at 0 or 1, by their class; the line is the probability of {second!r}, and where it "
    "passes 0.5 the answer changes."
)
WATCHED_PLANE = (
    "Two features, so all that the model could ever say fits on a plane. Each place has the color of what "
    "is said there, the stronger the surer; points are rows with their true {what}. Play the steps to "
    "watch it take shape. A model without hidden layers can only draw straight borders; the last step is "
    "{last}."
)
COEFFICIENTS = (
    "What one step of a feature does to the {what} while all others stay as they are: in the table's own "
    "units, and for features scaled to spread 1, by which they can be compared. Features that go together "
    "share their effect between them. {baseline}"
)
QUALITY = (
    "How good the answers are, on rows that were learned from and on rows that were not. Training much "
    "better than test means overfitting. The baseline knows no feature: it always says {baseline}. A "
    "model that is no better has learned nothing."
)
QUALITY_KEPT = (
    "How good the model was on the rows that it was fitted to, and on those kept from it then; and on "
    "this table, where it has the target. Much worse here than on the test then: these rows are of "
    "another kind."
)
PREDICTED = (
    "Each point is a row: what the model said across, what was true upwards. On the line it was right. "
    "Points that bend away from the line say that something is not proportional to any feature."
)
RESIDUALS = (
    "What is left over: true minus predicted. A cloud without shape around zero is what one hopes for. A "
    "bow says that the relation is not straight; a funnel, that large values are less certain; single "
    "points far off are rows worth looking at."
)
CONFUSION = (
    "How often each class was taken for each. On the diagonal stand the right answers. Two classes that "
    "are often mistaken for each other look alike in these features."
)
ROC = (
    "A class is said when its probability passes a threshold. Lower the threshold, and more of the class "
    "are found, but more others are called so too: each point is a threshold. The farther the line bows "
    "to the upper left, the better; along the diagonal it guesses. The area under it is given behind each "
    "name."
)
PRECISION_RECALL = (
    "The same thresholds, asked otherwise: of those called so, how many are (precision), and how many of "
    "all were found (recall)? Where a class is rare this says more than the ROC curve. Guessing gives a "
    "level line at the class' share."
)
CALIBRATION = (
    "Do the probabilities mean what they say? Rows are gathered by the probability that was given; of "
    "those with 0.8, eight in ten should be of the class. On the diagonal they are; below it the model is "
    "too sure of itself, above it too timid. With few rows the line is rough."
)
PREDICTIONS = (
    "The answer for each row, with its part of the split: on training rows a model is better than it will "
    "be on new ones. For classes, the probability is that of the class that was said. All rows are in "
    "predictions.csv."
)
