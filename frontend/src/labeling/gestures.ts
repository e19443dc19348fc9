import type { LabeledObject } from "../api/types";
import { toPicture, type Viewport } from "../components/pictures/viewport";
import type { Corners, Point, Size } from "./annotation";
import {
  boxBetween,
  HANDLES,
  type Handle,
  isLargeEnough,
  movedBox,
  pointOf,
  resizedBox,
  withBox,
  withCorner,
} from "./geometry";
import { boxOfMask, maskOf, paint, pixelsOf, pixelsOfPolygons } from "./run-lengths";
import type { Shape } from "./state";

export type Tool = "select" | "box" | "polygon" | "brush" | "eraser";

/** The tools for a dataset's kind, the usual one first. */
export const TOOLS: Record<string, Tool[]> = {
  boxes: ["box", "select"],
  masks: ["polygon", "brush", "eraser", "select"],
};

/** What the pointer does from its press to its release; points are in pixels of the picture. */
export type Gesture =
  | { name: "box"; from: Point; to: Point }
  | { name: "move"; shape: Shape; from: Point; to: Point }
  | { name: "resize"; shape: Shape; handle: Handle; to: Point }
  | { name: "corner"; shape: Shape; ring: number; corner: number; to: Point }
  | { name: "stroke"; path: Point[]; isErasing: boolean };

/** An object that is not finished, over several presses of keys or clicks. */
export type Draft =
  | { name: "box"; box: Corners }
  | { name: "polygon"; corners: Point[]; cursor: Point }
  | { name: "brush"; cursor: Point };

export const follow = (gesture: Gesture, to: Point): Gesture =>
  gesture.name === "stroke" ? { ...gesture, path: [...gesture.path, to] } : { ...gesture, to };

/** The object that a gesture changes, as it is after it; null: it changes none. */
export function changedBy(gesture: Gesture, size: Size): Shape | null {
  if (gesture.name === "corner")
    return withCorner(gesture.shape, gesture.ring, gesture.corner, gesture.to, size);
  const box = boxBy(gesture, size);
  return box && "shape" in gesture ? withBox(gesture.shape, box, size) : null;
}

/** As changedBy, while the gesture lasts: a mask is drawn into its new box, and computed at the end. */
export function previewOf(gesture: Gesture, size: Size): Shape | null {
  const box = boxBy(gesture, size);
  if (box && "shape" in gesture && gesture.shape.mask) return { ...gesture.shape, box };
  return changedBy(gesture, size);
}

function boxBy(gesture: Gesture, size: Size): Corners | null {
  if (gesture.name === "resize") return resizedBox(gesture.shape.box, gesture.handle, gesture.to, size);
  if (gesture.name !== "move") return null;
  const { shape, from, to } = gesture;
  return movedBox(shape.box, to.x - from.x, to.y - from.y, size);
}

export function drawnBox(from: Point, to: Point, size: Size): Corners | null {
  const box = boxBetween(from, to, size);
  return isLargeEnough(box) ? box : null;
}

/** An object's area with a stroke more, or with `isErasing` less; null: nothing is left. */
export function painted(
  object: LabeledObject | null,
  label: string,
  { path, isErasing }: { path: Point[]; isErasing: boolean },
  radius: number,
  size: Size,
): LabeledObject | null {
  const pixels = object ? areaOf(object, size) : new Uint8Array(size.width * size.height);
  paint(pixels, size, path, radius, isErasing ? 0 : 1);
  const mask = maskOf(pixels, size);
  const box = boxOfMask(mask);
  if (!box) return null;
  return { ...object, label: object?.label ?? label, box, mask, polygons: null };
}

function areaOf({ mask, polygons, box }: LabeledObject, size: Size): Uint8Array {
  if (mask) return pixelsOf(mask);
  const [x0, y0, x1, y1] = box;
  return pixelsOfPolygons(polygons ?? [[x0, y0, x1, y0, x1, y1, x0, y1]], size);
}

const REACH = 12; // screen pixels around a handle: as far as a finger misses

/** What of the selected object is at a point of the screen. */
export function grip(
  shape: Shape,
  view: Viewport,
  at: Point,
  size: Size,
): Extract<Gesture, { name: "resize" | "corner" }> | null {
  const to = toPicture(view, at.x, at.y);
  const isNear = ({ x, y }: Point) => Math.hypot(x - to.x, y - to.y) * view.scale <= REACH;
  for (const [ring, polygon] of (shape.polygons ?? []).entries())
    for (let corner = 0; corner < polygon.length / 2; corner++)
      if (isNear({ x: polygon[corner * 2], y: polygon[corner * 2 + 1] }))
        return { name: "corner", shape, ring, corner, to };
  const handle = HANDLES.find((one) => isNear(pointOf(one, shape.box)));
  return handle ? { name: "resize", shape, handle, to: inPicture(to, size) } : null;
}

export const inPicture = ({ x, y }: Point, { width, height }: Size): Point => ({
  x: Math.min(Math.max(x, 0), width),
  y: Math.min(Math.max(y, 0), height),
});

/** The middle of what can be seen. */
export const middleOf = (view: Viewport, size: Size): Point =>
  inPicture(toPicture(view, view.width / 2, view.height / 2), size);

/** A box to begin with, in the middle of what can be seen. */
export function placedBox(view: Viewport, size: Size): Corners {
  const middle = middleOf(view, size);
  const half = Math.min(view.width, view.height) / 8 / view.scale;
  return boxBetween(
    { x: Math.round(middle.x - half), y: Math.round(middle.y - half) },
    { x: Math.round(middle.x + half), y: Math.round(middle.y + half) },
    size,
  );
}

/** A box moved by keys, or with `isResizing` its lower right corner. */
export function steppedBox(box: Corners, dx: number, dy: number, isResizing: boolean, size: Size): Corners {
  if (!isResizing) return movedBox(box, dx, dy, size);
  const [x0, y0, x1, y1] = box;
  const to = { x: Math.max(x1 + dx, x0 + 1), y: Math.max(y1 + dy, y0 + 1) };
  return resizedBox(box, { x: "right", y: "bottom" }, to, size);
}
