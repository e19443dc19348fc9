import { expect, test } from "vitest";
import type { LabeledObject } from "../api/types";
import { type Action, annotationOf, type LabelState, neighborOf, opened, reduce } from "./state";

const box = (label: string, x = 0): LabeledObject => ({ label, box: [x, 0, x + 10, 10] });
const after = (state: LabelState, ...actions: Action[]) => actions.reduce(reduce, state);
const labelsOf = (state: LabelState) => state.now.objects.map(({ label }) => label);

test("a picture is unlabeled until it has an object, a class, or is confirmed to show none", () => {
  const fresh = opened(null);
  expect(annotationOf(fresh.now)).toBeNull();
  const drawn = after(fresh, { type: "add", object: box("cat") });
  expect(annotationOf(drawn.now)).toEqual({ label: null, objects: [box("cat")] });
  expect(annotationOf(after(drawn, { type: "remove", id: 1 }).now)).toBeNull();
  expect(annotationOf(after(fresh, { type: "empty" }).now)).toEqual({ label: null, objects: [] });
  expect(annotationOf(after(fresh, { type: "class", label: "oak" }).now)).toEqual({
    label: "oak",
    objects: [],
  });
});

test("every change can be undone and done again, one step at a time", () => {
  const first = after(
    opened(null),
    { type: "add", object: box("cat") },
    { type: "add", object: box("dog", 20) },
  );
  const changed = after(first, { type: "relabel", id: 1, label: "fox" }, { type: "remove", id: 2 });
  expect(labelsOf(changed)).toEqual(["fox"]);
  const back = after(changed, { type: "undo" }, { type: "undo" });
  expect(labelsOf(back)).toEqual(["cat", "dog"]);
  expect(labelsOf(after(back, { type: "redo" }))).toEqual(["fox", "dog"]);
  const other = after(back, { type: "relabel", id: 2, label: "hen" });
  expect(after(other, { type: "redo" })).toBe(other); // a new change ends what was undone
  const start = after(changed, ...Array<Action>(9).fill({ type: "undo" }));
  expect(labelsOf(start)).toEqual([]);
});

test("presses of the same key are one step, until something else is done", () => {
  const start = after(opened(null), { type: "add", object: box("cat") });
  const right = (x: number): Action => ({ type: "change", id: 1, object: box("cat", x), step: "1 move" });
  const moved = after(start, right(1), right(2), right(3));
  expect(after(moved, { type: "undo" }).now.objects[0].box[0]).toBe(0);
  const again = after(moved, { type: "select", id: 1 }, right(4));
  expect(after(again, { type: "undo" }).now.objects[0].box[0]).toBe(3);
});

test("suggestions are no labels until they are accepted, and undo brings them back", () => {
  const found = [
    { ...box("cat"), score: 0.5 },
    { ...box("dog", 30), score: 0.9 },
  ];
  const shown = after(opened(null), { type: "suggest", objects: found, labels: [] });
  expect(annotationOf(shown.now)).toBeNull();
  expect(shown.now.suggestions.map(({ label }) => label)).toEqual(["dog", "cat"]); // the most certain first
  const [dog, cat] = shown.now.suggestions;
  expect(shown.selected).toBe(dog.id);
  const accepted = after(shown, { type: "accept", ids: [dog.id] });
  expect(annotationOf(accepted.now)).toEqual({ label: null, objects: [box("dog", 30)] });
  expect(accepted.selected).toBe(cat.id); // Enter goes on with the next one
  const undone = after(accepted, { type: "undo" });
  expect(annotationOf(undone.now)).toBeNull();
  expect(undone.now.suggestions).toHaveLength(2);
});

test("what is labeled already is not suggested", () => {
  const labeled = opened({ objects: [box("cat")] });
  const found = [
    { ...box("cat", 1), score: 0.9 },
    { ...box("cat", 8), score: 0.8 },
    { ...box("dog", 1), score: 0.7 },
  ];
  const shown = after(labeled, { type: "suggest", objects: found, labels: [] });
  expect(shown.now.suggestions.map(({ label, box: [x] }) => [label, x])).toEqual([
    ["cat", 8],
    ["dog", 1],
  ]);
});

test("labels taken from elsewhere can be undone", () => {
  const own = after(opened(null), { type: "add", object: box("cat") });
  const taken = after(own, { type: "replace", annotation: { label: null, objects: [box("dog")] } });
  expect(labelsOf(taken)).toEqual(["dog"]);
  expect(labelsOf(after(taken, { type: "undo" }))).toEqual(["cat"]);
});

test("Tab goes through objects and suggestions, passes over hidden ones, and leaves at the end", () => {
  const state = after(
    opened({ objects: [box("a"), box("b", 20)] }),
    { type: "suggest", objects: [{ ...box("c", 40), score: 0.9 }], labels: [] },
    { type: "hide", id: 2 },
    { type: "select", id: null },
  );
  const next = neighborOf(state, 1);
  expect(next).toBe(1);
  const third = neighborOf(after(state, { type: "select", id: next }), 1);
  expect(third).toBe(3);
  expect(neighborOf(after(state, { type: "select", id: third }), 1)).toBeNull();
  expect(neighborOf(after(state, { type: "select", id: third }), -1)).toBe(1);
});
