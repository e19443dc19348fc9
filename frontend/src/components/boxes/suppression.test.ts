import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { BoxItem } from "../../stages/shapes";
import { intersection, iouOf, suppress } from "./suppression";

interface Golden {
  cases: {
    score: number;
    iou: number;
    across: number;
    boxes: { id: number; label: string; score: number; box: BoxItem["box"] }[];
    kept: number[];
    suppressed: Record<string, [number, number]>;
  }[];
}

const here = new URL(".", import.meta.url);
const golden: Golden = JSON.parse(readFileSync(new URL("suppression.golden.json", here), "utf8"));

const square = (x: number, y: number, side = 10) => ({ xmin: x, ymin: y, xmax: x + side, ymax: y + side });
const item = (id: number, score: number, box = square(0, 0), label = "cat"): BoxItem => ({
  id,
  label,
  score,
  box,
});

describe("suppress keeps what torchvision keeps", () => {
  test.each(golden.cases.map((one, index) => ({ index, one })))("case $index", ({ one }) => {
    const { kept, suppressed, verdicts } = suppress(one.boxes, one.score, one.iou, undefined, one.across);

    expect(kept.map(({ id }) => id)).toEqual(one.kept);
    expect(suppressed.map(({ id }) => id).sort()).toEqual(Object.keys(one.suppressed).map(Number).sort());
    for (const [id, [by, iou]] of Object.entries(one.suppressed)) {
      const verdict = verdicts.get(Number(id));
      expect(verdict?.by).toBe(by);
      expect(verdict?.iou).toBeCloseTo(iou, 4);
    }
  });
});

test("boxes of another label are left alone", () => {
  const { kept } = suppress([item(1, 0.9), item(2, 0.8, square(0, 0), "dog")], 0, 0.5);
  expect(kept.map(({ id }) => id)).toEqual([1, 2]);
});

test("across labels the stronger of two boxes stays, and the other knows which", () => {
  const boxes = [item(1, 0.9), item(2, 0.8, square(0, 0), "dog"), item(3, 0.7, square(50, 50), "dog")];
  const { kept, suppressed, verdicts, across } = suppress(boxes, 0, 0.5, undefined, 0.6);
  expect(kept.map(({ id }) => id)).toEqual([1, 3]);
  expect(suppressed.map(({ id }) => id)).toEqual([2]);
  expect(verdicts.get(2)).toEqual({ status: "suppressed", by: 1, iou: 1 });
  expect(across).toBe(1);
});

test("a box at the score stays, one below it is too weak", () => {
  const { verdicts } = suppress([item(1, 0.25), item(2, 0.2499, square(50, 50))], 0.25, 0.5);
  expect(verdicts.get(1)?.status).toBe("kept");
  expect(verdicts.get(2)?.status).toBe("below");
});

test("an overlap of exactly the limit is allowed", () => {
  const [a, b] = [square(0, 0), { xmin: 0, ymin: 0, xmax: 10, ymax: 5 }];
  expect(iouOf(a, b)).toBe(0.5);
  expect(suppress([item(1, 0.9, a), item(2, 0.8, b)], 0, 0.5).kept).toHaveLength(2);
  expect(suppress([item(1, 0.9, a), item(2, 0.8, b)], 0, 0.49).kept).toHaveLength(1);
});

test("a dropped box drops no other", () => {
  const boxes = [item(1, 0.9, square(0, 0)), item(2, 0.8, square(4, 0)), item(3, 0.7, square(8, 0))];
  const { kept, verdicts } = suppress(boxes, 0, 0.3);
  expect(kept.map(({ id }) => id)).toEqual([1, 3]);
  expect(verdicts.get(2)?.by).toBe(1);
});

test("over the limit a kept box counts as too weak, as on the server", () => {
  const { kept, verdicts } = suppress([item(1, 0.9), item(2, 0.8, square(50, 50))], 0, 0.5, 1);
  expect(kept.map(({ id }) => id)).toEqual([1]);
  expect(verdicts.get(2)?.status).toBe("below");
});

test("boxes that only touch share nothing", () => {
  expect(intersection(square(0, 0), square(10, 0))).toBeNull();
  expect(iouOf(square(0, 0), square(10, 0))).toBe(0);
});
