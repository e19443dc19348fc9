import type { LabeledObject } from "../../api/types";
import type { Corners, Point } from "../../labeling/annotation";
import { HANDLES, pointOf } from "../../labeling/geometry";
import type { Draft, Gesture } from "../../labeling/gestures";
import { pixelsOf } from "../../labeling/run-lengths";
import { isSuggestion, type Shape } from "../../labeling/state";
import { drawBoxes, drawPlates } from "../charts/draw";
import { type Paint, paintOf } from "../charts/palette";
import type { Viewport } from "../pictures/viewport";
import { toScreen } from "../pictures/viewport";

/** Objects as they are, drawn anew only when they change. */
export interface Scene {
  shapes: { shape: Shape; number: number }[]; // in the order of the list, without those that are hidden
  selected: number | null;
  paintFor: (label: string) => Paint;
}

/** What pointer and keys are doing, drawn over the scene. */
export interface Work {
  changed: { shape: Shape; number: number } | null; // by the gesture, and left out of the scene meanwhile
  held: Shape | null; // has handles
  gesture: Gesture | null;
  draft: Draft | null;
  radius: number; // of the brush, in pixels of the picture
  paint: Paint; // of the class that the next object gets
  paintFor: (label: string) => Paint;
}

/** Colors by the place of a class in the dataset, so that a new class changes no other's. */
export function classPaint(classes: string[], label: string): Paint {
  const place = classes.indexOf(label);
  return paintOf(place < 0 ? classes.length : place);
}

const sides = ([xmin, ymin, xmax, ymax]: Corners) => ({ xmin, ymin, xmax, ymax });

export function drawScene(context: CanvasRenderingContext2D, view: Viewport, scene: Scene): void {
  const { shapes, selected, paintFor } = scene;
  const isChosen = (shape: Shape) => shape.id === selected;
  const chosenLast = shapes.toSorted((a, b) => Number(isChosen(a.shape)) - Number(isChosen(b.shape)));
  for (const { shape } of chosenLast) drawShape(context, view, shape, paintFor(shape.label), isChosen(shape));
  drawPlates(
    context,
    view,
    shapes.map(({ shape, number }) => ({
      box: sides(shape.box),
      paint: paintFor(shape.label),
      style: "solid",
      text: shape.label,
      number: String(number),
      isStrong: isChosen(shape),
    })),
  );
}

export function drawWork(context: CanvasRenderingContext2D, view: Viewport, work: Work): void {
  const { changed, held, paintFor } = work;
  if (changed) drawScene(context, view, { shapes: [changed], selected: changed.shape.id, paintFor });
  if (held) drawHandles(context, view, held);
  drawUnfinished(context, view, work);
}

function drawShape(
  context: CanvasRenderingContext2D,
  view: Viewport,
  shape: Shape,
  paint: Paint,
  isStrong: boolean,
): void {
  const style = isSuggestion(shape) ? ("dashed" as const) : ("solid" as const);
  if (shape.mask) drawMask(context, view, shape, paint, isStrong || style === "dashed");
  if (shape.polygons) drawPolygons(context, view, shape.polygons, paint, style, isStrong);
  if (isStrong || !(shape.mask || shape.polygons))
    drawBoxes(context, view, [{ box: sides(shape.box), paint, style, isStrong }]);
}

/** The box or stroke under the pointer, and what keys are placing. */
function drawUnfinished(context: CanvasRenderingContext2D, view: Viewport, work: Work): void {
  const { gesture, draft, paint, radius } = work;
  const box = (corners: Corners) =>
    drawBoxes(context, view, [{ box: sides(corners), paint, style: "solid", isStrong: true }]);
  if (gesture?.name === "box") {
    const { from, to } = gesture;
    box([Math.min(from.x, to.x), Math.min(from.y, to.y), Math.max(from.x, to.x), Math.max(from.y, to.y)]);
  }
  if (gesture?.name === "stroke") drawStroke(context, view, gesture, radius, paint);
  if (draft?.name === "box") box(draft.box);
  if (draft?.name === "polygon") {
    const path = [...draft.corners, draft.cursor].flatMap(({ x, y }) => [x, y]);
    if (path.length > 2) drawPolygons(context, view, [path], paint, "dashed", true);
    for (const corner of draft.corners) drawHandle(context, onScreen(view, corner));
    drawCrosshair(context, onScreen(view, draft.cursor), 0);
  }
  if (draft?.name === "brush") drawCrosshair(context, onScreen(view, draft.cursor), radius * view.scale);
}

const onScreen = (view: Viewport, { x, y }: Point): Point => ({
  x: view.left + x * view.scale,
  y: view.top + y * view.scale,
});

