import { expect, test } from "vitest";
import { differenceOf, valuesOf } from "../../networks/decoder";
import type { Dimension, LatentWalk } from "../../stages/shapes";
import { columnsOf } from "./decoded-map";
import { between, FIRST_DIMENSIONS, randomZ, ranked } from "./latent-space";

const walk: LatentWalk = { from: [2, 0], to: [0, 2], from_name: "a", to_name: "b" };
const dimension = (values: Partial<Dimension> = {}): Dimension => ({
  name: "z",
  low: -3,
  high: 3,
  ...values,
});

test("a straight way is halfway in the middle", () => {
  expect(between(walk, 0)).toEqual([2, 0]);
  expect(between(walk, 0.5)).toEqual([1, 1]);
  expect(between(walk, 1)).toEqual([0, 2]);
});

test("a way on the sphere keeps the length", () => {
  const middle = between({ ...walk, path: "spherical" }, 0.5);
  expect(middle[0]).toBeCloseTo(Math.SQRT2);
  expect(Math.hypot(...middle)).toBeCloseTo(2);
  // between opposite points there is no shortest way: it is straight
  expect(between({ ...walk, to: [-2, 0], path: "spherical" }, 0.5)).toEqual([0, 0]);
  expect(between({ ...walk, to: [2, 0], path: "spherical" }, 0.5)).toEqual([2, 0]);
});

test("of many dimensions those that carry most come first, few keep their order", () => {
  const many = Array.from({ length: FIRST_DIMENSIONS + 1 }, (_, index) => dimension({ kl: index }));
  expect(ranked(many).slice(0, 3)).toEqual([16, 15, 14]);
  expect(ranked(many.slice(0, 3))).toEqual([0, 1, 2]);
  expect(ranked(many.map(({ kl }) => dimension({ deviation: -(kl ?? 0) }))).slice(0, 2)).toEqual([0, 1]);
});

test("random z have the mean and variance of the prior, and stay in their ranges", () => {
  let state = 1;
  const random = () => {
    state = (state * 48271) % 2147483647; // Park and Miller 1988
    return state / 2147483647;
  };
  const z = randomZ(
    Array.from({ length: 4000 }, () => dimension()),
    random,
  );
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  const variance = z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / z.length;
  expect(Math.abs(mean)).toBeLessThan(0.05);
  expect(Math.abs(variance - 1)).toBeLessThan(0.08);
  expect(
    Math.max(
      ...randomZ(
        Array.from({ length: 50 }, () => dimension({ high: -2.9 })),
        random,
      ),
    ),
  ).toBe(-2.9);
});

test("two pictures differ by a norm and a PSNR", () => {
  const { norm, psnr } = differenceOf(Float32Array.of(0, 1, 0.5, 0.5), Float32Array.of(0, 1, 0.5, 0.3));
  expect(norm).toBeCloseTo(0.2); // √0.04
  expect(psnr).toBeCloseTo(20); // −10 log₁₀(0.04 / 4)
  expect(differenceOf(Float32Array.of(1), Float32Array.of(1)).psnr).toBe(Number.POSITIVE_INFINITY);
});

test("pixels of a gray picture give one value each, of a color picture three", () => {
  const image = { data: Uint8ClampedArray.of(255, 0, 51, 255, 0, 0, 0, 255) } as unknown as ImageData;
  expect([...valuesOf(image, 1)]).toEqual([1, 0]);
  expect([...valuesOf(image, 3)].map((value) => value.toFixed(1))).toEqual([
    "1.0",
    "0.0",
    "0.2",
    "0.0",
    "0.0",
    "0.0",
  ]);
});

test("a wide map has more columns, so that its pictures keep their shape", () => {
  expect(columnsOf({ width: 600, height: 400 }, { width: 28, height: 28 })).toBe(18);
  expect(columnsOf({ width: 400, height: 400 }, { width: 32, height: 64 })).toBe(24);
});
