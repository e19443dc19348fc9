import { useEffect, useRef, useState } from "preact/hooks";
import { blank, type Drawing } from "./drawing";

const MOST_UNDONE = 100;
const SAVE_MS = 150;

interface Steps {
  past: Drawing[];
  now: Drawing;
  future: Drawing[];
}

export interface DrawingState {
  drawing: Drawing;
  canUndo: boolean;
  canRedo: boolean;
  /** A step that can be undone begins, with its first change. */
  begin: (change: (drawing: Drawing) => Drawing) => void;
  /** The same step goes on, as with the next piece of a stroke. */
  change: (change: (drawing: Drawing) => Drawing) => void;
  undo: () => void;
  redo: () => void;
}

/** A drawing with its steps; `key` names where this tab keeps it over reloads. */
export function useDrawing(key: string, size: { width: number; height: number }): DrawingState {
  const [{ past, now, future }, setSteps] = useState<Steps>(() => ({
    past: [],
    now: stored(key, size) ?? blank(size),
    future: [],
  }));
  const latest = useRef(now);
  latest.current = now;
  useEffect(() => {
    const timer = setTimeout(() => store(key, now), SAVE_MS);
    return () => clearTimeout(timer);
  }, [now]);
  useEffect(() => () => store(key, latest.current), []);
  return {
    drawing: now,
    canUndo: past.length > 0,
    canRedo: future.length > 0,
    begin: (change) =>
      setSteps((steps) => {
        const next = change(steps.now);
        if (next === steps.now) return steps;
        return { past: [...steps.past.slice(1 - MOST_UNDONE), steps.now], now: next, future: [] };
      }),
    change: (change) => setSteps((steps) => ({ ...steps, now: change(steps.now) })),
    undo: () =>
      setSteps((steps) => {
        const last = steps.past.at(-1);
        if (!last) return steps;
        return { past: steps.past.slice(0, -1), now: last, future: [steps.now, ...steps.future] };
      }),
    redo: () =>
      setSteps((steps) => {
        const [next, ...rest] = steps.future;
        return next ? { past: [...steps.past, steps.now], now: next, future: rest } : steps;
      }),
  };
}

/** Run lengths: "120*0 3*2" is 120 pixels of the background and 3 of the second brush. */
export function asText({ places }: Drawing): string {
  const runs: string[] = [];
  for (let start = 0, end = 0; start < places.length; start = end) {
    while (end < places.length && places[end] === places[start]) end++;
    runs.push(`${end - start}*${places[start]}`);
  }
  return runs.join(" ");
}

/** Null: the text is not a drawing of this size. */
export function fromText(text: string, { width, height }: { width: number; height: number }): Drawing | null {
  const runs = text.split(" ").map((run) => run.split("*").map(Number));
  if (runs.reduce((total, [count]) => total + count, 0) !== width * height) return null;
  const places = Uint8Array.from(runs.flatMap(([count, place]) => Array<number>(count).fill(place)));
  return { width, height, places };
}

function stored(key: string, size: { width: number; height: number }): Drawing | null {
  try {
    return fromText(sessionStorage.getItem(key) ?? "", size);
  } catch {
    return null; // storage is blocked
  }
}

function store(key: string, drawing: Drawing): void {
  try {
    sessionStorage.setItem(key, asText(drawing));
  } catch {
    // storage is blocked or full: the drawing lasts until the page is left
  }
}
