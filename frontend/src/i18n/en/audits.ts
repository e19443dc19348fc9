import type { Plural, Translated } from "../message";

/** Audits of models and datasets: loaded with their pages. */
export const messages = {
  "audits.title": "For whom is it wrong?",
  "audits.lead":
    "Measure a model or a dataset by groups, see the rows and pictures behind every figure, and record who decided what.",
  "audits.model": "Audit a model",
  "audits.dataset": "Audit a dataset",
  "audits.decisions": "Audit decisions",
  "audits.sweeps": "Sweeps",
  "audits.reviews": "Reviews",
  "audits.log": "Log of decisions",
  "audits.about.model":
    "Errors by group on labeled data, with intervals, gaps, and the examples behind each bar.",
  "audits.about.dataset": "Who is rare in it, what is missing, what stands for something else.",
  "audits.about.decisions": "A table of decisions by people or programs, compared between groups.",
  "audits.about.sweeps": "The same training under other settings and seeds: is the best one really better?",
  "audits.about.reviews": "Unsure answers that wait for a person.",
  "audits.about.log": "Who asked which model, and when; later changes are detected.",
  "audits.own": "Audits so far",
  "audits.none": "No audit yet. Start with a model and labeled data.",
  "audits.new": "New audit",
  "audits.newLead":
    "Choose a model and labeled data that it has not learned from, and the groups to compare.",
  "audits.subject": "What is audited",
  "audits.table": "Table",
  "audits.noModel": "There is no model to audit yet.",
  "audits.chooseData": "Choose the data first.",
  "audits.start": "Start the audit",
  "audits.rows": { one: "{n} row in the table.", other: "{n} rows in the table." },
  "audits.pictures": { one: "{n} picture.", other: "{n} pictures." },
  "audits.takes": "The last predictions took so long that this is about {time}.",
  "audits.takesLonger": "Robustness repeats it for each change and strength.",
  "audits.audited": "What was audited",
  "audits.again": "Change and audit again",
  "audits.addToCard": "Add to the model card",
  "audits.inCard": "In the model card since {date}.",
  "audits.toCard": "Model card",
  "audits.author": "Audited by",
  "audits.intendedUse": "Intended use",
  "audits.intendedUseHint": "What the model is for, and what it is not for. Both are part of the card.",
  "audits.toAudit": "Open this audit",
  "audits.deleted": "This audit has been deleted.",
  "audits.remove": "Remove from the card",
} satisfies Record<string, string | Plural>;

export type AuditMessages = Translated<typeof messages>;
