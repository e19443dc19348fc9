import type { RefObject } from "preact";
import type { Corners, Point, Size } from "../../labeling/annotation";
import { withBox } from "../../labeling/geometry";
import { inPicture, steppedBox, TOOLS, type Tool } from "../../labeling/gestures";
import { itemsOf, neighborOf, selectedOf } from "../../labeling/state";
import { panned, showing } from "../../labeling/view";
import type { Zoom } from "./canvas";
import type { ToolSession } from "./session";
import type { Labels } from "./use-saver";
import type { Tools } from "./use-tools";

export interface Acts {
  /** Digits: a class for the selected object, the next ones, or the picture. */
  chooseClass: (place: number) => void;
  accept: (isAll: boolean) => boolean;
  suggest: () => void;
  next: () => void;
  following: () => void;
  previous: () => void;
  focusClasses: () => void;
}

export interface Keyboard {
  labels: Labels;
  session: ToolSession;
  tools: Tools;
  zoom: RefObject<Zoom | null>;
  size: Size;
  kind: string;
  acts: Acts;
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

const LETTERS: Record<string, Tool> = { v: "select", b: "box", p: "polygon", d: "brush", e: "eraser" };

const STEP = 5; // screen pixels of one press of an arrow
const LONG_STEP = 15; // while it is held
const PAN = 60;
const SIZE_STEP = 1.25;
const [THINNEST, THICKEST] = [2, 200]; // of the brush, screen pixels

/** A key on the canvas; whether it was used. */
export function pressCanvas(event: KeyboardEvent, keyboard: Keyboard): boolean {
  if (event.metaKey || event.altKey || (event.ctrlKey && !(event.key in ARROWS))) return false;
  const arrow = ARROWS[event.key];
  if (arrow) return pressArrow(event, arrow, keyboard);
  const { labels, tools, acts } = keyboard;
  const { state, dispatch } = labels;
  const selected = selectedOf(state);
  switch (event.key) {
    case "Enter":
      if (!tools.finish() && !acts.accept(event.shiftKey)) acts.next();
      return true;
    case " ":
      return pressSpace(keyboard);
    case "Tab": {
      const next = neighborOf(state, event.shiftKey ? -1 : 1);
      const item = itemsOf(state.now).find(({ id }) => id === next);
      dispatch({ type: "select", id: next });
      if (item) keyboard.zoom.current?.change((view) => showing(view, keyboard.size, middleOfBox(item.box)));
      return next !== null; // after the last one the focus moves on
    }
    case "Escape":
      tools.setDraft(null);
      dispatch({ type: "select", id: null });
      return true;
    case "Delete":
    case "Backspace":
      if (tools.draft?.name === "polygon")
        tools.setDraft({ ...tools.draft, corners: tools.draft.corners.slice(0, -1) });
      else if (selected) dispatch({ type: "remove", id: selected.id });
      else if (keyboard.kind === "classes") dispatch({ type: "class", label: null });
      return true;
    default:
      return pressLetter(event, keyboard);
  }
}

/** Keys that work wherever the focus is, unless something is typed; whether it was used. */
export function pressLetter(event: KeyboardEvent, keyboard: Keyboard): boolean {
  const { labels, session, tools, acts, kind } = keyboard;
  const { state, dispatch } = labels;
  const key = event.key.toLowerCase();
  const tool = LETTERS[key];
  if (tool && TOOLS[kind]?.includes(tool)) tools.take(tool, true);
  else if (/^\d$/.test(key)) acts.chooseClass((Number(key) + 9) % 10);
  else if (key === "n") acts.next();
  else if (key === ".") acts.following();
  else if (key === ",") acts.previous();
  else if (key === "s") acts.suggest();
  else if (key === "c") acts.focusClasses();
  else if (key === "x" && kind in TOOLS) dispatch({ type: "empty" });
  else if (key === "h" && state.selected !== null) dispatch({ type: "hide", id: state.selected });
  else if (key === "[") session.change({ radius: Math.max(session.radius / SIZE_STEP, THINNEST) });
  else if (key === "]") session.change({ radius: Math.min(session.radius * SIZE_STEP, THICKEST) });
  else return false;
  return true;
}

function pressArrow(event: KeyboardEvent, arrow: Point, keyboard: Keyboard): boolean {
  const { labels, tools, zoom, size, session } = keyboard;
  const { state, dispatch } = labels;
  const view = zoom.current?.view;
  if (!view) return false;
  const pixels = event.ctrlKey ? 1 : Math.max((event.repeat ? LONG_STEP : STEP) / view.scale, 1);
  const [dx, dy] = [arrow.x * Math.round(pixels), arrow.y * Math.round(pixels)];
  const { draft } = tools;
  const selected = selectedOf(state);
  if (draft?.name === "box")
    tools.setDraft({ ...draft, box: steppedBox(draft.box, dx, dy, event.shiftKey, size) });
  else if (draft) {
    const cursor = inPicture({ x: draft.cursor.x + dx, y: draft.cursor.y + dy }, size);
    if (draft.name === "brush" && event.shiftKey) tools.paintAt([draft.cursor, cursor]);
    tools.setDraft({ ...draft, cursor });
    zoom.current?.change((now) => showing(now, size, cursor));
  } else if (selected && session.tool !== "brush") {
    const object = withBox(selected, steppedBox(selected.box, dx, dy, event.shiftKey, size), size);
    dispatch({ type: "change", id: selected.id, object, step: `${selected.id}${event.shiftKey}` });
  } else zoom.current?.change((now) => panned(now, size, -arrow.x * PAN, -arrow.y * PAN));
  return true;
}

const middleOfBox = ([x0, y0, x1, y1]: Corners): Point => ({ x: (x0 + x1) / 2, y: (y0 + y1) / 2 });

function pressSpace({ tools }: Keyboard): boolean {
  const { draft } = tools;
  if (draft?.name === "polygon") tools.setDraft({ ...draft, corners: [...draft.corners, draft.cursor] });
  else if (draft?.name === "brush") tools.paintAt([draft.cursor]);
  else if (draft?.name === "box") tools.finish();
  return true; // the page does not scroll
}

/** Keeps a key that was used from the page. */
export function used(event: KeyboardEvent, isUsed: boolean): void {
  if (!isUsed) return;
  event.preventDefault();
  event.stopPropagation();
}

/** Undo and redo; whether it was one of them. */
export function pressUndo(event: KeyboardEvent, { dispatch }: Labels): boolean {
  const key = event.key.toLowerCase();
  if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return false;
  const target = event.target as Element | null;
  if (target?.matches("input[type=text], input[type=search], textarea")) return false;
  dispatch({ type: key === "y" || event.shiftKey ? "redo" : "undo" });
  return true;
}
