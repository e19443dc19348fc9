import type { DatasetMask as Mask } from "../api/types";
import type { Corners, Point, Size } from "./annotation";

// Pixels are in column-major order, x * height + y, as in COCO's masks: nothing is transposed on the way.

const DIGIT_BITS = 5;
const [VALUE, MORE, SIGN] = [31, 32, 16]; // of one digit
const FIRST_CHARACTER = 48;

/** The run lengths of COCO's text: digits of five bits, and from the fourth run the difference to the run two before. */
export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let shift = 0;
    let digit: number;
    do {
      digit = text.charCodeAt(at++) - FIRST_CHARACTER;
      value |= (digit & VALUE) << shift;
      shift += DIGIT_BITS;
    } while (digit & MORE);
    if (digit & SIGN && shift < 32) value |= -1 << shift;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

export function encodeCounts(counts: number[]): string {
  let text = "";
  counts.forEach((count, index) => {
    let rest = index > 2 ? count - counts[index - 2] : count;
    for (let isMore = true; isMore; ) {
      let digit = rest & VALUE;
      rest >>= DIGIT_BITS;
      isMore = digit & SIGN ? rest !== -1 : rest !== 0;
      if (isMore) digit |= MORE;
      text += String.fromCharCode(digit + FIRST_CHARACTER);
    }
  });
  return text;
}

export const countsOf = ({ counts }: Mask): number[] =>
  typeof counts === "string" ? decodeCounts(counts) : counts;

/** (width * height) of 0 and 1. */
export function pixelsOf(mask: Mask): Uint8Array {
  const [height, width] = mask.size;
  const pixels = new Uint8Array(width * height);
  let at = 0;
  countsOf(mask).forEach((count, index) => {
    if (index % 2) pixels.fill(1, at, at + count);
    at += count;
  });
  return pixels;
}

export function maskOf(pixels: Uint8Array, { width, height }: Size): Mask {
  const counts: number[] = [];
  let value = 0;
  for (let start = 0; start < pixels.length; ) {
    const found = pixels.indexOf(1 - value, start);
    const end = found < 0 ? pixels.length : found;
    counts.push(end - start);
    value = 1 - value;
    start = end;
  }
  return { size: [height, width], counts: encodeCounts(counts) };
}

/** The box around the pixels; null: there are none. */
export function boxOfMask(mask: Mask): Corners | null {
  const [height] = mask.size;
  const box: Corners = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  let at = 0;
  countsOf(mask).forEach((count, index) => {
    const last = at + count - 1;
    if (index % 2 && count > 0) {
      const [left, right] = [Math.floor(at / height), Math.floor(last / height)];
      const isOneColumn = left === right; // a longer run reaches both borders
      box[0] = Math.min(box[0], left);
      box[2] = Math.max(box[2], right + 1);
      box[1] = Math.min(box[1], isOneColumn ? at % height : 0);
      box[3] = Math.max(box[3], isOneColumn ? (last % height) + 1 : height);
    }
    at += count;
  });
  return box[2] > 0 ? box : null;
}

const STRIPS = 128; // finer than a tile has pixels

/** The mask as an SVG path of vertical strips: all of its columns, or an even selection of a wide one. */
export function stripsOf(mask: Mask): string {
  const [height] = mask.size;
  const [left, , right] = boxOfMask(mask) ?? [0, 0, 0, 0];
  const step = Math.ceil((right - left) / STRIPS);
  let at = 0;
  let path = "";
  countsOf(mask).forEach((count, index) => {
    const end = at + count;
    if (index % 2)
      for (let from = at; from < end; ) {
        const x = Math.floor(from / height);
        const to = Math.min(end, (x + 1) * height);
        if ((x - left) % step === 0)
          path += `M${x} ${from % height}h${Math.min(step, right - x)}v${to - from}H${x}z`;
        from = to;
      }
    at = end;
  });
  return path;
}

