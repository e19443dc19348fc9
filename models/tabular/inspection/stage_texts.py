"""Titles, explanations and labels of the stages, for a reader who sees each of them for the first time."""

from models.core.contract.messages import Text

COLUMNS_TITLE = Text("tabular.columns.title", "Columns")
COLUMNS = Text(
    "tabular.columns.explanation",
    "How each column was read, and its role. The model predicts the target from the features. A "
    "column is left out if it contains free text, has no values, or has a cell that does not fit its type; "
    "dates are used only if they are chosen. The last column gives the reason. Types are detected from the "
    "cells and can be changed.",
)
PROBLEMS_TITLE = Text("tabular.problems.title", "Problems in the table")
PROBLEMS = Text(
    "tabular.problems.explanation",
    "Unusual values in the table, by row and column. Rows are counted as in a spreadsheet: the first line "
    "of the file, header or not, is row 1. A cell that does not fit its column's type counts as missing.",
)
MORE_PROBLEMS = Text("tabular.problems.more", "{n:,} more are not listed.")
SPLIT_TITLE = Text("tabular.split.title", "Training, validation, test")
SPLIT = Text(
    "tabular.split.explanation",
    "The rows were split at random; the seed decides how. The model learns from the training rows only. The "
    "test rows are used once, at the end, to estimate the quality on new rows. Every part has about the same "
    "share of each class.",
)
SPLIT_EPOCH = Text(
    "tabular.split.epoch", "The epoch with the lowest loss on the validation rows is kept, of all epochs."
)
SPLIT_STRENGTH = Text(
    "tabular.split.strength", "On the validation rows, {name} = {value:g} was chosen: it has the lowest loss."
)
SPLIT_UNUSED = Text(
    "tabular.split.unused",
    "Nothing is chosen on validation rows here, so there are none: all rows but the test rows are for "
    "training.",
)
STRENGTH_TITLE = Text("tabular.strength.title", "Choice of the regularization")
STRENGTH = Text(
    "tabular.strength.explanation",
    "For each value of {name} the model was fitted to the training rows, and its loss measured on the "
    "validation rows, without the penalty. The value with the lowest loss, {value:g}, is used.",
)
PREPARED_TITLE = Text("tabular.prepared.title", "Preprocessing")
PREPARED = Text(
    "tabular.prepared.explanation",
    "A model computes with numbers only. Numeric features are standardized to mean 0 and standard deviation "
    "1, so that all have the same scale. A category is one-hot encoded: a column of zeros and ones for each "
    "of its values. A date becomes the days since the first training date, with a column for each month if "
    "the training rows span two years, and for each weekday if they span two weeks. Missing values are "
    "filled in. Every number here comes from the training rows, so that the validation and test rows stay "
    "unseen.",
)
LOSS_TITLE = Text("tabular.loss.title", "Loss")
LOSS_NETWORK = Text(
    "tabular.loss.network",
    "The loss after each epoch, one pass over all training rows. As long as both curves fall, the network "
    "learns what holds for all rows. Where only the training loss keeps falling, it memorizes the training "
    "rows: it overfits.",
)
KEPT_BEST = Text(
    "tabular.loss.kept_best", "The weights of epoch {epoch}, with the lowest validation loss, were kept."
)
KEPT_LAST = Text(
    "tabular.loss.kept_last", "Without validation rows, the weights of the last epoch, {epoch}, were kept."
)
LOSS_DESCENT = Text(
    "tabular.loss.descent",
    "Gradient descent starts at zero and moves the coefficients against the gradient in every step, by the "
    "learning rate. The horizontal line is the exact solution, which scikit-learn computes directly; "
    "predictions use the exact solution.",
)
PENALTY = Text(
    "tabular.loss.penalty",
    "Gradient descent and the exact solution minimize the loss plus a penalty on the squared coefficients. "
    "The training curve and the line show this sum.",
)
WEIGHTED = Text(
    "tabular.loss.weighted",
    "The rows are weighted so that all classes count alike, however many rows they have.",
)
CRITICAL_LINEAR = Text(
    "tabular.loss.critical_linear",
    "The learning rate is {rate:.3g}; above {critical:.3g} every step overshoots and the loss grows without "
    "bound.",
)
CRITICAL_LOGISTIC = Text(
    "tabular.loss.critical_logistic",
    "The learning rate is {rate:.3g}; up to {critical:.3g} every step goes downhill, far above it the loss "
    "oscillates.",
)
DIVERGED_EPOCH = Text(
    "tabular.loss.diverged_epoch",
    "The training diverged at epoch {n:,}: the loss grew without bound, so it was stopped.",
)
DIVERGED_STEP = Text(
    "tabular.loss.diverged_step",
    "Gradient descent diverged at step {n:,}: the loss grew without bound, so it was stopped.",
)
DESCENT_TITLE = Text("tabular.descent.title", "Coefficients by step")
DESCENT = Text(
    "tabular.descent.explanation",
    "The coefficients of the scaled features after each step of gradient descent. All start at zero. The "
    "most important ones move first and farthest; correlated features share the effect. The last point is "
    "scikit-learn's exact solution.",
)
LARGEST_SHOWN = Text("tabular.descent.largest", "The {n} largest of {total:,} are shown.")
FIRST_CLASS = Text("tabular.descent.first_class", "The coefficients are those of class {name!r}.")
LINE_TITLE = Text("tabular.line.title", "The model as a line")
LINE_NUMBERS = Text(
    "tabular.line.numbers",
    "With one feature, the model is a line. Each point is a row, with the feature on the x-axis and the "
    "target on the y-axis. Play the steps to see the line approach the rows.",
)
LINE_CLASSES = Text(
    "tabular.line.classes",
    "With one feature, the model is a curve: the probability of {name!r}. Each point is a row, at 1 if it "
    "belongs to that class and at 0 if not. Where the curve crosses 0.5, the predicted class changes. Play "
    "the steps to see the curve approach the rows.",
)
SURFACE_TITLE = Text("tabular.plane.title", "The model as a surface")
SURFACE = Text(
    "tabular.plane.explanation",
    "With two features, all predictions fit on a plane. The color at a place is the prediction there; each "
    "point is a row with its actual value. Play the steps to see the surface form.",
)
BOUNDARY_TITLE = Text("tabular.plane.boundary_title", "Decision boundary")
BOUNDARY = Text(
    "tabular.plane.boundary",
    "With two features, all predictions fit on a plane. The color at a place is the predicted class, "
    "stronger where its probability is higher; each point is a row with its actual class. Play the steps to "
    "see the boundary form.",
)
STRAIGHT = Text(
    "tabular.plane.straight", "Without hidden layers, the boundary between two classes is a straight line."
)
LAST_IS_KEPT = Text("tabular.steps.last_is_kept", "The last step is the epoch that was kept, {epoch}.")
LAST_IS_EXACT = Text("tabular.steps.last_is_exact", "The last step is scikit-learn's exact solution.")
COEFFICIENTS_TITLE = Text("tabular.coefficients.title", "Coefficients")
COEFFICIENTS = Text(
    "tabular.coefficients.explanation",
    "How much the prediction ({output}) changes when a feature grows by one unit and all others stay the "
    "same. The scaled coefficients hold for features of standard deviation 1 and can be compared with each "
    "other. Correlated features share their effect.",
)
REFERENCE = Text(
    "tabular.coefficients.reference",
    "The coefficient of a category is the difference from the reference category of its column, the most "
    "frequent one, which has the coefficient 0.",
)
COMPARED = Text("tabular.coefficients.compared", "{output} compared with {reference}")
IS_REFERENCE = Text("tabular.coefficients.is_reference", "reference")
PER_UNIT = Text("tabular.coefficients.per_unit", "{output} per {unit}")
IF_TRUE = Text("tabular.coefficients.if_true", "{output} if true")
ODDS_OF = Text("tabular.coefficients.odds_of", "The log odds are those of class {name!r}.")
LOG_ODDS = Text("tabular.coefficients.log_odds", "log odds")
QUALITY_TITLE = Text("tabular.quality.title", "Quality")
QUALITY_CLASSES = Text(
    "tabular.quality.classes",
    "The quality of the predictions on each part of the rows. A training quality far above the test quality "
    "means overfitting. The baseline uses no features: it always predicts the most frequent class, with the "
    "class shares of the training rows as probabilities. A model that is no better has learned nothing.",
)
QUALITY_NUMBERS = Text(
    "tabular.quality.numbers",
    "The quality of the predictions on each part of the rows. A training quality far above the test quality "
    "means overfitting. The baseline uses no features: it always predicts the mean of the training rows. A "
    "model that is no better has learned nothing.",
)
INTERVAL = Text(
    "tabular.quality.interval",
    "Measured on other rows, the figures would differ: the 95% interval shows by how much, from {n:,} "
    "bootstrap resamples of the {rows:,} rows.",
)
BY_CLASS_TITLE = Text("tabular.by_class.title", "Quality by class")
BY_CLASS = Text(
    "tabular.by_class.explanation",
    "Recall is the share of a class's rows that are predicted as it; precision is the share of the rows "
    "predicted as a class that belong to it. F1 is their harmonic mean. A rare class may have a recall of 0 "
    "although the accuracy is high.",
)
FOLDS_TITLE = Text("tabular.folds.title", "Cross-validation")
FOLDS = Text(
    "tabular.folds.explanation",
    "The rows were divided into {folds} folds at random. For each fold a model was fitted, "
    "preprocessing included, to the rows of all other folds and measured on this one: {tested:,} rows are "
    "tested once. The mean estimates the quality on new rows, the standard deviation how much it varies "
    "with the rows. The kept model is that of the single split.",
)
QUALITY_FITTED = Text(
    "tabular.quality.fitted",
    "The quality of the model at the time of the fit and, if this table has the target, on this table. If it "
    "is much lower here than on the test rows of the fit, these rows differ from those of the fit.",
)
PREDICTED_TITLE = Text("tabular.predicted.title", "Predicted and actual")
PREDICTED = Text(
    "tabular.predicted.explanation",
    "Each point is a row, with the predicted value on the x-axis and the actual value on the y-axis. On the "
    "line both are equal. A curved cloud of points indicates a relationship that is not linear.",
)
RESIDUALS_TITLE = Text("tabular.residuals.title", "Residuals")
RESIDUALS = Text(
    "tabular.residuals.explanation",
    "The residual is the actual value minus the predicted value. Ideally the residuals scatter around zero "
    "without a pattern. A curve indicates a relationship that is not linear; a funnel means that the "
    "uncertainty grows with the value; single points far from zero are rows worth checking.",
)
CONFUSION_TITLE = Text("tabular.confusion.title", "Confusion matrix")
CONFUSION = Text(
    "tabular.confusion.explanation",
    "Actual classes in rows, predicted classes in columns; each cell counts rows of the table. Correct "
    "predictions are on the diagonal. Two classes that are often confused are similar in these features.",
)
ROC_TITLE = Text("tabular.roc.title", "ROC curve")
ROC = Text(
    "tabular.roc.explanation",
    "A class is predicted when its probability exceeds a threshold; each point of the curve is a threshold. "
    "A lower threshold finds more rows of the class (true positives) but also takes more other rows for it "
    "(false positives). The closer the curve comes to the upper left corner, the better; the diagonal is "
    "guessing. The number after each name is the area under the curve (AUC).",
)
PRECISION_TITLE = Text("tabular.precision.title", "Precision and recall")
PRECISION = Text(
    "tabular.precision.explanation",
    "Of the rows predicted as a class, precision is the share that belong to it. Of the rows that belong to "
    "the class, recall is the share that are predicted as it. Each point of the curve is a threshold. For a "
    "rare class this is more informative than the ROC curve. Guessing gives a horizontal line at the share "
    "of the class. The number after each name is the average precision.",
)
CALIBRATION_TITLE = Text("tabular.calibration.title", "Calibration")
CALIBRATION = Text(
    "tabular.calibration.explanation",
    "Whether the probabilities are accurate. Rows are grouped by predicted probability; of the rows with a "
    "probability of 0.8, 80% should belong to the class. On the diagonal they do. Below it the model is "
    "overconfident, above it underconfident. With few rows the curve is rough.",
)
PREDICTIONS_TITLE = Text("tabular.predictions.title", "Predictions")
PREDICTIONS = Text(
    "tabular.predictions.explanation",
    "The prediction for each row. On training rows a model is better than on new ones. For classes, the "
    "probability is that of the predicted class. The file predictions.csv has all rows.",
)
PREDICTIONS_FITTED = Text(
    "tabular.predictions.fitted",
    "The prediction for each row of this table by the model fitted before, beside the values from which it "
    "was made. The file predictions.csv has all rows and columns.",
)
FIRST_FEATURES = Text("tabular.predictions.first_features", "The first {n} of {total:,} features are shown.")
FIRST_LISTED = Text("tabular.predictions.first", "The first {n:,} of {total:,} rows are listed.")

