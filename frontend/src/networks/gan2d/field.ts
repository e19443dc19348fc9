import type { Gan } from "./gan";
import type { Matrix } from "./network";
import { type Point, REACH } from "./shapes";

/** Cells of the plane in each direction. */
export const CELLS = 36;
const SIDE = (2 * REACH) / CELLS;

/** The middle of a cell; the first is in the lower left corner. */
const middle = (index: number): number => -REACH + (index + 0.5) * SIDE;

const MIDDLES: Matrix = Float64Array.from(
  Array.from({ length: CELLS * CELLS }, (_, cell) => [
    middle(cell % CELLS),
    middle(Math.floor(cell / CELLS)),
  ]).flat(),
);

/** The discriminator's verdict in the middle of each cell, row by row from below. */
export const fieldOf = (gan: Gan): Float64Array => gan.verdicts(MIDDLES);

export type Segment = [from: Point, to: Point];

/**
 * Where the field passes `level`: a piece of straight line in each square of four neighboring middles, by linear
 * interpolation along its sides (marching squares, Lorensen and Cline 1987 in two dimensions).
 */
export function contour(field: ArrayLike<number>, level: number): Segment[] {
  const found: Segment[] = [];
  for (let row = 0; row + 1 < CELLS; row++)
    for (let column = 0; column + 1 < CELLS; column++) {
      const corners: [number, number][] = [
        [column, row],
        [column + 1, row],
        [column + 1, row + 1],
        [column, row + 1],
      ];
      const values = corners.map(([x, y]) => field[y * CELLS + x] - level);
      const crossings = corners.flatMap(([x, y], index): Point[] => {
        const next = (index + 1) % 4;
        const [here, there] = [values[index], values[next]];
        if (here < 0 === there < 0) return [];
        const part = here / (here - there);
        return [[middle(x + part * (corners[next][0] - x)), middle(y + part * (corners[next][1] - y))]];
      });
      for (let pair = 0; pair + 1 < crossings.length; pair += 2)
        found.push([crossings[pair], crossings[pair + 1]]);
    }
  return found;
}

const LINES = 9;
const DOTS = 16; // of a line

/** The lines of a square grid over z in [-1, 1]², each as the points that the generator makes of it. */
export function mappedGrid(gan: Gan): Matrix[] {
  const along = Array.from({ length: DOTS }, (_, dot) => -1 + (2 * dot) / (DOTS - 1));
  const across = Array.from({ length: LINES }, (_, line) => -1 + (2 * line) / (LINES - 1));
  return across.flatMap((fixed) => [
    gan.generate(Float64Array.from(along.flatMap((moving) => [moving, fixed]))),
    gan.generate(Float64Array.from(along.flatMap((moving) => [fixed, moving]))),
  ]);
}
