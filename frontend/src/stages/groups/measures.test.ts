import { expect, test } from "vitest";
import type { GroupThresholds } from "../shapes";
import { decidedRightly, extentOf, gapOf, measuresOf, outcomesAt, share } from "./measures";

// as tests/models/audit has them
test("Wilson's interval is the published one", () => {
  const { low, high } = share(81, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
  expect(share(0, 0).value).toBeNull();
});

test("the measures of the worked example", () => {
  const found = measuresOf({ truePositive: 30, falsePositive: 10, falseNegative: 20, trueNegative: 40 });
  expect(
    Object.fromEntries(Object.entries(found).map(([name, { hits, rows }]) => [name, [hits, rows]])),
  ).toEqual({
    selection_rate: [40, 100],
    accuracy: [70, 100],
    recall: [30, 50],
    false_positive_rate: [10, 50],
    precision: [30, 40],
    base_rate: [50, 100],
  });
});

const thresholds: GroupThresholds = {
  value: 0.5,
  steps: 2,
  positive: [
    [10, 8, 3, 0],
    [6, 6, 6, 0],
  ],
  negative: [
    [20, 5, 1, 0],
    [4, 0, 0, 0],
  ],
};

test("a threshold divides each group", () => {
  expect(outcomesAt(thresholds, 0, 1)).toEqual({
    truePositive: 8,
    falsePositive: 5,
    falseNegative: 2,
    trueNegative: 15,
  });
  expect(decidedRightly(thresholds, [1, 2])).toEqual({ right: 8 + 15 + 6 + 4, rows: 40 });
});

test("groups that are too small have no part in the gap", () => {
  const shares = [share(10, 100), share(1, 2), share(40, 100)];
  const gap = gapOf(shares, 30);
  expect([gap?.highest, gap?.lowest]).toEqual([2, 0]);
  expect(gap?.difference).toBeCloseTo(0.3);
  expect(gapOf(shares.slice(0, 2), 30)).toBeNull();
});

test("bars of numbers reach from the lowest to the highest end of the intervals, and to 0", () => {
  const signed = (value: number | null, low: number | null, high: number | null) => ({
    hits: null,
    rows: 40,
    value,
    low,
    high,
  });
  expect(extentOf([signed(2, 1, 3), signed(-1, -4, 1), signed(null, null, null)])).toEqual([-4, 3]);
  expect(extentOf([signed(2, 1, 3)])).toEqual([0, 3]);
  expect(extentOf([])).toEqual([0, 0]);
});