EPOCH = Text("tabular.labels.epoch", "epoch")
STEP = Text("tabular.labels.step", "step")
TRAINING = Text("tabular.labels.training", "training")
VALIDATION = Text("tabular.labels.validation", "validation")
VALIDATION_WITHOUT_PENALTY = Text("tabular.labels.validation_without_penalty", "validation, without penalty")
EXACT_TRAINING = Text("tabular.labels.exact_training", "exact solution, training")
LOG_LOSS = Text("tabular.labels.log_loss", "log loss")
HALF_MSE = Text("tabular.labels.half_mse", "half the mean squared error, scaled")
LOG_LOSS_PENALTY = Text("tabular.labels.log_loss_penalty", "log loss plus penalty")
HALF_MSE_PENALTY = Text(
    "tabular.labels.half_mse_penalty", "half the mean squared error, scaled, plus penalty"
)
SCALED_COEFFICIENT = Text("tabular.labels.scaled_coefficient", "coefficient, scaled")
PROBABILITY_OF = Text("tabular.labels.probability_of", "probability of {name}")
STEP_EPOCH = Text("tabular.labels.epoch_number", "epoch {n}")
STEP_STEP = Text("tabular.labels.step_number", "step {n}")
STEP_KEPT = Text("tabular.labels.kept", "kept")
STEP_EXACT = Text("tabular.labels.exact", "exact solution")
PREDICTED_TARGET = Text("tabular.labels.predicted", "predicted {target}")
ACTUAL_TARGET = Text("tabular.labels.actual", "actual {target}")
RESIDUAL = Text("tabular.labels.residual", "residual")
EQUAL = Text("tabular.labels.equal", "predicted = actual")
GUESSING = Text("tabular.labels.guessing", "guessing")
FALSE_POSITIVE_RATE = Text("tabular.labels.false_positive_rate", "false positive rate")
TRUE_POSITIVE_RATE = Text("tabular.labels.true_positive_rate", "true positive rate")
RECALL_AXIS = Text("tabular.labels.recall", "recall")
PRECISION_AXIS = Text("tabular.labels.precision", "precision")
PREDICTED_PROBABILITY = Text("tabular.labels.predicted_probability", "predicted probability")
ACTUAL_SHARE = Text("tabular.labels.actual_share", "actual share")
CALIBRATED = Text("tabular.labels.calibrated", "perfectly calibrated")
TEST = Text("tabular.labels.test", "test")
PARTS = {"training": TRAINING, "validation": VALIDATION, "test": TEST}
BASELINE = Text("tabular.labels.baseline", "baseline, {part}")
INTERVAL_LOW = Text("tabular.labels.interval_low", "95% interval from")
INTERVAL_HIGH = Text("tabular.labels.interval_high", "95% interval to")
AT_THE_FIT = Text("tabular.labels.at_the_fit", "{part}, at the fit")
THIS_TABLE = Text("tabular.labels.this_table", "this table")
MEAN = Text("tabular.labels.mean", "mean")
STANDARD_DEVIATION = Text("tabular.labels.standard_deviation", "standard deviation")
FOLD = Text("tabular.labels.fold", "fold {n}")
TEST_ROWS = Text("tabular.labels.test_rows", "test rows")
TRAINING_ROWS = Text("tabular.labels.training_rows", "training rows")
THESE_ROWS = Text("tabular.labels.these_rows", "rows of this table")

