import { useState } from "preact/hooks";
import type { Input, Model, Sketch } from "../../api/types";
import { t } from "../../i18n";
import { useLoaded } from "../controls/loaded";
import type { Bench } from "./bench";
import { chosenModel } from "./model-choice";

interface SketchPlaceProps {
  bench: Bench;
  input: Input;
  isOpen: boolean;
}

/** A canvas beside the drop zone of an input that can be drawn: open where something was drawn on it before. */
export function SketchPlace({ bench, input, isOpen }: SketchPlaceProps) {
  const { capability } = bench;
  const sketch = sketchOf(input, chosenModel(capability?.models ?? [], bench.model));
  const key = sketch && storageKey(`${capability?.name}.${input.name}`, sketch);
  const [isShown, show] = useState(() => isOpen || hasDrawing(key));
  if (!sketch || !key) return null;
  return (
    <details
      class="settings sketch-place"
      open={isShown}
      onToggle={(event) => show(event.currentTarget.open)}
    >
      <summary>
        <h3>{t("bench.draw")}</h3>
      </summary>
      {isShown && <Pad key={key} bench={bench} input={input} sketch={sketch} storageKey={key} />}
    </details>
  );
}

function Pad(props: { bench: Bench; input: Input; sketch: Sketch; storageKey: string }) {
  const loaded = useLoaded(() => import("../sketch/sketch-pad"));
  return loaded && <loaded.SketchPad {...props} />;
}

/** Models may take other brushes than the input's own. */
const sketchOf = ({ sketch }: Input, model: Model | undefined): Sketch | null =>
  sketch && (sketch.by_model[model?.name ?? ""] ?? sketch);

const storageKey = (of: string, { width, height, background, brushes }: Sketch): string =>
  ["sketch", of, width, height, background, ...brushes.map(({ color }) => color)].join(" ");

function hasDrawing(key: string | null): boolean {
  try {
    return key !== null && sessionStorage.getItem(key) !== null;
  } catch {
    return false; // storage is blocked
  }
}
