import type { DatasetMask, LabeledObject } from "../api/types";
import type { Corners, Point, Size } from "./annotation";
import { boxOfMask, isInMask, shifted, stretched } from "./run-lengths";

export const MIN_SIDE = 1; // pixels: smaller boxes are no objects

/** A box from any two opposite corners, inside of the picture. */
export function boxBetween(a: Point, b: Point, size: Size): Corners {
  const [x0, x1] = [a.x, b.x].map((x) => held(x, 0, size.width)).sort((p, q) => p - q);
  const [y0, y1] = [a.y, b.y].map((y) => held(y, 0, size.height)).sort((p, q) => p - q);
  return [tenth(x0), tenth(y0), tenth(x1), tenth(y1)];
}

export const held = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

/** Boxes and corners are kept to a tenth of a pixel: nobody draws more exactly. */
const tenth = (value: number): number => Math.round(value * 10) / 10;

export const isLargeEnough = ([x0, y0, x1, y1]: Corners): boolean =>
  x1 - x0 >= MIN_SIDE && y1 - y0 >= MIN_SIDE;

/** Pixels; of the box, whatever is inside of it. */
export const areaOf = ([x0, y0, x1, y1]: Corners): number => (x1 - x0) * (y1 - y0);

export function iou(a: Corners, b: Corners): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (areaOf(a) + areaOf(b) - width * height);
}

export function boxOfPolygons(polygons: number[][]): Corners {
  const xs = polygons.flatMap((polygon) => polygon.filter((_, index) => index % 2 === 0));
  const ys = polygons.flatMap((polygon) => polygon.filter((_, index) => index % 2 === 1));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Even-odd rule. */
export function isInPolygon(polygon: number[], { x, y }: Point): boolean {
  let isInside = false;
  for (let at = 0, last = polygon.length - 2; at < polygon.length; last = at, at += 2) {
    const [x0, y0, x1, y1] = [polygon[at], polygon[at + 1], polygon[last], polygon[last + 1]];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) isInside = !isInside;
  }
  return isInside;
}

function contains(object: LabeledObject, point: Point): boolean {
  const [x0, y0, x1, y1] = object.box;
  if (point.x < x0 || point.x > x1 || point.y < y0 || point.y > y1) return false;
  if (object.mask) return isInMask(object.mask, point);
  return object.polygons?.some((polygon) => isInPolygon(polygon, point)) ?? true;
}

/** The smallest object at a point: of nested ones, the inner. */
export function objectAt<T extends LabeledObject>(objects: readonly T[], point: Point): T | null {
  return objects
    .filter((object) => contains(object, point))
    .reduce<T | null>((best, one) => (best && areaOf(best.box) <= areaOf(one.box) ? best : one), null);
}

/** The object in another box: its corners are scaled with it, its mask by the nearest pixel. */
export function withBox<T extends LabeledObject>(object: T, box: Corners, size: Size): T {
  const [x0, y0, x1, y1] = object.box;
  if (object.mask) {
    const to = box.map(Math.round) as Corners;
    const [dx, dy] = [to[0] - x0, to[1] - y0];
    const isMoved = to[2] - x1 === dx && to[3] - y1 === dy && canShift(object.mask, dx, dy);
    const mask = isMoved ? shifted(object.mask, dx, dy) : stretched(object.mask, object.box, to);
    return { ...object, mask, box: boxOfMask(mask) ?? object.box };
  }
  const [sx, sy] = [(box[2] - box[0]) / (x1 - x0 || 1), (box[3] - box[1]) / (y1 - y0 || 1)];
  const polygons = object.polygons?.map((polygon) =>
    polygon.map((value, index) =>
      index % 2
        ? tenth(held(box[1] + (value - y0) * sy, 0, size.height))
        : tenth(held(box[0] + (value - x0) * sx, 0, size.width)),
    ),
  );
  return { ...object, box: box.map(tenth) as Corners, polygons };
}

/** By whole pixels, and none leaves the picture; an imported box may be smaller than its mask. */
function canShift(mask: DatasetMask, dx: number, dy: number): boolean {
  const [height, width] = mask.size;
  const [x0, y0, x1, y1] = boxOfMask(mask) ?? [0, 0, 0, 0];
  const isWhole = Number.isInteger(dx) && Number.isInteger(dy);
  return isWhole && x0 + dx >= 0 && y0 + dy >= 0 && x1 + dx <= width && y1 + dy <= height;
}

/** Moved as far as the picture allows. */
export function movedBox([x0, y0, x1, y1]: Corners, dx: number, dy: number, size: Size): Corners {
  const [right, down] = [held(dx, -x0, size.width - x1), held(dy, -y0, size.height - y1)];
  return [x0 + right, y0 + down, x1 + right, y1 + down];
}

/** A side or corner that can be dragged: which of left/right and top/bottom it moves. */
export interface Handle {
  x: "left" | "right" | null;
  y: "top" | "bottom" | null;
}

export const HANDLES: Handle[] = (["left", "right", null] as const).flatMap((x) =>
  (["top", "bottom", null] as const).flatMap((y) => (x || y ? [{ x, y }] : [])),
);

export function pointOf({ x, y }: Handle, [x0, y0, x1, y1]: Corners): Point {
  return {
    x: x === "left" ? x0 : x === "right" ? x1 : (x0 + x1) / 2,
    y: y === "top" ? y0 : y === "bottom" ? y1 : (y0 + y1) / 2,
  };
}

/** The box with one handle at `to`; drawn over the opposite side, it turns over. */
export function resizedBox([x0, y0, x1, y1]: Corners, { x, y }: Handle, to: Point, size: Size): Corners {
  const a = { x: x === "left" ? to.x : x0, y: y === "top" ? to.y : y0 };
  const b = { x: x === "right" ? to.x : x1, y: y === "bottom" ? to.y : y1 };
  const box = boxBetween(a, b, size);
  if (box[2] - box[0] < MIN_SIDE) [box[0], box[2]] = spread(box[0], size.width);
  if (box[3] - box[1] < MIN_SIDE) [box[1], box[3]] = spread(box[1], size.height);
  return box;
}

function spread(low: number, most: number): [number, number] {
  const start = held(low, 0, most - MIN_SIDE);
  return [start, start + MIN_SIDE];
}

/** The polygon's object with one corner elsewhere. */
export function withCorner<T extends LabeledObject>(
  object: T,
  ring: number,
  corner: number,
  to: Point,
  size: Size,
): T {
  const polygons = (object.polygons ?? []).map((polygon, index) => {
    if (index !== ring) return polygon;
    const changed = polygon.slice();
    changed[corner * 2] = tenth(held(to.x, 0, size.width));
    changed[corner * 2 + 1] = tenth(held(to.y, 0, size.height));
    return changed;
  });
  return { ...object, polygons, box: boxOfPolygons(polygons) };
}

/** An object of the corners of one polygon; null: they enclose nothing. */
export function polygonObject(label: string, corners: Point[], size: Size): LabeledObject | null {
  if (corners.length < 3) return null;
  const polygon = corners.flatMap(({ x, y }) => [
    tenth(held(x, 0, size.width)),
    tenth(held(y, 0, size.height)),
  ]);
  const box = boxOfPolygons([polygon]);
  return isLargeEnough(box) ? { label, box, polygons: [polygon] } : null;
}
