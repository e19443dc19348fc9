import type { Plural, Translated } from "../message";

/** Sweeps: loaded with their pages and their results. */
export const messages = {
  "sweep.figure": "Figure",
  "sweep.none": "No fit has ended yet: the cells fill as the fits end.",
  "sweep.best": {
    one: "Best setting: {setting}, with {figure} {value}.",
    other: "Best setting: {setting}, with {figure} {value} on average over {n} seeds.",
  },
  "sweep.bestValidation": {
    one: "Best setting on the validation data: {setting}, with {figure} {value}.",
    other: "Best setting on the validation data: {setting}, with {figure} {value} on average over {n} seeds.",
  },
  "sweep.bestTest": "On the test data, which did not choose it, it has {value}.",
  "sweep.lead": "It beats the next one ({next}) by {difference}.",
  "sweep.tied": "It shares its place with the next one ({next}): nothing sets them apart.",
  "sweep.noise": "The seed alone moves one and the same setting by {deviation} (standard deviation).",
  "sweep.isChance":
    "Compared seed by seed, the lead is {difference} ± {margin} (95% interval), which includes 0, and it is ahead with {wins} of {n} seeds: the order may be chance. More seeds narrow the interval.",
  "sweep.isLarger":
    "Compared seed by seed, the lead is {difference} ± {margin} (95% interval), and it is ahead with {wins} of {n} seeds: that is more than the noise of the seeds.",
  "sweep.oneSeed": "With one seed for each setting the noise is unknown: the order may be chance. Add seeds.",
  "sweep.curse": {
    one: "The best fit has {validation} on the validation data and {test} on the test data.",
    other:
      "The best of {n} fits has {validation} on the validation data and {test} on the test data: it loses {loss}, where all fits lose {mean} on average, and by its test figure it is number {rank}.",
  },
  "sweep.noCurse":
    "The best of {n} fits has {validation} on the validation data and {test} on the test data, where it is number {rank}: here the choice cost nothing. Report the test figure all the same.",
  "sweep.cursed":
    "That is the winner’s curse: who picks the best of many noisy figures picks luck as well, so only the test figure may be reported.",
  "sweep.notCursed": "Here the choice was not lucky; report the test figure all the same.",
  "sweep.chosenOnTest":
    "There is no validation part, so the fits are compared on the test data: the figure of the best one is too good, because it was chosen by it.",
  "sweep.chosenOnTraining":
    "There is neither a validation nor a test part, so the fits are compared on the training data: the largest model usually looks best there.",
  "sweep.failed": {
    one: "{n} fit failed; its message is in the table.",
    other: "{n} fits failed; their messages are in the table.",
  },
  "sweep.canceled": { one: "{n} fit was left out.", other: "{n} fits were left out." },

  "sweep.map": "Heat map",
  "sweep.mapCaption": "{figure}, mean over the seeds",
  "sweep.mapHint":
    "Hover over a cell for the spread of its seeds; select it for its fits. The arrow keys move between cells.",
  "sweep.meanOf": "{figure} {mean}, from {low} to {high} with {n} seeds",
  "sweep.doneOf": "{done} of {n} fits succeeded",
  "sweep.isBest": "(best)",
  "sweep.orWorse": "or worse",
  "sweep.pictures": "Samples of every fit",
  "sweep.samplesOf": "Samples of the fit {name}",
  "sweep.strip": "Settings and seeds",
  "sweep.stripAbout":
    "Every fit is a mark, and every setting a line, the best first. Where the marks of two settings overlap, the seeds alone can exchange their places.",
  "sweep.cut": "Figures far worse than the others are drawn at the edge.",
  "sweep.all": "Show all {n} settings",
  "sweep.fewer": "Show fewer settings",
  "sweep.parallel": "Parallel lines",
  "sweep.parallelAbout":
    "Every setting is a line through its values; brighter ones are better. Values that all bright lines share matter.",
  "sweep.parallelHint":
    "Point at a line, or use the arrow keys, from the best setting to the worst; Enter selects it.",
  "sweep.parallelKeys": "Settings, from the best to the worst, with the arrow keys",
  "sweep.scatter": "Validation and test",
  "sweep.scatterAbout":
    "A fit on the diagonal is as good on the test data as on the validation data. The best fit by validation is often on the side where the test figure is worse: it was chosen partly for its luck.",
  "sweep.validationFigure": "{figure}, validation",
  "sweep.testFigure": "{figure}, test",
  "sweep.diagonal": "as good on both",
  "sweep.bestFit": "best fit by validation",
  "sweep.fits": "All fits",
  "sweep.fitColumn": "Fit",
  "sweep.fit": "fit {n}",
  "sweep.seedIs": "seed {n}",
  "sweep.onValidation": "{figure} {value} on the validation data",
  "sweep.onTest": "{value} on the test data",
  "sweep.figureIs": "{figure} {value}",

  "sweeps.title": "Sweeps",
  "sweeps.lead":
    "Fit one model many times with other settings and other seeds: which setting is best, how sure is that, and what is left of it on the test data?",
  "sweeps.new": "New sweep",
  "sweeps.own": "Your sweeps",
  "sweeps.noneYet": "No sweeps yet. One of a table takes seconds.",
  "sweeps.examples": "Finished examples",
  "sweeps.startOwn": "Start one like this",
  "sweeps.progress": "{done} of {n} fits have ended",
  "sweeps.cancel": "Cancel the sweep",
  "sweeps.reallyCancel": "Stop? Ended fits are kept.",
  "sweeps.resume": "Run the missing fits",
} satisfies Record<string, string | Plural>;

export type SweepMessages = Translated<typeof messages>;
