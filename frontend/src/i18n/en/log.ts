import type { Plural, Translated } from "../message";

/** The log of decisions: loaded with its page. */
export const messages = {
  "log.title": "Log of decisions",
  "log.lead":
    "Who asked which model, and with what outcome. Each entry contains the hash of the one before it, so any later change is detected.",
  "log.verify": "Verify the log",
  "log.verifying": "Recomputing every hash…",
  "log.valid": {
    one: "Valid: one entry, as it was written.",
    other: "Valid: {count} entries, as they were written.",
  } satisfies Plural,
  "log.invalid": {
    one: "Not valid: one problem.",
    other: "Not valid: {count} problems.",
  } satisfies Plural,
  "log.problem": "Entry {position}: {text}",
  "log.note": "Note elsewhere, to compare later: position {position}, hash",
  "log.waiting": {
    one: "One entry joins within seconds.",
    other: "{count} entries join within seconds.",
  } satisfies Plural,
  "log.forgotten": {
    one: "One detail was deleted on request.",
    other: "{count} details were deleted on request.",
  } satisfies Plural,
  "log.action": "Action",
  "log.any": "All",
  "log.by": "By",
  "log.model": "Model",
  "log.position": "Position",
  "log.at": "Time",
  "log.outcome": "Outcome",
  "log.more": "Show more",
  "log.none": "No entry yet. Every answer will add one.",
  "log.noneFound": "No entry matches.",
  "log.nobody": "no key",
  "log.deleted": "deleted",
  "log.details": "Details",
  "log.inputs": "Input",
  "log.answer": "Answer, SHA-256",
  "log.hash": "Hash",
  "log.job": "Open the job",
  "log.error": "Error",
  "log.reason": "Reason",
  "log.action.predict": "Prediction",
  "log.action.train": "Training",
  "log.action.audit": "Audit",
  "log.action.sweep": "Sweep",
  "log.action.review": "Review",
  "log.decision.confirmed": "Confirmed",
  "log.decision.corrected": "Corrected",
  "log.decision.rejected": "Rejected",
  "log.action.review_band": "Band of review changed",
  "log.action.default_model": "Default model changed",
  "log.action.rename_model": "Model renamed",
  "log.action.delete_model": "Model deleted",
  "log.action.delete_dataset": "Dataset deleted",
  "log.action.forget": "Details deleted from the log",
  "log.action.prune": "Old entries deleted",
};

export type LogMessages = Translated<typeof messages>;
