import { isSame, type Value } from "../../form/schema";
import type { SweepData, SweepFit } from "../shapes";

/** The fits of one setting: the same params with each of the seeds. */
export interface Setting {
  values: Record<string, Value>;
  places: number[]; // of its values, on each axis
  fits: SweepFit[];
  value: Summary | null; // null: no fit has a figure
  test: Summary | null;
}

/** Of the fits that have a figure. */
export interface Summary {
  mean: number;
  low: number;
  high: number;
  count: number;
}

export function summaryOf(values: (number | null)[]): Summary | null {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) return null;
  return { mean: meanOf(known), low: Math.min(...known), high: Math.max(...known), count: known.length };
}

const meanOf = (values: number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

/** The settings in the order of the axes. */
export function settingsOf({ axes, cells }: SweepData): Setting[] {
  const settings = new Map<string, Setting>();
  for (const fit of cells) {
    const places = axes.map(({ param, values }) => values.findIndex((one) => isSame(one, fit.values[param])));
    const key = places.join();
    const setting = settings.get(key) ?? {
      values: fit.values,
      places,
      fits: [],
      value: null,
      test: null,
    };
    setting.fits.push(fit);
    settings.set(key, setting);
  }
  return [...settings.values()].map((setting) => ({
    ...setting,
    value: summaryOf(setting.fits.map(({ value }) => value)),
    test: summaryOf(setting.fits.map(({ test }) => test)),
  }));
}

/** The settings that have a figure, the best by the mean of its seeds first. */
export function ranked(settings: Setting[], greaterIsBetter: boolean, by: "value" | "test" = "value") {
  const sign = greaterIsBetter ? 1 : -1;
  return settings
    .filter((setting) => setting[by] !== null)
    .sort((one, other) => sign * ((other[by]?.mean ?? 0) - (one[by]?.mean ?? 0)));
}

/** How far the seeds alone move the figure: the standard deviation within a setting, pooled; null: one seed each. */
export function seedDeviation(settings: Setting[]): number | null {
  let squares = 0;
  let freedom = 0;
  for (const { fits, value } of settings) {
    if (!value) continue;
    for (const fit of fits) if (fit.value !== null) squares += (fit.value - value.mean) ** 2;
    freedom += value.count - 1;
  }
  return freedom > 0 ? Math.sqrt(squares / freedom) : null;
}

export interface Lead {
  best: Setting;
  next: Setting;
  difference: number; // of the means, at least 0
  /** Half of its 95 % interval; null: one seed alone shows no noise. */
  margin: number | null;
  wins: number; // seeds with which the best is ahead
  seeds: number;
}

/**
 * How far the best setting is ahead of the next, and how sure that is. Settings share their seeds, and with them splits
 * and initial weights, so they are compared seed by seed: the noise is what remains of the figures after the mean of
 * each setting and of each seed (a randomized block design), of all settings that have every seed.
 */
export function leadOf(settings: Setting[], { greater_is_better, seeds }: SweepData): Lead | null {
  const complete = settings.filter(({ value }) => value?.count === Math.max(seeds.length, 1));
  const [best, next] = ranked(complete, greater_is_better);
  if (!best?.value || !next?.value) return null;
  const sign = greater_is_better ? 1 : -1;
  const pairs = best.fits.flatMap(({ seed, value }) => {
    const other = next.fits.find((fit) => fit.seed === seed)?.value;
    return value !== null && other != null ? [sign * (value - other)] : [];
  });
  const table = complete.map(({ fits }) =>
    [...fits].sort((one, other) => (one.seed ?? 0) - (other.seed ?? 0)).map((fit) => fit.value ?? 0),
  );
  const noise = residualDeviation(table);
  const freedom = (table.length - 1) * (seeds.length - 1);
  return {
    best,
    next,
    difference: sign * (best.value.mean - next.value.mean),
    margin: noise === null ? null : tQuantile(freedom) * noise * Math.sqrt(2 / seeds.length),
    wins: pairs.filter((difference) => difference > 0).length,
    seeds: pairs.length,
  };
}

/** The residual standard deviation of a table without its rows' and columns' means; null: fewer than two of either. */
export function residualDeviation(rows: number[][]): number | null {
  const columns = rows[0]?.length ?? 0;
  if (rows.length < 2 || columns < 2) return null;
  const ofRows = rows.map(meanOf);
  const ofColumns = rows[0].map((_, column) => meanOf(rows.map((row) => row[column])));
  const all = meanOf(ofRows);
  const squares = rows.flatMap((row, index) =>
    row.map((value, column) => (value - ofRows[index] - ofColumns[column] + all) ** 2),
  );
  return Math.sqrt(
    squares.reduce((total, square) => total + square, 0) / ((rows.length - 1) * (columns - 1)),
  );
}

const EXACT = [12.706, 4.303, 3.182, 2.776]; // the expansion is coarse for few degrees of freedom

/** The 97.5 % quantile of Student's t distribution (Abramowitz and Stegun 1964, 26.7.5). */
export function tQuantile(freedom: number): number {
  if (freedom <= EXACT.length) return EXACT[freedom - 1];
  const z = 1.959964;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return terms.reduce((total, term, index) => total + term / freedom ** (index + 1), z);
}

export interface Curse {
  best: SweepFit & { validation: number; test: number };
  /** How much worse the best fit is on the test data than on the validation data. */
  loss: number;
  meanLoss: number; // of all fits
  testRank: number; // of the best fit, by the test figure: 1 is the best
  count: number; // fits with both figures
}

/** The winner's curse: the highest of many noisy figures is too good, which the test data shows. */
export function curseOf({ cells, greater_is_better }: SweepData): Curse | null {
  const sign = greater_is_better ? 1 : -1;
  const measured = measuredFits(cells);
  if (measured.length < 2) return null;
  const best = measured.reduce((one, other) =>
    sign * (other.validation - one.validation) > 0 ? other : one,
  );
  const lossOf = (fit: Curse["best"]) => sign * (fit.validation - fit.test);
  return {
    best,
    loss: lossOf(best),
    meanLoss: meanOf(measured.map(lossOf)),
    testRank: 1 + measured.filter(({ test }) => sign * (test - best.test) > 0).length,
    count: measured.length,
  };
}

/** The fits with both a validation and a test figure. */
export const measuredFits = (cells: SweepFit[]): Curse["best"][] =>
  cells.filter((fit): fit is Curse["best"] => fit.validation !== null && fit.test !== null);
