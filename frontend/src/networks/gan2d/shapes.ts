import type { Matrix } from "./network";
import type { Random } from "./random";

export type Point = [x: number, y: number];

/** The plane reaches from -2 to 2 on both axes. */
export const REACH = 2;
export const SHAPES = ["ring", "blobs", "gaussians", "line", "spiral", "drawn"] as const;
export type Shape = (typeof SHAPES)[number];

const BLOBS: Point[] = [
  [-0.9, -0.6],
  [0.9, 0.6],
];
const circle = (part: number, radius: number): Point => [
  radius * Math.cos(2 * Math.PI * part),
  radius * Math.sin(2 * Math.PI * part),
];
const GAUSSIANS = Array.from({ length: 8 }, (_, index) => circle(index / 8, 1.3));
const TURNS = 1.5;

/** Curves by the way along them, from 0 to 1. */
const CURVES: Partial<Record<Shape, (part: number) => Point>> = {
  ring: (part) => circle(part, 1.2),
  line: (part) => [3 * part - 1.5, 1.6 * part - 0.8],
  spiral: (part) => circle(TURNS * part, 0.25 + 1.25 * part),
};
const CENTERS: Partial<Record<Shape, Point[]>> = { blobs: BLOBS, gaussians: GAUSSIANS };

/** Real points (count, 2) of a shape, with normal noise of this deviation; `drawn` is for the shape of that name. */
export function realPoints(
  shape: Shape,
  count: number,
  noise: number,
  random: Random,
  drawn: Point[],
): Matrix {
  const points = new Float64Array(2 * count);
  const centers = shape === "drawn" ? drawn : CENTERS[shape];
  if (centers?.length === 0) return new Float64Array(0);
  for (let index = 0; index < count; index++) {
    const [x, y] = centers
      ? centers[random.below(centers.length)]
      : (CURVES[shape]?.(random.uniform()) ?? [0, 0]);
    points[2 * index] = x + noise * random.normal();
    points[2 * index + 1] = y + noise * random.normal();
  }
  return points;
}

const PARTS = 12; // of a curve
const CELL = 0.5; // of the plane, for drawn points

/** Where the real points are dense: the centers of a mixture, pieces of a curve, or cells with drawn points. */
export function modesOf(shape: Shape, drawn: Point[]): Point[] {
  const curve = CURVES[shape];
  if (curve) return Array.from({ length: PARTS }, (_, index) => curve((index + 0.5) / PARTS));
  if (shape !== "drawn") return CENTERS[shape] ?? [];
  const cells = new Map<string, Point[]>();
  for (const point of drawn) {
    const cell = point.map((value) => Math.floor(value / CELL)).join();
    cells.set(cell, [...(cells.get(cell) ?? []), point]);
  }
  return [...cells.values()].map(meanOf);
}

const meanOf = (points: Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];

const NEAR = 0.35; // of a mode, beside three deviations of the noise
const FAIR = 0.25; // of a mode's fair share of the points

/**
 * Share of the modes that are covered: a quarter of their fair share of the points lies near to them, and nearer
 * than to any other mode.
 */
export function coverage(points: Matrix, modes: Point[], noise: number): number {
  if (modes.length === 0 || points.length === 0) return 0;
  const reach = Math.max(NEAR, 3 * noise);
  const counts = modes.map(() => 0);
  for (let index = 0; index < points.length; index += 2) {
    let nearest = reach ** 2;
    let found = -1;
    for (const [mode, [x, y]] of modes.entries()) {
      const distance = (points[index] - x) ** 2 + (points[index + 1] - y) ** 2;
      if (distance <= nearest) [nearest, found] = [distance, mode];
    }
    if (found >= 0) counts[found]++;
  }
  const enough = (FAIR * points.length) / 2 / modes.length;
  return counts.filter((count) => count >= enough).length / modes.length;
}
