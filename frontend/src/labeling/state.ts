import type { Annotation, LabeledObject } from "../api/types";
import { textOf } from "./annotation";
import { iou } from "./geometry";

/** An object with a number of its own while the page is open. */
export interface Shape extends LabeledObject {
  id: number;
}

/** What a model found; it is no label until it is accepted. */
export interface Suggestion extends Shape {
  score: number;
}

export interface ScoredLabel {
  label: string;
  score: number;
}

/** What can be undone. */
export interface Labels {
  label: string | null;
  objects: Shape[];
  isEmpty: boolean; // confirmed that the picture shows no object
  suggestions: Suggestion[];
}

export interface LabelState {
  now: Labels;
  past: Labels[];
  future: Labels[];
  selected: number | null; // an object's or a suggestion's
  hidden: number[];
  suggestedLabels: ScoredLabel[]; // classes of the whole picture, the most likely first
  nextId: number;
  /** Changes with the same name, one right after another, are one step. */
  step: string | null;
}

export type Action =
  | { type: "open"; annotation: Annotation | null }
  | { type: "replace"; annotation: Annotation | null } // can be undone
  | { type: "add"; object: LabeledObject }
  | { type: "change"; id: number; object: LabeledObject; step?: string }
  | { type: "remove"; id: number }
  | { type: "relabel"; id: number; label: string }
  | { type: "class"; label: string | null }
  | { type: "empty" }
  | { type: "suggest"; objects: (LabeledObject & { score: number })[]; labels: ScoredLabel[] }
  | { type: "accept"; ids: number[] }
  | { type: "dismiss" }
  | { type: "select"; id: number | null }
  | { type: "hide"; id: number }
  | { type: "undo" }
  | { type: "redo" };

const MOST_UNDONE = 200;
const SAME_OBJECT = 0.7; // IoU from which a suggestion is an object that is labeled already

const EMPTY: Labels = { label: null, objects: [], isEmpty: false, suggestions: [] };

export const opened = (annotation: Annotation | null): LabelState =>
  reduce(
    {
      now: EMPTY,
      past: [],
      future: [],
      selected: null,
      hidden: [],
      suggestedLabels: [],
      nextId: 1,
      step: null,
    },
    { type: "open", annotation },
  );

/** What is saved; null: the picture is not labeled. */
export function annotationOf({ label, objects, isEmpty }: Labels): Annotation | null {
  if (label === null && objects.length === 0 && !isEmpty) return null;
  return { label, objects: objects.map(({ id: _, ...object }) => object) };
}

/** Objects and suggestions in the order in which they are listed. */
export const itemsOf = ({ objects, suggestions }: Labels): (Shape | Suggestion)[] => [
  ...objects,
  ...suggestions,
];

export const isSuggestion = (shape: Shape): shape is Suggestion => "score" in shape;

export const selectedOf = ({ now, selected }: LabelState): Shape | Suggestion | null =>
  itemsOf(now).find(({ id }) => id === selected) ?? null;

/** The item after the selected one, or before it; null: there is none on that side. */
export function neighborOf({ now, selected, hidden }: LabelState, step: 1 | -1): number | null {
  const ids = itemsOf(now).flatMap(({ id }) => (hidden.includes(id) ? [] : [id]));
  const at = selected === null ? (step === 1 ? -1 : ids.length) : ids.indexOf(selected);
  return ids[at + step] ?? null;
}

export function reduce(state: LabelState, action: Action): LabelState {
  const { now } = state;
  switch (action.type) {
    case "open":
      return {
        ...withAnnotation(state, action.annotation),
        past: [],
        future: [],
        selected: null,
        hidden: [],
      };
    case "replace":
      if (textOf(action.annotation) === textOf(annotationOf(now))) return state;
      return { ...withAnnotation(state, action.annotation), ...stepped(state), selected: null };
    case "add": {
      const shape = { ...action.object, id: state.nextId };
      const changed = changedTo(state, { ...now, objects: [...now.objects, shape], isEmpty: false });
      return { ...changed, nextId: shape.id + 1, selected: shape.id };
    }
    case "change": {
      const replaced = mapped(now, action.id, (shape) => ({ ...action.object, id: shape.id }));
      return changedTo(state, replaced, action.step);
    }
    case "relabel":
      return changedTo(
        state,
        mapped(now, action.id, (shape) => ({ ...shape, label: action.label })),
      );
    case "remove":
      return removed(state, action.id);
    case "class":
      return now.label === action.label ? state : changedTo(state, { ...now, label: action.label });
    case "empty":
      if (now.objects.length > 0 || now.isEmpty) return state;
      return { ...changedTo(state, { ...now, isEmpty: true, suggestions: [] }), selected: null };
    case "suggest":
      return suggested(state, action.objects, action.labels);
    case "accept":
      return accepted(state, action.ids);
    case "dismiss":
      if (now.suggestions.length === 0) return { ...state, suggestedLabels: [] };
      return { ...changedTo(state, { ...now, suggestions: [] }), selected: null, suggestedLabels: [] };
    case "select":
      return { ...state, selected: action.id, step: null };
    case "hide": {
      const isHidden = state.hidden.includes(action.id);
      const hidden = isHidden ? state.hidden.filter((id) => id !== action.id) : [...state.hidden, action.id];
      return { ...state, hidden };
    }
    case "undo":
      return moved(state, state.past, state.future, false);
    case "redo":
      return moved(state, state.future, state.past, true);
  }
}

