import { expect, test } from "vitest";
import type { Job } from "../../api/types";
import { correctionOf, draftOf, fittingKinds, isChanged } from "./answer-form";

const job = (result: object) => ({ result }) as unknown as Job;

function draftAndJob(result: object) {
  const answered = job(result);
  const draft = draftOf(answered);
  if (!draft) throw new Error("it has no form");
  return { answered, draft };
}

test("a class is corrected, and joins datasets of classes", () => {
  const { answered, draft } = draftAndJob({
    label: "cat",
    labels: ["cat", "dog"],
    classes: [{ label: "cat" }],
  });
  expect(isChanged(draft, answered)).toBe(false);
  if (draft.form !== "label") throw new Error(draft.form);
  const changed = { ...draft, label: " dog " };
  expect(correctionOf(changed, answered)).toEqual({ label: "dog" });
  expect(isChanged(changed, answered)).toBe(true);
  expect(fittingKinds(changed)).toEqual(["classes", "pictures"]);
});

test("objects begin with those of the answer; a picture without any joins no dataset of unknown labels", () => {
  const box = { xmin: 1.04, ymin: 2, xmax: 3, ymax: 4 };
  const { answered, draft } = draftAndJob({ objects: [{ label: "cow", score: 0.5, box }] });
  expect(correctionOf(draft, answered)).toEqual({ objects: [{ label: "cow", box: [1, 2, 3, 4] }] });
  if (draft.form !== "objects") throw new Error(draft.form);
  const empty = { ...draft, objects: [] };
  expect(correctionOf(empty, answered)).toEqual({ objects: [] });
  expect(fittingKinds(empty)).toEqual(["boxes", "masks"]);
});

test("of a table the least certain rows are corrected, and the others stay", () => {
  const { answered, draft } = draftAndJob({
    predictions: ["a", "b", "a"],
    probabilities: [
      [0.9, 0.1],
      [0.4, 0.6],
      [0.55, 0.45],
    ],
    classes: ["a", "b"],
  });
  if (draft.form !== "predictions") throw new Error(draft.form);
  expect(draft.rows.map(({ row }) => row)).toEqual([2, 1, 0]);
  const rows = draft.rows.map((row, place) => (place === 0 ? { ...row, corrected: "b" } : row));
  expect(correctionOf({ ...draft, rows }, answered)).toEqual({ predictions: ["a", "b", "b"] });
  expect(fittingKinds(draft)).toEqual([]);
});

test("numbers stay numbers, and an emptied field is a missing value", () => {
  const { answered, draft } = draftAndJob({ predictions: [1.5, 2] });
  if (draft.form !== "predictions") throw new Error(draft.form);
  const texts: Record<number, string> = { 0: "3.25", 1: "" };
  const rows = draft.rows.map((row) => ({ ...row, corrected: texts[row.row] }));
  expect(correctionOf({ ...draft, rows }, answered)).toEqual({ predictions: [3.25, null] });
});

test("an answer that is a picture has no form", () => {
  expect(draftOf(job({ image: {} }))).toBeNull();
});
