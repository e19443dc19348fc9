import type { Size } from "../../labeling/annotation";
import { previewOf } from "../../labeling/gestures";
import { itemsOf, selectedOf } from "../../labeling/state";
import type { Draw } from "./canvas";
import { classPaint, drawScene, drawWork, type Work } from "./scene";
import type { ToolSession } from "./session";
import type { Labels } from "./use-saver";
import type { Tools } from "./use-tools";

/** What the canvas shows of the objects: all that rest, and over them what is being changed. */
export function layersOf(
  { state }: Labels,
  session: ToolSession,
  tools: Tools,
  size: Size,
): { draw: Draw; values: unknown[] }[] {
  const selected = selectedOf(state);
  const changed = tools.gesture && previewOf(tools.gesture, size);
  const numbered = itemsOf(state.now).map((shape, index) => ({ shape, number: index + 1 }));
  const paintFor = (label: string) => classPaint(session.classes, label);
  const shapes = numbered.filter(({ shape: { id } }) => !state.hidden.includes(id) && id !== changed?.id);
  const isBrush = session.tool === "brush" || session.tool === "eraser";
  const isHeld = selected && !tools.draft && !isBrush && !state.hidden.includes(selected.id);
  const work: Work = {
    changed: changed && {
      shape: changed,
      number: itemsOf(state.now).findIndex(({ id }) => id === changed.id) + 1,
    },
    held: isHeld ? (changed ?? selected) : null,
    gesture: tools.gesture,
    draft: tools.draft,
    radius: tools.radius,
    paint: paintFor(tools.label),
    paintFor,
  };
  return [
    {
      draw: (context, view) => drawScene(context, view, { shapes, selected: state.selected, paintFor }),
      values: [state.now, state.hidden, state.selected, changed?.id, session.classes.join("\n")],
    },
    {
      draw: (context, view) => drawWork(context, view, work),
      values: [tools.gesture, tools.draft, tools.radius, tools.label, state.now, state.selected, isHeld],
    },
  ];
}