function withAnnotation(state: LabelState, annotation: Annotation | null): LabelState {
  const { label = null, objects = [] } = annotation ?? {};
  const shapes = objects.map((object, index) => ({ ...object, id: state.nextId + index }));
  const isEmpty = annotation !== null && label === null && objects.length === 0;
  const now = { label, objects: shapes, isEmpty, suggestions: state.now.suggestions };
  return { ...state, now, nextId: state.nextId + shapes.length, step: null };
}

const stepped = ({ past, now }: LabelState) => ({
  past: [...past.slice(1 - MOST_UNDONE), now],
  future: [],
});

function changedTo(state: LabelState, now: Labels, step: string | null = null): LabelState {
  const isSameStep = step !== null && step === state.step;
  return { ...state, ...(isSameStep ? { future: [] } : stepped(state)), now, step };
}

function mapped(labels: Labels, id: number, change: (shape: Shape) => Shape): Labels {
  const replace = <T extends Shape>(shape: T): T =>
    shape.id === id ? { ...shape, ...change(shape) } : shape;
  return {
    ...labels,
    objects: labels.objects.map(replace),
    suggestions: labels.suggestions.map(replace),
  };
}

function removed(state: LabelState, id: number): LabelState {
  const { now } = state;
  const isOther = (shape: Shape) => shape.id !== id;
  const left = {
    ...now,
    objects: now.objects.filter(isOther),
    suggestions: now.suggestions.filter(isOther),
  };
  if (itemsOf(left).length === itemsOf(now).length) return state;
  const next = neighborOf({ ...state, selected: id }, 1) ?? neighborOf({ ...state, selected: id }, -1);
  return { ...changedTo(state, left), selected: next };
}

function suggested(
  state: LabelState,
  objects: (LabeledObject & { score: number })[],
  labels: ScoredLabel[],
): LabelState {
  const { now } = state;
  const isNew = (found: LabeledObject) =>
    !now.objects.some(({ label, box }) => label === found.label && iou(box, found.box) >= SAME_OBJECT);
  const suggestions = objects
    .filter(isNew)
    .sort((a, b) => b.score - a.score)
    .map((object, index) => ({ ...object, id: state.nextId + index }));
  return {
    ...state,
    now: { ...now, suggestions },
    nextId: state.nextId + suggestions.length,
    selected: suggestions[0]?.id ?? state.selected, // Enter accepts it
    suggestedLabels: labels,
    step: null,
  };
}

function accepted(state: LabelState, ids: number[]): LabelState {
  const { now } = state;
  const chosen = now.suggestions.filter(({ id }) => ids.includes(id));
  if (chosen.length === 0) return state;
  const objects = [...now.objects, ...chosen.map(({ score: _, ...shape }) => shape)];
  const suggestions = now.suggestions.filter(({ id }) => !ids.includes(id));
  const changed = changedTo(state, { ...now, objects, suggestions, isEmpty: false });
  return { ...changed, selected: suggestions[0]?.id ?? null };
}

function moved(state: LabelState, from: Labels[], to: Labels[], isForward: boolean): LabelState {
  const next = from.at(-1);
  if (!next) return state;
  const [rest, kept] = [from.slice(0, -1), [...to, state.now]];
  const isThere = itemsOf(next).some(({ id }) => id === state.selected);
  return {
    ...state,
    now: next,
    past: isForward ? kept : rest,
    future: isForward ? rest : kept,
    selected: isThere ? state.selected : null,
    step: null,
  };
}
