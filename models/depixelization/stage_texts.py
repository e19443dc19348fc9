"""What the stages of an answer are called, and how they are explained."""

from models.core.contract.messages import Text

GROUPS = {
    "light skin": Text("depixelization.groups.light_skin", "light skin"),
    "dark skin": Text("depixelization.groups.dark_skin", "dark skin"),
    "sneaker": Text("depixelization.groups.sneaker", "sneaker"),
    "sandal": Text("depixelization.groups.sandal", "sandal"),
}  # of the shipped models; others keep the names of their dataset

SHARE = Text("depixelization.share", "{share:.0%} {group}")
OVERSAMPLED = Text("depixelization.oversampled", "{share:.0%} {group}, oversampled")

INPUT = Text("depixelization.input.title", "Picture")
INPUT_ABOUT = Text(
    "depixelization.input.explanation",
    "Your picture in the frame of the training pictures: {side} × {side} pixels. The network never sees it.",
)
INVERTED = Text(
    "depixelization.input.inverted", "Black and white were exchanged, because the background is bright."
)
INPUT_ALT = Text("depixelization.input.alt", "the picture, {side} × {side} pixels")
SMALL = Text("depixelization.small.title", "What the camera kept")
SMALL_ABOUT = Text(
    "depixelization.small.explanation",
    "{side} × {side} gray cells: all that the network sees. Many pictures shrink to the same cells, and "
    "nothing in the cells chooses among them.",
)
EXPOSED = Text(
    "depixelization.small.exposed",
    "The exposure sets the mean to a middle gray, as cameras do: a dark face in bright light and a light "
    "face in dim light become alike, and only the hair still gives a hint.",
)
SMALL_ALT = Text("depixelization.small.alt", "{side} × {side} gray cells")

ANSWER = Text("depixelization.answer.title", "Restoration")
ANSWER_ABOUT = Text(
    "depixelization.answer.explanation",
    "Restored by the network whose training set had {share}. The judge sees {group} in it, with a "
    "probability of {probability:.0%}; in the picture itself it sees {true} ({true_probability:.0%}). Choose "
    "another restoration at the top of the picture to compare.",
)
BICUBIC = Text("depixelization.answer.bicubic", "Bicubic, nothing learned")
RESTORED_ALT = Text("depixelization.answer.alt", "restored by the network trained with {share}")
BICUBIC_ALT = Text("depixelization.answer.bicubic_alt", "the cells enlarged smoothly, gray and blurred")

SHARES = Text("depixelization.shares.title", "Move the share of the rare group")
SHARES_ABOUT = Text(
    "depixelization.shares.explanation",
    "The same network with the same losses, trained on {total:,} pictures each time; only the share of "
    "{rare} differs. In every column: a picture that none of them learned from, its cells, and the "
    "restoration. Below: the group that the judge sees. Move the share, and follow the columns of {rare}.",
)
ROW_PICTURE = Text("depixelization.shares.picture", "picture")
ROW_SMALL = Text("depixelization.shares.cells", "cells")
ROW_RESTORED = Text("depixelization.shares.restored", "restored")
YOURS = Text("depixelization.shares.yours", "yours")
VERDICT = Text("depixelization.shares.verdict", "group that the judge sees")
SEEN = Text("depixelization.shares.seen", "{group}, {probability:.0%}")
SHARE_AXIS = Text("depixelization.shares.axis", "share of {rare} in the training set (%)")
CHANGED_AXIS = Text("depixelization.shares.changed", "restored as the other group (%)")

RATES = Text("depixelization.rates.title", "Whose pictures come out as the other group")
RATES_ABOUT = Text(
    "depixelization.rates.explanation",
    "Of {pictures:,} held-out pictures of each group, the share that is restored as the other group, with "
    "its interval of 95% by a bootstrap over pictures and trainings ({trainings} with different seeds). "
    "Trained with {share}.",
)
CHANGED = Text("depixelization.rates.changed", "Restored as the other group")
CHANGED_ABOUT = Text(
    "depixelization.rates.changed_about",
    "Of the group's pictures, the share in whose restoration the judge sees the other group.",
)
TABLE = Text("depixelization.table.title", "All shares, with the pictures behind them")
TABLE_ABOUT = Text(
    "depixelization.table.explanation",
    "Each row is a training set of the same size. The gap is the rate of {rare} minus that of {frequent}, in "
    "percentage points; if its interval includes 0, both groups fare alike.",
)
TRAINING = Text("depixelization.table.training", "training set")
PICTURES_OF = Text("depixelization.table.pictures", "pictures of {group}")
RATE_OF = Text("depixelization.table.rate", "{group}, changed")
GAP = Text("depixelization.table.gap", "gap (points)")
WITH_INTERVAL = Text("depixelization.table.interval", "{value:.1%} ({low:.1%} to {high:.1%})")
POINTS = Text("depixelization.table.points", "{value:.1f} ({low:.1f} to {high:.1f})")

CAUSE = Text("depixelization.cause.title", "Where the bias came from, and where it did not")
CAUSE_ABOUT = Text(
    "depixelization.cause.explanation",
    "One thing is changed at a time. The network and its losses are the same in every training, so that they "
    "alone do not make the gap: with as many pictures of both groups they leave {balanced:.1f} points of it, "
    "with 1% {skewed:.1f}. The cells are the same too. They leave open which group it was, and so both "
    "groups have errors; the frequencies of the training set decide which group bears them. The same few "
    "pictures repeated as half of every batch leave {oversampled:.1f} points: repeating changes what the "
    "network expects, without new pictures to learn from.",
)
CHANGED_THING = Text("depixelization.cause.thing", "what differs")
SKEWED_ROW = Text("depixelization.cause.skewed", "1% of the training set is {rare}")
BALANCED_ROW = Text("depixelization.cause.balanced", "the data: half of it is {rare}")
OVERSAMPLED_ROW = Text("depixelization.cause.oversampled", "the batches: the same 1%, half of every batch")
BICUBIC_ROW = Text("depixelization.cause.bicubic", "no learning: bicubic enlargement")
JUDGE_ROW = Text("depixelization.cause.judge", "no restoration: the judge on true pictures, its own error")
ONE_SHARE = Text(
    "depixelization.shares.one",
    "This model was trained with one share; the shipped models show five beside each other.",
)
