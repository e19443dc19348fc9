import type { Correction } from "../../api/reviews";
import type { DatasetKind, Job } from "../../api/types";

interface Found {
  label?: string;
  labels?: string[];
  objects?: { label: string; score: number; box: Record<"xmin" | "ymin" | "xmax" | "ymax", number> }[];
  classes?: unknown[];
  predictions?: (string | number | null)[];
  probabilities?: number[][] | null;
}

export interface DraftObject {
  label: string;
  box: [number, number, number, number];
}

export interface DraftRow {
  row: number; // counted from 0
  predicted: string | number | null;
  corrected: string;
}

/** A correction that is being written, in the form of the answer; null: it has none that the page can write. */
export type Draft =
  | { form: "label"; label: string; known: string[] }
  | { form: "objects"; objects: DraftObject[]; known: string[] }
  | { form: "predictions"; rows: DraftRow[]; known: string[] };

const MAX_ROWS = 20;

/** Pixels as a person reads and writes them. */
const tenth = (pixels: number): number => Math.round(pixels * 10) / 10;

/** A draft that begins with the model's answer. */
export function draftOf(job: Job): Draft | null {
  const result = (job.result ?? {}) as Found;
  const known = result.labels ?? [];
  if (result.objects)
    return {
      form: "objects",
      known,
      objects: result.objects.map(({ label, box: { xmin, ymin, xmax, ymax } }) => ({
        label,
        box: [tenth(xmin), tenth(ymin), tenth(xmax), tenth(ymax)],
      })),
    };
  if (result.predictions) return { form: "predictions", rows: rowsOf(result), known: classesOf(result) };
  if (result.label !== undefined && result.classes) return { form: "label", label: result.label, known };
  return null;
}

const classesOf = ({ classes = [] }: Found): string[] => classes.filter((one) => typeof one === "string");

/** The least certain rows first, as far as the certainty is known. */
function rowsOf({ predictions = [], probabilities }: Found): DraftRow[] {
  const certainty = (row: number) => Math.max(...(probabilities?.[row] ?? [0]));
  return predictions
    .map((predicted, row) => ({ row, predicted, corrected: predicted === null ? "" : String(predicted) }))
    .sort((a, b) => certainty(a.row) - certainty(b.row))
    .slice(0, MAX_ROWS);
}

/** What is sent; numbers stay numbers, and rows that are not shown stay as they were predicted. */
export function correctionOf(draft: Draft, job: Job): Correction {
  if (draft.form === "label") return { label: draft.label.trim() };
  if (draft.form === "objects")
    return { objects: draft.objects.map(({ label, box }) => ({ label: label.trim(), box })) };
  const predictions = [...(((job.result ?? {}) as Found).predictions ?? [])];
  for (const { row, predicted, corrected } of draft.rows) {
    const text = corrected.trim();
    const number = Number(text);
    if (text === "") predictions[row] = null;
    else predictions[row] = typeof predicted === "number" && Number.isFinite(number) ? number : text;
  }
  return { predictions };
}

export const isChanged = (draft: Draft, job: Job): boolean =>
  JSON.stringify(correctionOf(draft, job)) !== JSON.stringify(correctionOf(draftOf(job) ?? draft, job));

/** The kinds of datasets that a correction can join; none: it is about no picture. */
export function fittingKinds(draft: Draft): DatasetKind[] {
  if (draft.form === "label") return ["classes", "pictures"];
  if (draft.form === "predictions") return [];
  return draft.objects.length > 0 ? ["boxes", "pictures"] : ["boxes", "masks"];
}
