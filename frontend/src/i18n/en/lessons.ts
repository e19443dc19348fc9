import type { Plural, Translated } from "../message";

/** The lessons and the page that lists them: loaded with them. */
export const messages = {
  "lessons.lead":
    "One short lesson for each topic of the course. Each opens a page of this application in the right state, with a task to try and a question whose answer you find there.",
  "lessons.topic.supervised": "Supervised learning",
  "lessons.topic.unsupervised": "Unsupervised learning",
  "lessons.topic.detection": "Object detection",
  "lessons.topic.segmentation": "Segmentation",
  "lessons.topic.autoencoders": "Autoencoders",
  "lessons.topic.gans": "Generative adversarial networks",
  "lessons.topic.applications": "Applications of GANs",
  "lessons.topic.bias": "Bias",
  "lessons.topic.safety": "Safety",
  "lessons.open": "Open the page of this lesson",
  "lessons.missing": "This server does not have the page of this lesson.",
  "lessons.try": "Try it",
  "lessons.question": "Question",
  "lessons.answer": "Show the answer",
  "lessons.hidden": "Your teacher has the answer.",
  "lessons.teacher": "For teachers",
  "lessons.copyHidden": "Copy link without the answer",
  "lessons.print": "Print",
  "lessons.back": "All lessons",
  "lessons.others": "Other lessons",
  "lessons.unknown": "No lesson has this name.",

  "lesson.errors.title": "Two kinds of errors",
  "lesson.errors.summary": "A tumor that is missed and a false alarm are not the same error.",
  "lesson.errors.text":
    "A classifier is judged on rows that it did not learn from: the test rows. Accuracy counts all errors alike. For a diagnosis they are not alike: a malignant tumor taken for benign is missed, a benign one taken for malignant is a false alarm.\n\nThe confusion matrix counts both. Recall is the share of the actual positives that the model finds, precision the share of its positive predictions that are correct.",
  "lesson.errors.steps":
    "Read the confusion matrix: rows are the actual classes, columns the predicted ones.\nFind the cell with the malignant tumors that were predicted benign.\nOpen the stages ROC curve and precision-recall curve, and see what a lower threshold would gain and cost.",
  "lesson.errors.question":
    "How many malignant tumors of the test rows does the model miss, and what is its recall for this class?",
  "lesson.errors.answer":
    "It misses 4 of 42. Recall is 38 / 42 = 0.905, although the accuracy is 0.947. The stage “Quality by class” has the same number.",

  "lesson.overfitting.title": "Overfitting",
  "lesson.overfitting.summary": "The model that fits its training rows best need not predict best.",
  "lesson.overfitting.text":
    "A neural network has enough weights to follow the noise of its training rows. Then its figures on these rows rise, while those on new rows do not. The difference between the two is the sign of overfitting.\n\nThe sample has 442 patients: too few for many weights.",
  "lesson.overfitting.steps":
    "Run the neural network with its usual settings and note R² on the training rows and on the test rows.\nSet the method to linear regression and run again.\nCompare both pairs of figures.",
  "lesson.overfitting.question":
    "Which of the two has the higher R² on the training rows, and which on the test rows?",
  "lesson.overfitting.answer":
    "The network is ahead on the training rows (about 0.61 against 0.52), linear regression on the test rows (0.52 against about 0.50). The network learned more, but part of it was noise.",

  "lesson.clusters.title": "How many clusters?",
  "lesson.clusters.summary": "k-means always finds k clusters; whether they exist is another question.",
  "lesson.clusters.text":
    "k-means assigns each point to its nearest center and moves each center to the mean of its points, until nothing changes. It needs the number of clusters, k, beforehand.\n\nTwo figures help to choose it. Inertia falls with every further cluster; its elbow is where a further one brings little. The silhouette compares the distance to the own cluster with that to the nearest other one: higher is better.",
  "lesson.clusters.steps":
    "Look at the elbow, then at the silhouette, which is the next stage.\nOpen the answer and step through the iterations: which points change their cluster last?\nRun again with the k of the higher silhouette.",
  "lesson.clusters.question":
    "Which k does the elbow mark, which k has the highest silhouette, and why do they disagree?",
  "lesson.clusters.answer":
    "The elbow marks 3, the silhouette is highest at 2 (0.58 against 0.46). Two of the three kinds of iris overlap: as one cluster they are far from the third, as two they are close to each other. No figure knows what the clusters are for.",

  "lesson.boxes.title": "From many boxes to two",
  "lesson.boxes.summary": "A detector proposes thousands of boxes; two rules decide which remain.",
  "lesson.boxes.text":
    "The network predicts boxes with scores at every position of its grids: here 4,043. The score threshold removes the weak ones. Non-maximum suppression removes those that overlap a better box of the same object by more than the IoU threshold.\n\nBoth thresholds are yours: nothing has to be computed again by the network.",
  "lesson.boxes.steps":
    "Count the boxes that suppression removed, and choose one to see which box it overlaps.\nIn the answer, raise the IoU threshold slowly: when does a second box appear on one dog?\nLower the score threshold until a wrong class appears.",
  "lesson.boxes.question":
    "How many boxes have a score of at least 0.35, how many remain after suppression, and what does the model see at a threshold of 0.30?",
  "lesson.boxes.answer":
    "17 boxes have the score, 2 remain: one for each dog. At 0.30 some boxes of the class cat pass the threshold as well. A lower threshold finds more objects and invents more.",

  "lesson.skips.title": "What skip connections carry",
  "lesson.skips.summary": "A U-Net remembers where things were on the way down.",
  "lesson.skips.text":
    "On its way down a segmentation network halves the map again and again: it learns what is in the picture and loses where. On the way up, skip connections hand the maps of each size across, so that the borders return.\n\nThe stage repeats the prediction with one connection removed at a time.",
  "lesson.skips.steps":
    "Compare the whole network with the one without any skip connection.\nChoose the connections one by one on the right-hand side.\nRead in the list of pictures how many pixels change their class.",
  "lesson.skips.question": "Which single connection changes the most pixels when it is removed?",
  "lesson.skips.answer":
    "The one at stride 16: 35.5% of the pixels change their class (32.2% at stride 8, only 5.6% at stride 2). Without any it is 48.6%.",

  "lesson.code.title": "What fits into a few numbers",
  "lesson.code.summary": "A variational autoencoder uses only the dimensions that pay for themselves.",
  "lesson.code.text":
    "An autoencoder squeezes a picture into a short code z and restores it. A variational autoencoder also pays for every bit of the code: the KL divergence between its distribution and the prior is part of the loss.\n\nA dimension that lowers the reconstruction error by less than it costs is switched off: its distribution is the prior, whatever the picture.",
  "lesson.code.steps":
    "Sort the table by the KL divergence on held-out pictures.\nOpen the stage with the code and move the bar of the first dimension, then that of the last one.\nWatch which of them changes the picture.",
  "lesson.code.question": "How many of the 16 dimensions does the model not use?",
  "lesson.code.answer":
    "Three: 5, 7 and 13. Their KL divergence is close to 0 and their deviation close to 1, as that of the prior. Moving them changes almost nothing.",

  "lesson.collapse.title": "Mode collapse",
  "lesson.collapse.summary": "A generator that has found one convincing answer repeats it.",
  "lesson.collapse.text":
    "Generator and discriminator learn against each other. Nothing in the generator’s loss demands variety: if one place of the plane convinces the discriminator, all random points may be sent there. The discriminator learns to refuse that place, the generator jumps to the next one.\n\nHere the generator learns ten times faster than the discriminator.",
  "lesson.collapse.steps":
    "Press Play and watch the generated points and the share of modes that is covered.\nChoose the preset “It learns” and compare.\nThen “It diverges”: what do the losses look like before it happens?",
  "lesson.collapse.question": "Do the losses show the collapse? Which number shows it?",
  "lesson.collapse.answer":
    "The losses stay finite and wander, as they do in a training that succeeds. The share of covered modes shows it: it stays far below 100%, because the points sit in a few of the modes.",

  "lesson.adversary.title": "Why an adversary?",
  "lesson.adversary.summary": "A loss by pixels leads to blur where several answers are possible.",
  "lesson.adversary.text":
    "A drawing of a T-shirt does not determine its pattern or brightness. A network that is trained by the L1 distance to the original alone predicts the median of all possible answers, pixel by pixel: no pattern at all.\n\nAn adversary looks at the whole picture and refuses what no original looks like. The answer becomes sharper, but is it truer?",
  "lesson.adversary.steps":
    "Compare both pictures with the divider.\nOpen the stage with the verdicts: which patches does the discriminator hold for real?\nOpen the variations: what changes, what stays?",
  "lesson.adversary.question":
    "Which of the two pictures has the smoother surface, and which of them would you use to measure something in it?",
  "lesson.adversary.answer":
    "The one by L1 alone is smoother. For measurements neither: the details of the other one are invented to look real. Sharpness is no evidence.",

  "lesson.berkeley.title": "A gap that turns around",
  "lesson.berkeley.summary": "Simpson’s paradox in the admissions to Berkeley, 1973.",
  "lesson.berkeley.text":
    "In 1973, the six largest departments of Berkeley admitted 45% of the men and 30% of the women who applied. The gap of 14 percentage points is far larger than chance. Was it discrimination by the departments?\n\nA gap between groups has no cause written on it. Women and men applied to different departments, and departments admit different shares. The audit compares every combination of gender and department.",
  "lesson.berkeley.steps":
    "Run the audit. First read the gap between men and women.\nOpen the box and go to the stage with the combinations.\nRead the selection rates of men and women in each department, with the number of rows.",
  "lesson.berkeley.question":
    "In how many of the six departments were women admitted at a higher rate than men, and in which one are they too few to compare?",
  "lesson.berkeley.answer":
    "In four: A (82% against 62%), B, D and F. In B there are only 25 women: the bar is hatched. Most women applied to departments that admit few of anyone. Whether this is fair is a further question: who decides how many places a department has?",

  "lesson.thresholds.title": "One threshold or one for each?",
  "lesson.thresholds.summary": "Equal treatment by scores that are wrong for one group.",
  "lesson.thresholds.text":
    "The invented loans are repaid equally often in north and south, but a third of the southern repayments was never recorded where the score was learned. The scores of the south are too low: a bias of the record, not of the people.\n\nOne threshold for all then refuses southern applicants who would have repaid: their recall is lower. Demographic parity asks for equal selection rates, equal opportunity for equal recall, equalized odds for equal recall and equal false positive rate. Where base rates differ, they cannot all be met.",
  "lesson.thresholds.steps":
    "Read the recall of both groups, the gap and its interval.\nChoose “One for each group” and lower the threshold of the south.\nWatch the number of right decisions while you move it.",
  "lesson.thresholds.question":
    "With the north at 0.50: at which threshold of the south is the recall of both groups equal, and does it cost right decisions?",
  "lesson.thresholds.answer":
    "At about 0.38: recall is then 73% in the south and 74% in the north. It costs none: 1,367 instead of 1,343 of 2,000 decisions are right, because the scores of the south were too low. Where scores are right, equal recall has a price.",

  "lesson.audit.title": "Good on average, for whom?",
  "lesson.audit.summary": "The same model, measured by groups of its test rows.",
  "lesson.audit.text":
    "A model of breast tumors is right for 95% of the test rows. An average hides for whom it is wrong. An audit divides the test rows by a column, here the size of the tumor in quarters, and measures each group.\n\nSmall groups have wide intervals: groups with fewer examples than the limit are shown hatched, and are not compared. A gap that cannot be measured is not a gap that does not exist.",
  "lesson.audit.steps":
    "Start the audit and read the accuracy of the four quarters, with their intervals.\nOpen what is behind the bars of the smallest tumors.\nAudit again with 20 as the fewest examples. Which gaps are distinct?",
  "lesson.audit.question":
    "In which quarter are the most test rows decided wrongly? How many malignant tumors of the smallest quarter does the model find, and may they be compared?",
  "lesson.audit.answer":
    "In the third quarter: 3 of 28 are wrong. The smallest quarter has a single malignant tumor, and the model misses it: recall 0 of 1, with an interval from 0 to 79%. No quarter has 30 test rows, so nothing is compared. Whoever wants to know needs more small malignant tumors, not a better average.",

  "lesson.faces.title": "Whose face comes out?",
  "lesson.faces.summary": "A restorer answers with what was frequent in its training set.",
  "lesson.faces.text":
    "In 2020 a program that restores faces from a few pixels turned a pixelated photo of Barack Obama into a white man. Was it the data, or the method?\n\nHere the faces are drawn: they show nobody, and both groups are known exactly. The same network was trained with a different share of faces with dark skin, three times each. Everything else stayed as it was. The measured rate is the share of test faces that come out as the other group.",
  "lesson.faces.steps":
    "Move the share from 1% to 50% and watch the restored face.\nRead the rate of changed faces of both groups at each share, with the intervals.\nOpen the stage about the cause: what changes if the 30 rare pictures are repeated more often?",
  "lesson.faces.question":
    "How far are the two groups apart at a share of 1% and at 50%? Does the gap vanish?",
  "lesson.faces.answer":
    "About 59 percentage points at 1%, about 4 at 50%: with equal shares both groups are changed about as often, and some faces of each still are, because the pixels do not determine the skin. The data decide who bears the errors; the network and its losses turn a frequency into a decision. Repeating the rare pictures closes only a part of the gap.",

  "lesson.seeds.title": "The winner’s curse",
  "lesson.seeds.summary": "Whoever picks the best of 48 fits picks luck as well.",
  "lesson.seeds.text":
    "A sweep trains the same network with each combination of learning rate and width, and with three seeds each: 48 fits. The best one on the validation rows is chosen. But 48 figures scatter, and the best of them is the best partly because of luck. On the test rows, which chose nothing, that luck is gone.\n\nThe seeds show how much is chance: they differ in nothing but the random numbers.",
  "lesson.seeds.steps":
    "Find the fit with the lowest log loss on the validation rows.\nCompare with its log loss on the test rows in the chart of validation against test.\nLook at the strip of seeds: how far apart are three fits of the same setting?",
  "lesson.seeds.question":
    "What are the log losses of the best fit on validation and on test rows? Which setting has the lowest mean over its seeds?",
  "lesson.seeds.answer":
    "0.001 on the validation rows and 1.06 on the test rows, with a learning rate of 0.3, one layer of 32 and seed 0: worse than a far more careful model. By the mean over the seeds it is a learning rate of 0.03 with two layers of 32: 0.035, on the test rows 0.111. Choose settings by several seeds, and report the figure of data that chose nothing.",

  "lesson.robustness.title": "When the world shifts",
  "lesson.robustness.summary": "The same model, with inputs that change a little more each time.",
  "lesson.robustness.text":
    "A model is measured on rows like those that it learned from. In use, instruments are recalibrated, cells stay empty, populations differ. An audit with robustness repeats the measurement while one thing changes step by step: a column is shifted by up to three standard deviations, noise is added, cells are emptied.\n\nThe curve shows what the model bears. Where it falls quickly, that input deserves a check of its own.",
  "lesson.robustness.steps":
    "Start the audit; robustness is switched on.\nOpen the stage with the accuracy under changes: which line falls the most?\nOpen the nearest wrong neighbors: what does a wrongly decided row resemble?",
  "lesson.robustness.question":
    "What does a shift of the column “worst texture” by three standard deviations do to the accuracy, and which shift of a column hardly matters?",
  "lesson.robustness.answer":
    "It falls from 0.947 to 0.788. A shift of “fractal dimension error” hardly matters: 0.938 at the same strength. The model depends on the first column, and would fail silently if that were measured differently elsewhere.",

  "lesson.doubt.title": "An answer that should wait",
  "lesson.doubt.summary": "A classifier always answers. It need not be believed.",
  "lesson.doubt.text":
    "Class probabilities sum to 1 over the classes that the model knows. They compare these classes with each other, and no more: a picture of something else gets an answer too.\n\nTwo signs ask for caution: a first class that is hardly ahead of the second, and a picture that is unlike those that the model learned from. An organization decides beforehand which answers a person looks at.",
  "lesson.doubt.steps":
    "Run the classifier on the picture.\nCompare the first two probabilities.\nRun it on the fish and the windmill, and compare the deviation from the familiar pictures with its limit.",
  "lesson.doubt.question":
    "What are the two highest probabilities for the hammer, and is the picture familiar to the model?",
  "lesson.doubt.answer":
    "Fish 0.58, tool 0.34: the answer is wrong, and the page warns that the picture is unlike the familiar ones (deviation 2.54, limit 2.38). Where NanoDet is installed and computes the features, the hammer is a tool with 0.71, ahead of fish with 0.26, and the deviation of 1.80 lies below the limit of 2.26: right, and without a warning. For the fish and the windmill the first class has over 0.99 and the deviation is negative. A review of all answers below 0.75 would have stopped the hammer with either.",

  "lesson.log.title": "Who answers for it?",
  "lesson.log.summary": "A record that cannot be changed unnoticed.",
  "lesson.log.text":
    "When a decision is questioned months later, somebody must be able to show which model gave which answer, on whose request, and whether a person looked at it. The log has an entry for each ended job, review and deletion.\n\nEach entry contains the hash of the one before. If any entry is altered or removed later, the hashes after it no longer fit. Personal details can still be deleted: the chain holds only their hashes.",
  "lesson.log.steps":
    "Run any sample, then open the log again: find its entry, with the model and the digest of its weights.\nPress “Verify the log” and note the last hash elsewhere.\nReview an unsure answer, and find the entry of the review.",
  "lesson.log.question":
    "Which part of an entry links it with the one before, and why should the last hash be kept elsewhere?",
  "lesson.log.answer":
    "Its hash, which is computed over its content and the hash of the entry before. Whoever controls the database could write all entries anew with fitting hashes; only a hash that was noted elsewhere shows that.",
} satisfies Record<string, string | Plural>;

export type LessonMessages = Translated<typeof messages>;
