import type { Box, GridLevel } from "../../stages/shapes";
import { toScreen, type Viewport } from "../pictures/viewport";
import type { Paint } from "./palette";
import { heat } from "./palette";

export interface DrawnBox {
  box: Box;
  paint: Paint;
  style: "solid" | "dashed" | "faint";
  text?: string; // on a wide picture
  number?: string; // on a narrow one, where texts would cover each other
  strength?: number; // 0…1, how opaque a faint box is
  isDimmed?: boolean;
  isStrong?: boolean;
}

const NARROW = 480; // CSS pixels
const FONT = "600 12px system-ui, sans-serif";
const PLATE = 18;
const DASHES = { solid: [], dashed: [6, 4], faint: [] };

export function drawBoxes(context: CanvasRenderingContext2D, view: Viewport, boxes: DrawnBox[]): void {
  for (const item of boxes) outline(context, view, item);
  drawPlates(context, view, boxes);
}

/** The texts of boxes, each where it covers no other if there is room. */
export function drawPlates(context: CanvasRenderingContext2D, view: Viewport, boxes: DrawnBox[]): void {
  const taken: Rectangle[] = [];
  const strongFirst = boxes.toSorted((a, b) => Number(b.isStrong ?? false) - Number(a.isStrong ?? false));
  for (const item of strongFirst) plate(context, view, item, taken);
}

function outline(context: CanvasRenderingContext2D, view: Viewport, item: DrawnBox): void {
  const { x, y, width, height } = toScreen(view, item.box);
  const line = item.isStrong ? 3.5 : item.style === "faint" ? 1.25 : 2;
  context.save();
  context.globalAlpha = item.isDimmed ? 0.28 : (item.strength ?? 1);
  context.setLineDash(DASHES[item.style]);
  if (item.style !== "faint") {
    // a dark rim keeps a bright line visible on a bright picture
    context.lineWidth = line + 2;
    context.strokeStyle = "rgb(0 0 0 / 0.45)";
    context.strokeRect(x, y, width, height);
  }
  context.lineWidth = line;
  context.strokeStyle = item.paint.line;
  context.strokeRect(x, y, width, height);
  context.restore();
}

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

const meet = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function plate(context: CanvasRenderingContext2D, view: Viewport, item: DrawnBox, taken: Rectangle[]): void {
  const isNarrow = view.width < NARROW;
  const text = isNarrow ? item.number : item.text;
  if (!text) return;
  context.save();
  context.font = FONT;
  context.globalAlpha = item.isDimmed ? 0.35 : 1;
  const box = toScreen(view, item.box);
  const width = Math.max(context.measureText(text).width + 10, PLATE);
  const x = Math.min(Math.max(box.x - 1, 0), Math.max(view.width - width, 0));
  const tops = [box.y - PLATE, box.y, box.y + box.height, box.y + box.height - PLATE];
  const spots = tops.map((y) => ({ x, y, width, height: PLATE }));
  const isInside = (spot: Rectangle) => spot.y >= 0 && spot.y + PLATE <= view.height;
  const spot =
    spots.find((one) => isInside(one) && !taken.some((other) => meet(one, other))) ??
    spots.find(isInside) ??
    spots[1];
  taken.push(spot);
  context.fillStyle = item.paint.plate;
  context.beginPath();
  context.roundRect(spot.x, spot.y, spot.width, spot.height, 3);
  context.fill();
  context.fillStyle = "white";
  context.textBaseline = "middle";
  context.fillText(text, spot.x + 5, spot.y + PLATE / 2 + 0.5);
  context.restore();
}

/** The intersection of two boxes, filled, and a line from the suppressed box to the one that suppressed it. */
export function drawOverlap(
  context: CanvasRenderingContext2D,
  view: Viewport,
  dropped: Box,
  keeper: Box,
  shared: Box | null,
): void {
  context.save();
  if (shared) {
    const { x, y, width, height } = toScreen(view, shared);
    context.fillStyle = "rgb(255 196 0 / 0.32)";
    context.fillRect(x, y, width, height);
  }
  const [from, to] = [middle(view, dropped), middle(view, keeper)];
  context.strokeStyle = "rgb(255 196 0)";
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.restore();
}

function middle(view: Viewport, box: Box): { x: number; y: number } {
  const { x, y, width, height } = toScreen(view, box);
  return { x: x + width / 2, y: y + height / 2 };
}

export function cellBox(level: GridLevel, row: number, column: number): Box {
  const xmin = level.left + column * level.cell_width;
  const ymin = level.top + row * level.cell_height;
  return { xmin, ymin, xmax: xmin + level.cell_width, ymax: ymin + level.cell_height };
}

/** The grid lines; with `isHeat`, each cell filled by its objectness. */
export function drawGrid(
  context: CanvasRenderingContext2D,
  view: Viewport,
  level: GridLevel,
  isHeat: boolean,
): void {
  context.save();
  for (let row = 0; row < level.rows; row++) {
    for (let column = 0; column < level.columns; column++) {
      const { x, y, width, height } = toScreen(view, cellBox(level, row, column));
      const sureness = level.objectness[row][column];
      if (isHeat && sureness > 0.02) {
        context.fillStyle = `rgb(${heat(0.25 + sureness * 0.75).join(" ")} / ${0.15 + sureness * 0.55})`;
        context.fillRect(x, y, width, height);
      }
    }
  }
  lines(context, view, level);
  context.restore();
}

function lines(context: CanvasRenderingContext2D, view: Viewport, level: GridLevel): void {
  const whole = toScreen(view, {
    xmin: level.left,
    ymin: level.top,
    xmax: level.left + level.columns * level.cell_width,
    ymax: level.top + level.rows * level.cell_height,
  });
  context.beginPath();
  for (let column = 0; column <= level.columns; column++) {
    const x = whole.x + (whole.width * column) / level.columns;
    context.moveTo(x, whole.y);
    context.lineTo(x, whole.y + whole.height);
  }
  for (let row = 0; row <= level.rows; row++) {
    const y = whole.y + (whole.height * row) / level.rows;
    context.moveTo(whole.x, y);
    context.lineTo(whole.x + whole.width, y);
  }
  context.strokeStyle = "rgb(0 0 0 / 0.25)";
  context.lineWidth = 2;
  context.stroke();
  context.strokeStyle = "rgb(255 255 255 / 0.5)";
  context.lineWidth = 1;
  context.stroke();
}
