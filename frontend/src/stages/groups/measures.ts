import type { GroupsData, GroupThresholds, MeasuredShare } from "../shapes";

/** As models/audit/measures.py and intervals.py, for thresholds that the reader moves. */

export interface Outcomes {
  truePositive: number;
  falsePositive: number;
  falseNegative: number;
  trueNegative: number;
}

const Z = 1.959963984540054; // of the normal distribution, for 95 %

/** Wilson's interval of a share; without rows there is none. */
export function share(hits: number, rows: number): MeasuredShare {
  if (rows === 0) return { hits, rows, value: null, low: null, high: null };
  const value = hits / rows;
  const scale = 1 + (Z * Z) / rows;
  const center = (value + (Z * Z) / (2 * rows)) / scale;
  const half = (Z / scale) * Math.sqrt((value * (1 - value)) / rows + (Z * Z) / (4 * rows * rows));
  return { hits, rows, value, low: Math.max(0, center - half), high: Math.min(1, center + half) };
}

/** What the decisions on a group would be with a threshold from 0 to `steps`. */
export function outcomesAt(thresholds: GroupThresholds, group: number, step: number): Outcomes {
  const positive = thresholds.positive[group];
  const negative = thresholds.negative[group];
  return {
    truePositive: positive[step],
    falsePositive: negative[step],
    falseNegative: positive[0] - positive[step],
    trueNegative: negative[0] - negative[step],
  };
}

/** Every measure of a group, by its id. */
export function measuresOf(outcomes: Outcomes): Record<string, MeasuredShare> {
  const { truePositive: tp, falsePositive: fp, falseNegative: fn, trueNegative: tn } = outcomes;
  const rows = tp + fp + fn + tn;
  return {
    selection_rate: share(tp + fp, rows),
    accuracy: share(tp + tn, rows),
    recall: share(tp, tp + fn),
    false_positive_rate: share(fp, fp + tn),
    precision: share(tp, tp + fp),
    base_rate: share(tp + fn, rows),
  };
}

export interface Difference {
  highest: number; // index of the group
  lowest: number;
  difference: number;
}

/** The groups farthest apart in one measure, among those with at least `least` rows for it; null: fewer than two. */
export function gapOf(shares: MeasuredShare[], least: number): Difference | null {
  const large = shares.flatMap(({ value, rows }, index) =>
    value !== null && rows >= Math.max(1, least) ? { value, index } : [],
  );
  if (large.length < 2) return null;
  const highest = large.reduce((one, other) => (other.value > one.value ? other : one));
  const lowest = large.reduce((one, other) => (other.value < one.value ? other : one));
  return { highest: highest.index, lowest: lowest.index, difference: highest.value - lowest.value };
}

/** The rightly decided rows of all groups at these thresholds, of how many. */
export function decidedRightly(
  thresholds: GroupThresholds,
  steps: number[],
): { right: number; rows: number } {
  let right = 0;
  let rows = 0;
  steps.forEach((step, group) => {
    const { truePositive, falsePositive, falseNegative, trueNegative } = outcomesAt(thresholds, group, step);
    right += truePositive + trueNegative;
    rows += truePositive + falsePositive + falseNegative + trueNegative;
  });
  return { right, rows };
}

/** The values of one measure by group: at moved thresholds, or as the server counted them. */
export function sharesOf(data: GroupsData, measure: string, steps: number[] | null): MeasuredShare[] {
  const { thresholds, groups } = data;
  if (!steps || !thresholds) return groups.map(({ values }) => values[measure]);
  return groups.map((_, index) => measuresOf(outcomesAt(thresholds, index, steps[index]))[measure]);
}

/** From the lowest to the highest value with the intervals, 0 included. */
export function extentOf(shares: MeasuredShare[]): [number, number] {
  const values = shares.flatMap(({ value, low, high }) =>
    value === null ? [] : [value, low ?? value, high ?? value],
  );
  return [Math.min(0, ...values), Math.max(0, ...values)];
}
