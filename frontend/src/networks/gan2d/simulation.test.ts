import { expect, test } from "vitest";
import { DEFAULTS, PRESETS, queryOf, settingsIn } from "../../components/gan2d/settings";
import { CELLS, contour } from "./field";
import { Random } from "./random";
import { coverage, modesOf, realPoints, type Shape } from "./shapes";
import { Simulation } from "./simulation";

const trained = (settings: Partial<typeof DEFAULTS>, steps: number) => {
  const simulation = new Simulation({ ...DEFAULTS, ...settings });
  for (let step = 0; step < steps; step++) simulation.step();
  return simulation;
};

test("a balanced training covers the ring, and the discriminator ends undecided", () => {
  const { covered, real, fake, discriminator } = trained(PRESETS.learns, 100).measure();
  expect(covered).toBeGreaterThan(0.9);
  expect(Math.abs(real - 0.5)).toBeLessThan(0.1);
  expect(Math.abs(fake - 0.5)).toBeLessThan(0.1);
  expect(Math.abs(discriminator - 2 * Math.log(2))).toBeLessThan(0.15);
});

test("a generator that is too fast collapses: its points lie on one mode of eight", () => {
  const simulation = trained(PRESETS.collapses, 100);
  const made = simulation.made();
  const xs = made.filter((_, index) => index % 2 === 0);
  const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length;
  expect(Math.sqrt(xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length)).toBeLessThan(0.05);
  expect(simulation.measure().covered).toBeLessThanOrEqual(1 / 8);
});

test("steps that are too large diverge, and it is noticed", () => {
  const simulation = new Simulation({ ...DEFAULTS, ...PRESETS.diverges });
  expect(simulation.hasDiverged).toBe(false);
  for (let step = 0; step < 60 && !simulation.hasDiverged; step++) simulation.step();
  expect(simulation.hasDiverged).toBe(true);
  expect(simulation.isOver).toBe(false);
  simulation.gan.generator.parameters[0].value.fill(Number.NaN);
  simulation.stepGenerator();
  expect(simulation.isOver).toBe(true);
});

test("without drawn points no step is taken", () => {
  expect(new Simulation({ ...DEFAULTS, shape: "drawn" }).isOver).toBe(true);
});

test("the same settings repeat a training exactly", () => {
  const one = trained({ seed: 5 }, 20);
  expect(trained({ seed: 5 }, 20).made()).toEqual(one.made());
  expect(trained({ seed: 6 }, 20).made()).not.toEqual(one.made());
  expect(one.records.at(-1)?.update).toBe(40);
});

test("a mode is covered by a quarter of its fair share of the points", () => {
  const modes = modesOf("blobs", []);
  const at = (index: number, count: number) => Array.from({ length: count }, () => modes[index]).flat();
  expect(coverage(Float64Array.from([...at(0, 13), ...at(1, 87)]), modes, 0)).toBe(1);
  expect(coverage(Float64Array.from([...at(0, 12), ...at(1, 88)]), modes, 0)).toBe(0.5);
  expect(coverage(Float64Array.of(1.9, -1.9), modes, 0)).toBe(0);
});

test.each(["ring", "blobs", "gaussians", "line", "spiral"] as Shape[])(
  "real points cover their own shape: %s",
  (shape) => {
    const points = realPoints(shape, 256, 0.05, new Random(3), []);
    expect(coverage(points, modesOf(shape, []), 0.05)).toBe(1);
    expect(points.every((value) => Math.abs(value) < 2)).toBe(true);
  },
);

test("the boundary of a slope is a straight line", () => {
  const slope = Float64Array.from({ length: CELLS * CELLS }, (_, cell) => (cell % CELLS) / (CELLS - 1));
  const segments = contour(slope, 0.5);
  expect(segments.length).toBe(CELLS - 1);
  for (const [[x]] of segments) expect(x).toBeCloseTo(0);
  expect(contour(new Float64Array(CELLS * CELLS), 0.5)).toEqual([]);
});

test("settings survive their address; what an address lacks or has wrong is the default", () => {
  const settings = { ...DEFAULTS, ...PRESETS.collapses, seed: 12, shape: "drawn" as const };
  const drawn: [number, number][] = [
    [-2, 2],
    [0.5, -1.25],
  ];
  const read = settingsIn(new URLSearchParams(queryOf({ ...settings, drawn })));
  expect({ ...read, drawn: [] }).toEqual({ ...settings, drawn: [] });
  for (const [index, point] of read.drawn.entries())
    for (const axis of [0, 1]) expect(point[axis]).toBeCloseTo(drawn[index][axis], 2);
  expect(queryOf(DEFAULTS)).toBe("");
  expect(settingsIn(new URLSearchParams("rateD=7&shape=cube&seed=-1&drawn=%3Cb%3E"))).toEqual(DEFAULTS);
});
