import { expect, test } from "vitest";
import { decimalsOf } from "./names";
import { scaleOf } from "./scale";

test("the best figure has the share 1, whichever direction is better", () => {
  const accuracy = scaleOf([0.5, 0.75, 1], true);
  expect([0.5, 0.75, 1].map(accuracy.shareOf)).toEqual([0, 0.5, 1]);
  const loss = scaleOf([0.5, 0.75, 1], false);
  expect([0.5, 0.75, 1].map(loss.shareOf)).toEqual([1, 0.5, 0]);
});

test("a diverged fit does not take the colors from the others", () => {
  const scale = scaleOf([1, 2, 3, 1e9], false);

  // the median of the best three quarters is 2: the scale ends four times as far from the best
  expect(scale).toMatchObject({ best: 1, worst: 5, isCut: true });
  expect(scale.shareOf(3)).toBe(0.5);
  expect(scale.shareOf(1e9)).toBe(0);
});

test("figures that are all the same are all the best", () => {
  expect(scaleOf([2, 2], true).shareOf(2)).toBe(1);
});

test("figures are written with the decimals that distinguish them", () => {
  expect(decimalsOf([0.91, 0.93, 0.95, 0.97])).toBe(4);
  expect(decimalsOf([100, 220, 350, 900, 1e12])).toBe(0);
});
