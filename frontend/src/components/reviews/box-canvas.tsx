import { useId, useRef, useState } from "preact/hooks";
import { loadTopic, t } from "../../i18n";
import type { Size } from "../../labeling/annotation";
import type { Tool } from "../../labeling/gestures";
import { type Action, annotationOf, type LabelState, opened, reduce, selectedOf } from "../../labeling/state";
import { Canvas, CURSORS, type Zoom } from "../labeling/canvas";
import { pressCanvas, used } from "../labeling/keys";
import { layersOf } from "../labeling/layers";
import type { ToolSession } from "../labeling/session";
import { Toolbar } from "../labeling/toolbar";
import { useTools } from "../labeling/use-tools";
import type { DraftObject } from "./answer-form";
import "../../style/labeling.css";

await loadTopic({ en: () => import("../../i18n/en/labeling"), de: () => import("../../i18n/de/labeling") });

interface BoxCanvasProps {
  url: string;
  name: string;
  size: Size;
  classes: string[];
  objects: DraftObject[];
  onChange: (objects: DraftObject[]) => void;
}

/** The boxes of an answer on their picture, corrected with the tools that label pictures. */
export function BoxCanvas({ url, name, size, classes, objects, onChange }: BoxCanvasProps) {
  const hintId = useId();
  const zoom = useRef<Zoom>(null);
  const [state, dispatch] = useLabels(objects, onChange);
  const [{ tool, radius }, setTool] = useState<{ tool: Tool; radius: number }>({ tool: "select", radius: 1 });
  const selected = selectedOf(state);
  const session: ToolSession = {
    classes,
    active: selected?.label || null,
    tool,
    radius,
    change: (changes) => setTool((last) => ({ ...last, tool: changes.tool ?? last.tool })),
  };
  const labels = { state, dispatch };
  const tools = useTools(labels, session, zoom, size);
  const relabel = (label: string | undefined) =>
    selected && label && dispatch({ type: "relabel", id: selected.id, label });
  const acts = {
    chooseClass: (place: number) => relabel(classes[place]),
    accept: () => true, // there are no suggestions, and no next picture
    suggest: () => undefined,
    next: () => undefined,
    following: () => undefined,
    previous: () => undefined,
    focusClasses: () => undefined,
  };
  const keyboard = { labels, session, tools, zoom, size, kind: "boxes", acts };
  return (
    <div class="label-main">
      <Toolbar labels={labels} session={session} tools={tools} kind="boxes" hasKeySheet={false} />
      <Canvas
        url={url}
        name={name}
        size={size}
        label={t("labeling.canvas", { name, objects: t("labeling.objects", { n: objects.length }) })}
        hintId={hintId}
        layers={layersOf(labels, session, tools, size)}
        pointing={tools.pointing}
        cursor={CURSORS[tool]}
        onKeyDown={(event) => used(event, pressCanvas(event, keyboard))}
        zoom={zoom}
        takesFocus={false}
      />
      <p class="hint" id={hintId}>
        {t("reviews.canvasHint")}
      </p>
    </div>
  );
}

const textOf = (objects: DraftObject[]) => JSON.stringify(objects.map(({ label, box }) => [label, box]));

/** The objects as the tools change them; fields beside the canvas change them too. */
function useLabels(
  objects: DraftObject[],
  onChange: (objects: DraftObject[]) => void,
): [LabelState, (action: Action) => void] {
  const [kept, setKept] = useState<LabelState>(() => opened({ objects }));
  const shown = annotationOf(kept.now)?.objects ?? [];
  const state =
    textOf(shown) === textOf(objects) ? kept : reduce(kept, { type: "replace", annotation: { objects } });
  const latest = useRef(state); // several actions may come before the page is drawn
  latest.current = state;
  const dispatch = (action: Action) => {
    const next = reduce(latest.current, action);
    latest.current = next;
    setKept(next);
    if (next.now.objects !== state.now.objects)
      onChange(next.now.objects.map(({ label, box }) => ({ label, box })));
  };
  return [state, dispatch];
}
