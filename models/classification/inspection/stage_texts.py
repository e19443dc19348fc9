"""The texts of the stages."""

from models.core.contract.messages import Text

INPUT = Text("classification.input.title", "The picture as the network receives it")
INPUT_ABOUT = Text(
    "classification.input.explanation",
    "Resized to {size} pixels on its longer side; both sides are rounded to multiples of 32, as the network "
    "halves them five times.",
)
INPUT_ALT = Text("classification.input.alt", "The picture at {width} by {height} pixels.")
MAPS = Text("classification.maps.title", "Feature maps")
MAPS_ABOUT = Text(
    "classification.maps.explanation",
    "The backbone was trained to detect 80 kinds of objects. C3 responds to edges and textures, C4 to "
    "parts, C5 to whole things: each of its 512 maps has one cell for 32 × 32 pixels.",
)
LEVEL = Text("classification.maps.level", "{name}, stride {stride}")
CONTRIBUTIONS = Text("classification.contributions.title", "From numbers to a decision")
CONTRIBUTIONS_ABOUT = Text(
    "classification.contributions.maxima",
    "Of each map of {levels} only the maximum remains: {features:,} numbers. They are standardized by "
    "those of the training pictures, multiplied by a weight for each class and added. The table shows the "
    "numbers that distinguish {first} and {second} most in this picture. The last row is the sum, the logit.",
)
CONTRIBUTIONS_WITH_MEANS = Text(
    "classification.contributions.explanation",
    "Of each map of C5 only the mean and the maximum remain: {features:,} numbers. They are standardized by "
    "those of the training pictures, multiplied by a weight for each class and added. The table shows the "
    "numbers that distinguish {first} and {second} most in this picture. The last row is the sum, the logit.",
)
FEATURE = Text("classification.contributions.feature", "feature")
VALUE = Text("classification.contributions.value", "value")
STANDARDIZED = Text("classification.contributions.standardized", "standardized")
DIFFERENCE = Text("classification.contributions.difference", "difference")
MEAN_OF = Text("classification.contributions.mean", "mean of map {map}")
MAXIMUM_OF = Text("classification.contributions.maximum", "maximum of map {map}")
MAXIMUM_OF_LEVEL = Text("classification.contributions.maximum_of_level", "C{level}: maximum of map {map}")
OTHERS = Text("classification.contributions.others", "{n:,} other features")
BIAS = Text("classification.contributions.bias", "bias")
LOGIT = Text("classification.contributions.logit", "logit")
ACTIVATION = Text("classification.activation.title", "Class activation maps")
ACTIVATION_ABOUT = Text(
    "classification.activation.maxima",
    "What each cell adds to the logit of a class. Because the head is linear, this is exact: the sum over "
    "the cells and a constant is the logit. A maximum belongs to the cell that has it; those of {levels} are "
    "added, in cells of 32 × 32 pixels.",
)
ACTIVATION_WITH_MEANS = Text(
    "classification.activation.explanation",
    "What each cell of C5 adds to the logit of a class. Because the head is linear, this is exact: the sum "
    "over the cells and a constant is the logit. A mean is shared by all cells; a maximum belongs to the "
    "cell that has it.",
)
ACTIVATION_LEVEL = Text("classification.activation.level", "classes")
EVIDENCE = Text("classification.evidence.title", "Where the evidence lies")
EVIDENCE_ABOUT = Text(
    "classification.evidence.explanation",
    "The class activation maps of the two most probable classes over the picture, relative to the mean over "
    "all classes: orange speaks for the class, blue against it. If the orange lies on the background, the "
    "model recognizes the place and not the thing: collect pictures with other backgrounds.",
)
PICTURE = Text("classification.evidence.picture", "Picture")
PICTURE_ALT = Text("classification.evidence.picture_alt", "The uploaded picture.")
EVIDENCE_FOR = Text("classification.evidence.for", "Evidence for {name}")
EVIDENCE_ALT = Text(
    "classification.evidence.alt", "The picture with the evidence for {name}, which is strongest {place}."
)
PLACES = (
    Text("classification.place.top_left", "at the top left"),
    Text("classification.place.top", "at the top"),
    Text("classification.place.top_right", "at the top right"),
    Text("classification.place.left", "on the left"),
    Text("classification.place.center", "in the center"),
    Text("classification.place.right", "on the right"),
    Text("classification.place.bottom_left", "at the bottom left"),
    Text("classification.place.bottom", "at the bottom"),
    Text("classification.place.bottom_right", "at the bottom right"),
)
NEAREST = Text("classification.nearest.title", "The nearest training pictures")
NEAREST_ABOUT = Text(
    "classification.nearest.explanation",
    "The training pictures whose features are most similar to those of this picture, by the cosine of the "
    "angle between them: 1 is the same direction, 0 unrelated. A k-nearest-neighbor classifier would vote "
    "among them; the linear head usually does better.",
)
NEAREST_CAPTION = Text("classification.nearest.caption", "class and similarity")
ANSWER = Text("classification.answer.title", "Classes: {label}")
ANSWER_ABOUT = Text(
    "classification.answer.explanation",
    "The softmax turns the logits into probabilities: each is the exponential of its logit divided by the "
    "sum of all. They add up to 100% even if the picture shows none of the classes.",
)
CONFUSION = Text("classification.confusion.title", "Confusion matrix of the model")
CONFUSION_ABOUT = Text(
    "classification.confusion.explanation",
    "How often the model took a picture of one class for another, on pictures that it had not learned from.",
)
PARTS = {
    "test": Text("classification.confusion.test", "test pictures"),
    "validation": Text("classification.confusion.validation", "validation pictures"),
    "training": Text("classification.confusion.training", "pictures that were learned from"),
    "cross-validation": Text("classification.confusion.crossed", "cross-validated pictures"),
}
WRONG = Text("classification.wrong.title", "Pictures with a wrong answer")
WRONG_ABOUT = Text(
    "classification.wrong.explanation",
    "Pictures of the model's dataset: their class, and the class that they were taken for. Training pictures "
    "were answered by heads that had not learned from them. Wrong labels show up here, and what is lacking "
    "among the examples.",
)
WRONG_TUNED = Text(
    "classification.wrong.tuned",
    "Pictures of the model's dataset: their class, and the class that they were taken for, although the "
    "model learned from some of them.",
)
WRONG_CAPTION = Text("classification.wrong.caption", "class → answer")