function drawPolygons(
  context: CanvasRenderingContext2D,
  view: Viewport,
  polygons: number[][],
  paint: Paint,
  style: "solid" | "dashed",
  isStrong: boolean,
): void {
  context.save();
  context.beginPath();
  for (const polygon of polygons) {
    for (let at = 0; at < polygon.length; at += 2) {
      const { x, y } = onScreen(view, { x: polygon[at], y: polygon[at + 1] });
      if (at === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.closePath();
  }
  context.globalAlpha = 0.3;
  context.fillStyle = paint.line;
  context.fill();
  context.globalAlpha = 1;
  context.setLineDash(style === "dashed" ? [6, 4] : []);
  const width = isStrong ? 3 : 2;
  for (const [color, line] of [
    ["rgb(0 0 0 / 0.45)", width + 2],
    [paint.line, width],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = line;
    context.stroke();
  }
  context.restore();
}

const cutouts = new WeakMap<object, { canvas: HTMLCanvasElement; color: string }>(); // masks are never changed, only replaced

/** The pixels of a mask inside of its box, one pixel of the canvas for each. */
function cutout({ mask, box }: LabeledObject, color: string): HTMLCanvasElement | null {
  if (!mask) return null;
  const known = cutouts.get(mask);
  if (known?.color === color) return known.canvas;
  const canvas = document.createElement("canvas");
  const [x0, y0, x1, y1] = box.map(Math.round);
  Object.assign(canvas, { width: Math.max(x1 - x0, 1), height: Math.max(y1 - y0, 1) });
  const context = canvas.getContext("2d");
  if (!context) return null;
  const pixels = pixelsOf(mask);
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y++)
    for (let x = 0; x < canvas.width; x++)
      image.data[(y * canvas.width + x) * 4 + 3] = pixels[(x + x0) * mask.size[0] + y + y0] * 255;
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = color;
  context.fillRect(0, 0, canvas.width, canvas.height);
  cutouts.set(mask, { canvas, color });
  return canvas;
}

function drawMask(
  context: CanvasRenderingContext2D,
  view: Viewport,
  shape: Shape,
  paint: Paint,
  isLight: boolean,
): void {
  const canvas = cutout(shape, paint.line);
  if (!canvas) return;
  const { x, y, width, height } = toScreen(view, sides(shape.box));
  context.save();
  context.imageSmoothingEnabled = view.scale < 2;
  context.globalAlpha = isLight ? 0.4 : 0.55;
  context.drawImage(canvas, x, y, width, height);
  context.restore();
}

function drawStroke(
  context: CanvasRenderingContext2D,
  view: Viewport,
  { path, isErasing }: { path: Point[]; isErasing: boolean },
  radius: number,
  paint: Paint,
): void {
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = Math.max(radius * 2 * view.scale, 1);
  context.strokeStyle = isErasing ? "white" : paint.line;
  context.globalAlpha = 0.6;
  context.beginPath();
  const points = path.map((point) => onScreen(view, point));
  context.moveTo(points[0].x, points[0].y);
  for (const { x, y } of points) context.lineTo(x, y);
  context.stroke();
  context.restore();
}

function drawHandles(context: CanvasRenderingContext2D, view: Viewport, shape: Shape): void {
  for (const handle of HANDLES) drawHandle(context, onScreen(view, pointOf(handle, shape.box)));
  for (const polygon of shape.polygons ?? [])
    for (let at = 0; at < polygon.length; at += 2)
      drawHandle(context, onScreen(view, { x: polygon[at], y: polygon[at + 1] }), true);
}

function drawHandle(context: CanvasRenderingContext2D, { x, y }: Point, isRound = false): void {
  context.save();
  context.fillStyle = "white";
  context.strokeStyle = "rgb(0 0 0 / 0.75)";
  context.lineWidth = 1.5;
  context.beginPath();
  if (isRound) context.arc(x, y, 4.5, 0, 2 * Math.PI);
  else context.rect(x - 4.5, y - 4.5, 9, 9);
  context.fill();
  context.stroke();
  context.restore();
}

function drawCrosshair(context: CanvasRenderingContext2D, { x, y }: Point, radius: number): void {
  context.save();
  for (const [color, line] of [
    ["black", 4],
    ["white", 2],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = line;
    context.beginPath();
    context.moveTo(x - 14, y);
    context.lineTo(x + 14, y);
    context.moveTo(x, y - 14);
    context.lineTo(x, y + 14);
    if (radius > 0) {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.stroke();
  }
  context.restore();
}
