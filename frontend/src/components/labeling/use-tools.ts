import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import type { Point, Size } from "../../labeling/annotation";
import { objectAt, polygonObject } from "../../labeling/geometry";
import {
  changedBy,
  type Draft,
  drawnBox,
  follow,
  type Gesture,
  grip,
  inPicture,
  middleOf,
  painted,
  placedBox,
  type Tool,
} from "../../labeling/gestures";
import { isSuggestion, itemsOf, type Shape, selectedOf } from "../../labeling/state";
import { toPicture } from "../pictures/viewport";
import type { Pointing, Zoom } from "./canvas";
import type { ToolSession } from "./session";
import type { Labels } from "./use-saver";

export interface Tools {
  gesture: Gesture | null;
  draft: Draft | null;
  setDraft: (draft: Draft | null) => void;
  pointing: Pointing;
  /** The class that the next object gets. */
  label: string;
  /** Takes a tool; by key it begins at once, in the middle of what can be seen. */
  take: (tool: Tool, isByKey: boolean) => void;
  /** Finishes what keys are placing; whether there was anything. */
  finish: () => boolean;
  paintAt: (path: Point[]) => void;
  radius: number; // of the brush, in pixels of the picture
}

const CLICK = 4; // screen pixels that a click may move
const CLOSE = 12; // screen pixels from the first corner that close a polygon

/** The tools for objects: what pointer and keys do with them. */
export function useTools(
  { state, dispatch }: Labels,
  session: ToolSession,
  zoom: RefObject<Zoom | null>,
  size: Size,
): Tools {
  const [gesture, setGesture] = useState<Gesture | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const running = useRef<Gesture | null>(null); // events come faster than the page is drawn
  const start = useRef<Point>({ x: 0, y: 0 });
  const { tool } = session;
  const label = session.active ?? session.classes[0] ?? t("labeling.object");
  const scale = zoom.current?.view.scale ?? 1;
  const radius = Math.max(session.radius / scale, 0.5);
  const selected = selectedOf(state);

  const run = (next: Gesture | null) => {
    running.current = next;
    setGesture(next);
  };
  const pixel = (at: Point): Point => {
    const view = zoom.current?.view;
    return view ? toPicture(view, at.x, at.y) : at;
  };
  const visible = (): Shape[] => itemsOf(state.now).filter(({ id }) => !state.hidden.includes(id));
  const selectAt = (at: Point) => {
    const found = objectAt(visible(), pixel(at));
    dispatch({ type: "select", id: found?.id ?? null });
    return found;
  };
  const add = (box: ReturnType<typeof drawnBox>) => box && dispatch({ type: "add", object: { label, box } });

  const paintAt = (path: Point[]) => {
    const isErasing = tool === "eraser";
    const object = selected && !isSuggestion(selected) ? selected : null;
    if (isErasing && !object) return;
    const changed = painted(object, label, { path, isErasing }, radius, size);
    if (changed && object) dispatch({ type: "change", id: object.id, object: changed });
    else if (changed) dispatch({ type: "add", object: changed });
    else if (object) dispatch({ type: "remove", id: object.id });
  };

  const close = (corners: Point[]): void => {
    const object = polygonObject(label, corners, size);
    setDraft(null);
    if (object) dispatch({ type: "add", object });
  };

  const pressPolygon = (at: Point) => {
    const view = zoom.current?.view;
    const point = inPicture(pixel(at), size);
    const corners = draft?.name === "polygon" ? draft.corners : [];
    const [first] = corners;
    const isClosing =
      corners.length > 2 && Math.hypot(first.x - point.x, first.y - point.y) * (view?.scale ?? 1) <= CLOSE;
    if (isClosing) close(corners);
    else setDraft({ name: "polygon", corners: [...corners, point], cursor: point });
  };

  const down = (at: Point) => {
    const view = zoom.current?.view;
    if (!view) return;
    start.current = at;
    const from = pixel(at);
    if (draft?.name !== "polygon") setDraft(null);
    const held = draft ? null : selected && grip(selected, view, at, size);
    if (held && (tool === "select" || tool === "box" || tool === "polygon")) run(held);
    else if (tool === "box") run({ name: "box", from, to: from });
    else if (tool === "brush" || tool === "eraser")
      run({ name: "stroke", path: [from], isErasing: tool === "eraser" });
    else if (tool === "select") {
      const shape = selectAt(at);
      run(shape ? { name: "move", shape, from, to: from } : null);
    }
  };

  const up = (at: Point) => {
    const done = running.current;
    run(null);
    const isClick = Math.hypot(at.x - start.current.x, at.y - start.current.y) <= CLICK;
    if (tool === "polygon" && !done) return pressPolygon(at);
    if (!done) return;
    if (done.name === "stroke") return paintAt(done.path);
    if (done.name === "box") {
      if (isClick) selectAt(at);
      else add(drawnBox(done.from, done.to, size));
      return;
    }
    const changed = isClick ? null : changedBy(done, size);
    if (changed) dispatch({ type: "change", id: changed.id, object: changed });
  };

  const pointing: Pointing = {
    down,
    move: (at) => running.current && run(follow(running.current, pixel(at))),
    up,
    cancel: () => run(null),
    hover: (at) => draft?.name === "polygon" && setDraft({ ...draft, cursor: inPicture(pixel(at), size) }),
  };

  const take = (next: Tool, isByKey: boolean) => {
    session.change({ tool: next });
    const view = zoom.current?.view;
    if (!isByKey || !view || next === "select") return setDraft(null);
    const cursor = middleOf(view, size);
    if (next === "box") setDraft({ name: "box", box: placedBox(view, size) });
    else if (next === "polygon") setDraft({ name: "polygon", corners: [], cursor });
    else setDraft({ name: "brush", cursor });
  };

  const finish = (): boolean => {
    if (!draft || draft.name === "brush") return false;
    if (draft.name === "polygon") close(draft.corners);
    else add(draft.box);
    setDraft(null);
    return true;
  };

  return { gesture, draft, setDraft, pointing, label, take, finish, paintAt, radius };
}