/** Whether the pixel that contains the point belongs to the mask. */
export function isInMask(mask: Mask, { x, y }: Point): boolean {
  const [height, width] = mask.size;
  if (x < 0 || y < 0 || x >= width || y >= height) return false;
  const goal = Math.floor(x) * height + Math.floor(y);
  let at = 0;
  return (
    countsOf(mask).findIndex((count) => {
      at += count;
      return goal < at;
    }) %
      2 ===
    1
  );
}

/** A stroke of a round brush through `path`: sets every pixel whose center is within `radius` of it. */
export function paint(
  pixels: Uint8Array,
  { width, height }: Size,
  path: Point[],
  radius: number,
  value: 0 | 1,
): void {
  path.forEach((to, index) => {
    const from = path[Math.max(index - 1, 0)];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy || 1;
    const columns = range(Math.min(from.x, to.x) - radius, Math.max(from.x, to.x) + radius, width);
    const rows = range(Math.min(from.y, to.y) - radius, Math.max(from.y, to.y) + radius, height);
    for (let x = columns[0]; x < columns[1]; x++)
      for (let y = rows[0]; y < rows[1]; y++) {
        const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
        const part = Math.min(Math.max((px * dx + py * dy) / length, 0), 1);
        if ((px - part * dx) ** 2 + (py - part * dy) ** 2 <= radius * radius) pixels[x * height + y] = value;
      }
  });
}

const range = (low: number, high: number, most: number): [number, number] => [
  Math.max(Math.floor(low), 0),
  Math.min(Math.ceil(high), most),
];

/** The pixels whose centers are inside of the polygons; where two overlap, inside too, as in COCO. */
export function pixelsOfPolygons(polygons: number[][], { width, height }: Size): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (const polygon of polygons)
    for (let x = 0; x < width; x++) {
      const crossings = crossingsAt(polygon, x + 0.5);
      for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
        const first = Math.max(Math.ceil(crossings[pair] - 0.5), 0);
        const end = Math.min(Math.ceil(crossings[pair + 1] - 0.5), height);
        if (first < end) pixels.fill(1, x * height + first, x * height + end);
      }
    }
  return pixels;
}

/** Where a vertical line meets the polygon's sides, from top to bottom. */
function crossingsAt(polygon: number[], x: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < polygon.length; at += 2) {
    const [x0, y0] = [polygon[at], polygon[at + 1]];
    const next = (at + 2) % polygon.length;
    const [x1, y1] = [polygon[next], polygon[next + 1]];
    if (x0 <= x === x1 <= x) continue;
    found.push(y0 + ((x - x0) / (x1 - x0)) * (y1 - y0));
  }
  return found.sort((a, b) => a - b);
}

/** The mask moved by whole pixels, none of which leaves the picture: only the zeros before and after it change. */
export function shifted(mask: Mask, dx: number, dy: number): Mask {
  const counts = countsOf(mask).slice();
  if (counts.length % 2 === 0) counts.push(0); // it ends with pixels of the mask
  const pixels = dx * mask.size[0] + dy;
  counts[0] += pixels;
  counts[counts.length - 1] -= pixels;
  if (counts[counts.length - 1] === 0) counts.pop();
  return { size: mask.size, counts: encodeCounts(counts) };
}

/** The mask with its box `from` moved and stretched to `to`, by the nearest pixel. */
export function stretched(mask: Mask, from: Corners, to: Corners): Mask {
  const [height, width] = mask.size;
  const old = pixelsOf(mask);
  const pixels = new Uint8Array(width * height);
  const scale = [(from[2] - from[0]) / (to[2] - to[0]), (from[3] - from[1]) / (to[3] - to[1])];
  const [columns, rows] = [range(to[0], to[2], width), range(to[1], to[3], height)];
  for (let x = columns[0]; x < columns[1]; x++)
    for (let y = rows[0]; y < rows[1]; y++) {
      const sourceX = Math.floor(from[0] + (x + 0.5 - to[0]) * scale[0]);
      const sourceY = Math.floor(from[1] + (y + 0.5 - to[1]) * scale[1]);
      if (sourceX >= 0 && sourceY >= 0 && sourceX < width && sourceY < height)
        pixels[x * height + y] = old[sourceX * height + sourceY];
    }
  return maskOf(pixels, { width, height });
}
