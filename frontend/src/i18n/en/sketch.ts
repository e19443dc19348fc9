import type { Plural, Translated } from "../message";

/** The canvas for inputs that can be drawn: loaded with it. */
export const messages = {
  "sketch.canvas": "Canvas, {width} × {height} pixels",
  "sketch.hint":
    "Draw with the mouse, a pen, or a finger. By keyboard: arrow keys move the cursor, Space paints, Shift with an arrow key draws, digits choose a brush, + and − its size, Ctrl+Z undoes.",
  "sketch.at": "Column {x}, row {y}: {name}",
  "sketch.brush": "Brush",
  "sketch.eraser": "Eraser",
  "sketch.tool": "Tool",
  "sketch.draw": "Draw",
  "sketch.fill": "Fill an area",
  "sketch.size": "Brush size",
  "sketch.pixels": { one: "{n} pixel", other: "{n} pixels" },
  "sketch.undo": "Undo",
  "sketch.redo": "Redo",
  "sketch.clear": "Clear",
  "sketch.from": "Start from",
  "sketch.choose": "Choose a picture",
  "sketch.ofJob": "The picture of this job",
  "sketch.open": "Open a picture",
  "sketch.unreadable": "This picture cannot be read by the browser.",
  "sketch.run": "Run on this drawing",
  "sketch.use": "Use this drawing",
} satisfies Record<string, string | Plural>;

export type SketchMessages = Translated<typeof messages>;
