import type { MaskClass } from "../../stages/shapes";

/** What class each pixel has, as a place in the stage's list; NONE where the color is none of theirs. */
export interface MaskPixels {
  width: number;
  height: number;
  places: Uint8Array;
}

export const NONE = 255;

/** Classes from the colors of decoded pixels (RGBA). */
export function placesOf(rgba: Uint8ClampedArray, classes: MaskClass[]): Uint8Array {
  const byColor = new Map(
    classes.map(({ color }, place) => [Number.parseInt(color.slice(1), 16), Math.min(place, NONE)]),
  );
  const places = new Uint8Array(rgba.length / 4);
  for (let pixel = 0; pixel < places.length; pixel++) {
    const at = pixel * 4;
    places[pixel] = byColor.get((rgba[at] << 16) | (rgba[at + 1] << 8) | rgba[at + 2]) ?? NONE;
  }
  return places;
}

/** The place of the class at a point of a picture of `pictureWidth` pixels; null outside of all. */
export function placeAt(
  mask: MaskPixels,
  point: { x: number; y: number },
  pictureWidth: number,
): number | null {
  const scale = mask.width / pictureWidth;
  const [x, y] = [Math.floor(point.x * scale), Math.floor(point.y * scale)];
  if (x < 0 || y < 0 || x >= mask.width || y >= mask.height) return null;
  const place = mask.places[y * mask.width + x];
  return place === NONE ? null : place;
}

/** A straight piece of a class's edge, along the sides of pixels: x0, y0, x1, y1. */
export type Segment = [number, number, number, number];

/** The edge of one class where another begins; not the picture's own border. */
export function edgeOf({ width, height, places }: MaskPixels, place: number): Segment[] {
  const found: Segment[] = [];
  const differ = (a: number, b: number) => (places[a] === place) !== (places[b] === place);
  for (let y = 1; y < height; y++) {
    let start = -1;
    for (let x = 0; x <= width; x++) {
      const isEdge = x < width && differ(y * width + x, (y - 1) * width + x);
      if (isEdge && start < 0) start = x;
      if (isEdge || start < 0) continue;
      found.push([start, y, x, y]);
      start = -1;
    }
  }
  for (let x = 1; x < width; x++) {
    let start = -1;
    for (let y = 0; y <= height; y++) {
      const isEdge = y < height && differ(y * width + x, y * width + x - 1);
      if (isEdge && start < 0) start = y;
      if (isEdge || start < 0) continue;
      found.push([x, start, x, y]);
      start = -1;
    }
  }
  return found;
}

const COARSE = 160; // cells across, enough to put a label in the right place

/** For each class the point that lies deepest inside of it, in pixels of the mask: where its name is read best. */
export function labelPoints(mask: MaskPixels, count: number): ({ x: number; y: number } | null)[] {
  const step = Math.max(mask.width, mask.height) / COARSE;
  const size = (length: number) => Math.max(1, Math.round(length / Math.max(step, 1)));
  const [columns, rows] = [size(mask.width), size(mask.height)];
  const toPixel = (cell: number, cells: number, pixels: number) =>
    Math.floor(((cell + 0.5) * pixels) / cells);
  const cells = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      cells[row * columns + column] =
        mask.places[toPixel(row, rows, mask.height) * mask.width + toPixel(column, columns, mask.width)];
  const depth = depths(cells, columns, rows);
  const best: ({ x: number; y: number; depth: number } | null)[] = Array(count).fill(null);
  cells.forEach((place, cell) => {
    if (place >= count || (best[place]?.depth ?? 0) >= depth[cell]) return;
    best[place] = {
      x: toPixel(cell % columns, columns, mask.width),
      y: toPixel(Math.floor(cell / columns), rows, mask.height),
      depth: depth[cell],
    };
  });
  return best.map((one) => one && { x: one.x, y: one.y });
}

/** How many cells it is from each to another class or to the border, by two sweeps. */
function depths(cells: Uint8Array, columns: number, rows: number): Uint16Array {
  const depth = new Uint16Array(cells.length);
  const from = (cell: number, column: number, row: number, dx: number, dy: number) => {
    const [x, y] = [column + dx, row + dy];
    if (x < 0 || y < 0 || x >= columns || y >= rows) return 0;
    const other = y * columns + x;
    return cells[other] === cells[cell] ? depth[other] : 0;
  };
  const sweep = (sign: 1 | -1) => {
    for (let count = 0; count < cells.length; count++) {
      const cell = sign === 1 ? count : cells.length - 1 - count;
      const [column, row] = [cell % columns, Math.floor(cell / columns)];
      const near = 1 + Math.min(from(cell, column, row, -sign, 0), from(cell, column, row, 0, -sign));
      depth[cell] = sign === 1 ? near : Math.min(depth[cell], near);
    }
  };
  sweep(1);
  sweep(-1);
  return depth;
}
