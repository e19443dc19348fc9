import type { Plural, Translated } from "../message";

/** The page that compares runs, results and models: loaded with it. */
export const messages = {
  "comparison.title": "Compare",
  "comparison.lead":
    "Trainings, results or models side by side. The address holds the whole comparison and can be shared with everyone who can open this server.",
  "comparison.choose": "Choose what to compare",
  "comparison.chooseHint": "Select two or more rows in the list of jobs or of models.",
  "comparison.add": "Add to the comparison",
  "comparison.addMore": "Choose at least one more to see the comparison.",
  "comparison.none": "There is nothing else of the same kind.",
  "comparison.sameInput": "same input",
  "comparison.remove": "Remove {name} from the comparison",
  "comparison.missing": "{name} does not exist, or was deleted.",
  "comparison.mixed":
    "These are of different kinds. Results are compared with results, and trainings with trainings or models.",
  "comparison.capabilities":
    "These belong to different capabilities. Figures of the same name may mean different things.",
  "comparison.run": "Training",
  "comparison.result": "Result",
  "comparison.model": "Model",
  "comparison.settings": "Settings",
  "comparison.setting": "Setting",
  "comparison.different": { one: "{n} setting differs", other: "{n} settings differ" },
  "comparison.same": { one: "{n} equal setting", other: "{n} equal settings" },
  "comparison.allSame": "All settings are equal.",
  "comparison.data": "Data",
  "comparison.shippedData": "data of Glassbox",
  "comparison.deleted": "deleted",
  "comparison.duration": "Duration",
  "comparison.figures": "Figures",
  "comparison.figure": "Figure",
  "comparison.best": "best",
  "comparison.notClear": "intervals overlap",
  "comparison.higher": "higher is better",
  "comparison.lower": "lower is better",
  "comparison.measuredOn": "Measured on",
  "comparison.part.validation": "validation data",
  "comparison.part.test": "test data",
  "comparison.bestHint":
    "The best value of a row is marked where it is known which direction is better. Where the intervals of two values overlap, the difference may be chance.",
  "comparison.curves": "Curves",
  "comparison.noCurves": "No metrics yet. They appear with the first steps.",
  "comparison.answer": "Answer",
  "comparison.answers": "Answers",
  "comparison.sameInputs": "All answer the same input.",
  "comparison.otherInputs":
    "These results have different inputs, so their answers differ for that reason too.",
  "comparison.zoomed": "The pictures are zoomed and moved as one.",
  "comparison.unfinished": "This job has no answer: {status}.",
  "comparison.pictures": "The pictures over each other",
  "comparison.stages": "Stages",
  "comparison.stagesHint": "The same stage of every answer, zoomed and moved as one.",
  "comparison.openStages": "Open the boxes",
  "comparison.stage": "Stage",
  "comparison.noneShared": "These answers share no stage.",
  "comparison.tryBoth": "The same input for all",
  "comparison.tryBothHint": "Choose a sample or a file of your own: every model answers it.",
  "comparison.asResults": "Compare these results",
} satisfies Record<string, string | Plural>;

export type CompareMessages = Translated<typeof messages>;
