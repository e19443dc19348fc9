import { expect, test } from "vitest";
import type { SweepData, SweepFit } from "../shapes";
import {
  curseOf,
  leadOf,
  ranked,
  residualDeviation,
  seedDeviation,
  settingsOf,
  summaryOf,
  tQuantile,
} from "./analysis";

type Figures = [validation: number | null, test: number | null];

/** Settings of one param with the seeds 0, 1, … */
function sweepOf(figures: Record<string, Figures[]>, greaterIsBetter = true): SweepData {
  const values = Object.keys(figures).map(Number);
  const fits = values.flatMap((value) =>
    figures[value].map(
      ([validation, test], seed): Omit<SweepFit, "cell"> => ({
        values: { width: value },
        seed,
        job_id: `${value}-${seed}`,
        status: validation === null ? "failed" : "succeeded",
        value: validation,
        validation,
        test,
        metrics: {},
        seconds: 1,
      }),
    ),
  );
  return {
    capability: "tabular",
    of: "train",
    axes: [{ param: "width", title: "Width", values }],
    seeds: Object.values(figures)[0].map((_, seed) => seed),
    figure: "accuracy",
    greater_is_better: greaterIsBetter,
    part: "validation",
    cells: fits.map((fit, cell) => ({ ...fit, cell })),
  };
}

// seed by seed the setting 16 is ahead of 8 by 3 and 1 points, of 4 by 5 and 5
const three = sweepOf({
  4: [
    [85, 80],
    [91, 86],
  ],
  8: [
    [87, 88],
    [95, 89],
  ],
  16: [
    [90, 84],
    [96, 85],
  ],
});

test("a setting is the mean of its seeds, with their range", () => {
  const settings = settingsOf(three);

  expect(settings.map(({ values }) => values.width)).toEqual([4, 8, 16]);
  expect(settings[2].value).toEqual({ mean: 93, low: 90, high: 96, count: 2 });
  expect(settings[2].test?.mean).toBe(84.5);
  expect(summaryOf([null, Number.NaN])).toBeNull();
});

test("settings are ranked by their mean, in the direction of the figure", () => {
  const order = (greater: boolean, by?: "test") =>
    ranked(settingsOf(three), greater, by).map(({ values }) => values.width);

  expect(order(true)).toEqual([16, 8, 4]);
  expect(order(false)).toEqual([4, 8, 16]);
  expect(order(true, "test")).toEqual([8, 16, 4]);
});

test("the seeds' deviation is pooled over the settings", () => {
  // within the settings: 2·3² + 2·4² + 2·3² = 68, of 3 degrees of freedom
  expect(seedDeviation(settingsOf(three))).toBeCloseTo(Math.sqrt(68 / 3), 12);
  expect(seedDeviation(settingsOf(sweepOf({ 4: [[1, 1]], 8: [[2, 2]] })))).toBeNull();
});

test("the lead of the best is compared with the noise that seeds leave, seed by seed", () => {
  const lead = leadOf(settingsOf(three), three);

  // the seeds' means are 87.33 and 94, the settings' 88, 91, 93: what remains is ±1/3, ±2/3, ±1/3
  const noise = Math.sqrt((2 / 9 + 8 / 9 + 2 / 9) / 2);
  expect(lead?.best.values.width).toBe(16);
  expect(lead?.next.values.width).toBe(8);
  expect(lead?.difference).toBe(2);
  expect(lead?.margin).toBeCloseTo(4.303 * noise, 6); // times the root of 2 of 2 seeds
  expect([lead?.wins, lead?.seeds]).toEqual([2, 2]);
});

test("a lead of a loss is as large as that of its mirror image", () => {
  const mirrored = (figures: Figures[]): Figures[] => figures.map(([one, other]) => [-(one ?? 0), other]);
  const losses = sweepOf(
    {
      8: mirrored([
        [87, 0],
        [95, 0],
      ]),
      16: mirrored([
        [90, 0],
        [96, 0],
      ]),
    },
    false,
  );

  expect(leadOf(settingsOf(losses), losses)).toMatchObject({ difference: 2, wins: 2 });
});

test("with one seed nothing is known of the noise, and failed settings lead nobody", () => {
  const single = sweepOf({ 4: [[1, 1]], 8: [[2, 2]] });
  const failed = sweepOf({
    4: [
      [1, 1],
      [null, null],
    ],
    8: [
      [2, 2],
      [3, 3],
    ],
  });

  expect(leadOf(settingsOf(single), single)).toMatchObject({ difference: 1, margin: null });
  expect(leadOf(settingsOf(failed), failed)).toBeNull();
});

test("a table that rows and columns explain leaves no noise", () => {
  expect(
    residualDeviation([
      [1, 2, 4],
      [11, 12, 14],
    ]),
  ).toBeCloseTo(0, 12);
  expect(residualDeviation([[1, 2]])).toBeNull();
});

test("quantiles of Student's t are those of the tables", () => {
  const table: [number, number][] = [
    [1, 12.706],
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [38, 2.024],
  ];
  for (const [freedom, quantile] of table) expect(tQuantile(freedom)).toBeCloseTo(quantile, 2);
});

test("the winner's curse: the best fit by validation loses more on the test data than all fits do", () => {
  const curse = curseOf(three);

  // losses: 5, 5, -1, 6, 6, 11
  expect(curse?.best.job_id).toBe("16-1");
  expect(curse?.loss).toBe(11);
  expect(curse?.meanLoss).toBeCloseTo(32 / 6, 12);
  expect([curse?.testRank, curse?.count]).toEqual([4, 6]); // behind 89, 88 and 86
  expect(curseOf(sweepOf({ 4: [[1, null]], 8: [[2, 2]] }))).toBeNull();
});
