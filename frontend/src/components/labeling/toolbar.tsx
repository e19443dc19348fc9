import { Brush, Eraser, MousePointer2, Redo2, Spline, SquareDashed, Undo2 } from "lucide";
import { type Key, t } from "../../i18n";
import { TOOLS, type Tool } from "../../labeling/gestures";
import { Icon } from "../controls/icon";
import { ToolButton } from "../controls/tool-button";
import { KeySheet } from "./panels/key-sheet";
import type { ToolSession } from "./session";
import type { Labels } from "./use-saver";
import type { Tools } from "./use-tools";

const OFFERED: Record<Tool, { icon: typeof Brush; title: Key; key: string }> = {
  select: { icon: MousePointer2, title: "labeling.tool.select", key: "V" },
  box: { icon: SquareDashed, title: "labeling.tool.box", key: "B" },
  polygon: { icon: Spline, title: "labeling.tool.polygon", key: "P" },
  brush: { icon: Brush, title: "labeling.tool.brush", key: "D" },
  eraser: { icon: Eraser, title: "labeling.tool.eraser", key: "E" },
};

interface ToolbarProps {
  labels: Labels;
  session: ToolSession;
  tools: Tools;
  kind: string;
  hasKeySheet?: boolean;
}

/** What the pointer does, the brush's size, and the steps back. */
export function Toolbar({ labels, session, tools, kind, hasKeySheet = true }: ToolbarProps) {
  const { state, dispatch } = labels;
  const offered = TOOLS[kind] ?? [];
  const hasBrush = session.tool === "brush" || session.tool === "eraser";
  return (
    <div class="label-tools" role="toolbar" aria-label={t("labeling.tools")}>
      {offered.map((tool) => {
        const { icon, title, key } = OFFERED[tool];
        return (
          <button
            key={tool}
            type="button"
            class="button is-small"
            aria-pressed={session.tool === tool}
            title={`${t(title)} (${key})`}
            onClick={() => tools.take(tool, false)}
          >
            <Icon of={icon} />
            {t(title)}
          </button>
        );
      })}
      {hasBrush && (
        <label class="label-radius">
          {t("labeling.brushSize")}
          <input
            type="range"
            min={2}
            max={200}
            value={session.radius}
            onInput={(event) => session.change({ radius: event.currentTarget.valueAsNumber })}
          />
        </label>
      )}
      {tools.draft && tools.draft.name !== "brush" && (
        <button type="button" class="button is-small is-primary" onClick={() => tools.finish()}>
          {t("labeling.finish")} <kbd>⏎</kbd>
        </button>
      )}
      <span class="label-steps">
        <ToolButton
          icon={Undo2}
          title={t("labeling.undo")}
          isOff={state.past.length === 0}
          onClick={() => dispatch({ type: "undo" })}
        />
        <ToolButton
          icon={Redo2}
          title={t("labeling.redo")}
          isOff={state.future.length === 0}
          onClick={() => dispatch({ type: "redo" })}
        />
        {hasKeySheet && <KeySheet kind={kind} />}
      </span>
    </div>
  );
}
