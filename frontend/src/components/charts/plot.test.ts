import { beforeAll, expect, test, vi } from "vitest";
import type { TableColumn } from "../../api/types";
import { chooseLanguage } from "../../i18n";
import { csvOf } from "../tables/csv";
import { spanOf } from "../tables/table-report";
import { wayOf } from "./line-chart";
import { frameOf, logTicksOf, rangeOf, short, ticksOf } from "./plot";
import { nearest } from "./plot-reader";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await chooseLanguage("en");
});

const size = { width: 640, height: 400 };

test("places are distinguishable far from zero, and short near it", () => {
  const times: [number, number] = [1_700_000_000, 1_700_000_200];
  expect(short(1_700_000_123.456, times)).toBe(1_700_000_123.46);
  expect(short(1_700_000_124.456, times)).toBe(1_700_000_124.46);
  expect(short(0.123456789, [0, 1])).toBe(0.1235);
  expect(short(-1234.5678, [-2000, 2000])).toBe(-1234.6);
});

test("ticks are round numbers within the range", () => {
  expect(ticksOf([0.8, 7.1])).toEqual([2, 4, 6]);
  expect(ticksOf([0, 1])).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticksOf([-3, 3], 2)).toEqual([0]);
  expect(ticksOf([1e-7, 3e-7])).toEqual([1e-7, 1.5e-7, 2e-7, 2.5e-7, 3e-7]);
});

test("a logarithmic axis has powers of ten, and more where they are few", () => {
  expect(logTicksOf([0.03, 4])).toEqual([0.05, 0.1, 0.2, 0.5, 1, 2]);
  expect(logTicksOf([1e-6, 1e2])).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100]);
});

test("an empty range and a single value have a place too", () => {
  expect(rangeOf([])).toEqual([0, 1]);
  expect(rangeOf([4, 4])).toEqual([3.5, 4.5]);
});

test("equal factors are equally far on a logarithmic axis", () => {
  const { place } = frameOf([0, 1], [1, 100], size, { isLog: true, isTight: true });
  const heights = [1, 10, 100].map((value) => place([0, value])[1]);
  expect(heights[0] - heights[1]).toBeCloseTo(heights[1] - heights[2]);
  expect(heights[2]).toBeLessThan(heights[0]);
});

test("of many points in one pixel a line keeps the first, both extremes and the last", () => {
  const frame = frameOf([0, 1e6], [0, 10], size);
  const y = Array.from({ length: 100 }, () => 5);
  [y[0], y[40], y[60], y[99]] = [4, 10, 0, 6];
  const way = wayOf({ name: "loss", x: y.map((_, index) => index), y }, frame);
  const heights = way.split("L").map((point) => Number(point.split(" ")[1]));
  expect(heights).toEqual([4, 10, 0, 6].map((value) => Number(frame.place([0, value])[1].toFixed(1))));
});

test("a line leaves out what a logarithmic axis cannot show, and gaps", () => {
  const frame = frameOf([0, 3], [0.1, 10], size, { isLog: true });
  const way = wayOf({ name: "loss", x: [0, 1, 2, 3], y: [1, null, -2, 10] }, frame);
  expect(way.split("L")).toHaveLength(2);
});

test("a line of one point is a dot, not nothing", () => {
  const frame = frameOf([0, 1], [0, 1], size);
  const [left, top] = frame.place([0, 1]);
  expect(wayOf({ name: "loss", x: [0], y: [1] }, frame)).toBe(`${left.toFixed(1)} ${top.toFixed(1)}h0`);
});

test("the pointer means the nearest point, and none from afar", () => {
  const spots: [number, number][] = [
    [10, 10],
    [20, 10],
    [200, 200],
  ];
  expect(nearest(spots, [17, 12], false)).toBe(1);
  expect(nearest(spots, [100, 100], false)).toBeNull();
  expect(nearest(spots, [120, 0], true)).toBe(2);
});

test("cells of a CSV are quoted where they have to be, and never run as formulas", () => {
  expect(
    csvOf(
      ["a,b", "c"],
      [
        ['the "x"', null],
        ["=1+1", -2],
        ["-3", true],
      ],
    ),
  ).toBe('"a,b",c\n"the ""x""",\n\'=1+1,-2\n-3,true\n');
});

test("a column's values are described in words", () => {
  const column: TableColumn = {
    name: "a",
    type: "number",
    missing: 0,
    wrong: 0,
    distinct: 3,
    unit: "",
    smallest: 0.125,
    largest: 12345.678,
    mean: 1,
    histogram: null,
  };
  expect(spanOf(column)).toBe("0.125 … 12,346");
  const dated = { ...column, smallest: "2020-01-02T00:00:00", largest: "2020-02-03T10:00:00" };
  expect(spanOf(dated)).toBe("2020-01-02 … 2020-02-03T10:00:00");
  const worded = { counts: [3, 2, 1, 1], edges: [], words: ["fur", "skin", "scales", "shell"] };
  expect(spanOf({ ...column, smallest: null, largest: null, histogram: worded })).toBe(
    "fur 3, skin 2, scales 1, …",
  );
});
