import { expect, test } from "vitest";
import type { Job } from "../../api/types";
import { measuresOf, withIntervals } from "./evaluation";

test("the intervals of a training stand beside its metrics", () => {
  const job = {
    metrics: { accuracy: 0.9, log_loss: 0.3 },
    result: { intervals: { metrics: { accuracy: [0.8, 1], log_loss: null, r2: [0, 1] } } },
  } as unknown as Job;

  expect(withIntervals(job)).toEqual({ accuracy: 0.9, log_loss: 0.3, accuracy_low: 0.8, accuracy_high: 1 });
  expect(withIntervals({ metrics: { loss: 1 }, result: null } as unknown as Job)).toEqual({ loss: 1 });
});

test("classes have the columns of what was measured", () => {
  const shared = { recall: 1, precision: 0.5, f1: 0.67 };

  expect(measuresOf([{ class: "a", objects: 3, found: 6, ap50: 0.8, ...shared }])).toEqual([
    "objects",
    "found",
    "ap50",
    "recall",
    "precision",
    "f1",
  ]);
  expect(measuresOf([{ class: "a", iou: 0.5, ...shared }])).toEqual(["iou", "recall", "precision", "f1"]);
  expect(measuresOf([])).toEqual([]);
});