# headings and cells of tables
PART = Text("tabular.headings.part", "part")
ROLE = Text("tabular.headings.role", "role")
REASON = Text("tabular.headings.reason", "reason")
FEATURE = Text("tabular.headings.feature", "feature")
TARGET = Text("tabular.cells.target", "target")
LEFT_OUT = Text("tabular.cells.left_out", "left out")
VALIDATION_LOSS = Text("tabular.headings.validation_loss", "validation loss")
ENCODING = Text("tabular.headings.encoding", "encoding")
FILL_VALUE = Text("tabular.headings.fill_value", "fill value")
COLUMN_COUNT = Text("tabular.headings.columns", "columns")
STANDARDIZED = Text("tabular.cells.standardized", "standardized")
STANDARDIZED_DAYS = Text("tabular.cells.standardized_days", "standardized days since {first}")
CYCLES = {"month": Text("tabular.cells.month", "month"), "weekday": Text("tabular.cells.weekday", "weekday")}
AND = Text("tabular.cells.and", "{left} and {right}")
ONE_HOT = Text("tabular.cells.one_hot", "one-hot")
ONE_HOT_REFERENCE = Text("tabular.cells.one_hot_reference", "one-hot, reference {reference}")
INTERCEPT = Text("tabular.cells.intercept", "intercept")
DAY = Text("tabular.cells.day", "day")
UNIT = Text("tabular.headings.unit", "unit")
COEFFICIENT = Text("tabular.headings.coefficient", "coefficient")
COEFFICIENT_OF = Text("tabular.headings.coefficient_of", "coefficient, {name}")
SCALED = Text("tabular.headings.scaled", "scaled")
SCALED_OF = Text("tabular.headings.scaled_of", "scaled, {name}")
PROBABILITY = Text("tabular.headings.probability", "probability")
CLASS = Text("tabular.headings.class", "class")
PREDICTED_ROWS = Text("tabular.headings.predicted_rows", "predicted rows")
F1 = Text("tabular.headings.f1", "F1")
FOLD_NUMBER = Text("tabular.headings.fold", "fold")
METRICS = {
    "r2": Text("tabular.metrics.r2", "R²"),
    "mae": Text("tabular.metrics.mae", "mean absolute error"),
    "rmse": Text("tabular.metrics.rmse", "root mean squared error"),
    "accuracy": Text("tabular.metrics.accuracy", "accuracy"),
    "f1_macro": Text("tabular.metrics.f1_macro", "macro F1"),
    "log_loss": Text("tabular.metrics.log_loss", "log loss"),
    "roc_auc": Text("tabular.metrics.roc_auc", "area under ROC"),
}
LOSS = Text("tabular.labels.loss", "loss")
MODEL = Text("tabular.labels.model", "model")
FIT = Text("tabular.labels.fit", "fit")
CLASS_AND_FIGURE = Text("tabular.labels.class_and_figure", "{name} ({figure:.3f})")
