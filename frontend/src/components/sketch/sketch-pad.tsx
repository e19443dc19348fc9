import { Download, FolderOpen, Play, Redo2, Trash2, Undo2 } from "lucide";
import { useId, useMemo, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Input, Sketch } from "../../api/types";
import { onlyInput } from "../../form/inputs";
import { label, loadTopic, t } from "../../i18n";
import { Choice } from "../controls/choice";
import { Icon, Swatch } from "../controls/icon";
import { saveFile } from "../controls/save-file";
import { Slider } from "../controls/slider";
import { ToolButton } from "../controls/tool-button";
import type { Bench } from "../workbench/bench";
import { blank, isBlank, paletteOf } from "./drawing";
import { drawingOf } from "./picture-pixels";
import { pngOf } from "./png";
import { SketchCanvas, type Tool } from "./sketch-canvas";
import { useDrawing } from "./use-drawing";
import "../../style/sketch.css";

await loadTopic({ en: () => import("../../i18n/en/sketch"), de: () => import("../../i18n/de/sketch") });

const TOOLS: Tool[] = ["draw", "fill"];
const FILE = "drawing.png";

export interface SketchPadProps {
  bench: Bench;
  input: Input;
  sketch: Sketch;
  storageKey: string;
}

/** Draws the picture that a model takes, in the colors that it takes. */
export function SketchPad({ bench, input, sketch, storageKey }: SketchPadProps) {
  const id = useId();
  const palette = useMemo(() => paletteOf(sketch), [sketch]);
  const state = useDrawing(storageKey, sketch);
  const { drawing } = state;
  const largest = Math.max(2, Math.round(Math.min(sketch.width, sketch.height) / 4));
  const [place, setPlace] = useState(Math.min(1, palette.length - 1));
  const [tool, setTool] = useState<Tool>("draw");
  const [size, setSize] = useState(Math.max(1, Math.round(largest / 8)));
  const [problem, setProblem] = useState<string | null>(null);
  const brushes = brushesOf(bench, sketch, palette);
  const file = async () => new File([await pngOf(drawing, palette)], FILE, { type: "image/png" });

  const load = async (source: () => Promise<Blob>) => {
    setProblem(null);
    try {
      const loaded = await drawingOf(await source(), sketch, palette);
      state.begin(() => loaded);
    } catch {
      setProblem(t("sketch.unreadable"));
    }
  };
  const press = (key: string): boolean => {
    const brush = /^\d$/.test(key) ? brushes[(Number(key) + 9) % 10] : undefined; // 0 is the tenth
    if (brush) setPlace(brush.place);
    else if (key === "+") setSize(Math.min(size + 1, largest));
    else if (key === "-") setSize(Math.max(size - 1, 1));
    else return false;
    return true;
  };
  const undoKeys = (event: KeyboardEvent) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y")) return;
    if ((event.target as Element).matches("input[type=text]")) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) state.redo();
    else state.undo();
  };
  return (
    <div class="sketch" role="group" aria-label={t("bench.draw")} onKeyDown={undoKeys}>
      <SketchCanvas
        state={state}
        palette={palette}
        nameOf={(at) => brushes.find((brush) => brush.place === at)?.name ?? ""}
        tool={tool}
        size={size}
        place={place}
        hintId={`${id}-hint`}
        onKey={press}
      />
      <div class="sketch-tools">
        <fieldset class="choice">
          <legend>{t("sketch.brush")}</legend>
          {brushes.map((brush) => (
            <label key={brush.place}>
              <input
                type="radio"
                name={id}
                checked={brush.place === place}
                onChange={() => setPlace(brush.place)}
              />
              <Swatch color={palette[brush.place]} />
              <span lang={brush.lang}>{brush.name}</span>
            </label>
          ))}
        </fieldset>
        <Choice
          legend={t("sketch.tool")}
          options={TOOLS.map((each) => ({ name: t(`sketch.${each}`) }))}
          chosen={TOOLS.indexOf(tool)}
          onChoose={(index) => setTool(TOOLS[index])}
        />
        <Slider
          title={t("sketch.size")}
          value={size - 1}
          max={largest - 1}
          valueText={t("sketch.pixels", { n: size })}
          onInput={(value) => setSize(value + 1)}
        />
        <div class="actions">
          <ToolButton icon={Undo2} title={t("sketch.undo")} isOff={!state.canUndo} onClick={state.undo} />
          <ToolButton icon={Redo2} title={t("sketch.redo")} isOff={!state.canRedo} onClick={state.redo} />
          <ToolButton
            icon={Trash2}
            title={t("sketch.clear")}
            isOff={isBlank(drawing)}
            onClick={() => state.begin(() => blank(sketch))}
          />
          <ToolButton
            icon={Download}
            title={t("action.download")}
            onClick={async () => saveFile(await file(), FILE)}
          />
        </div>
        <Sources bench={bench} input={input} onLoad={load} />
        {problem && (
          <p class="error" role="alert">
            {problem}
          </p>
        )}
        <button
          type="button"
          class="button is-primary"
          disabled={bench.isBusy || isBlank(drawing)}
          onClick={async () => bench.take(input, [await file()], [])}
        >
          <Icon of={Play} />
          {t(bench.capability && onlyInput(bench.capability) ? "sketch.run" : "sketch.use")}
        </button>
      </div>
      <p class="hint sketch-hint" id={`${id}-hint`}>
        {t("sketch.hint")}
      </p>
    </div>
  );
}

interface NamedBrush {
  place: number;
  name: string;
  lang: "en" | undefined;
}

/** The card's brushes with their names, and an eraser unless one of them has the background's color. */
function brushesOf({ capability }: Bench, sketch: Sketch, palette: string[]): NamedBrush[] {
  const brushes = sketch.brushes.map(({ name, color }) => {
    const { text, lang } = label(`${capability?.name}.brushes.${name}`, name);
    return { place: palette.indexOf(color), name: text, lang };
  });
  if (brushes.some((brush) => brush.place === 0)) return brushes;
  return [...brushes, { place: 0, name: t("sketch.eraser"), lang: undefined }];
}

interface SourcesProps {
  bench: Bench;
  input: Input;
  onLoad: (source: () => Promise<Blob>) => void;
}

/** Pictures to go on drawing from: this job's, the samples, and the user's own files. */
function Sources({ bench, input, onLoad }: SourcesProps) {
  const id = useId();
  const chosen = bench.chosen[input.name];
  const samples = bench.capability?.samples.filter(({ inputs }) => input.name in inputs) ?? [];
  const options = [
    ...(chosen ? [{ id: chosen, title: t("sketch.ofJob") }] : []),
    ...samples.map(({ name, title, inputs }) => ({
      id: inputs[input.name],
      title: label(`${bench.capability?.name}.samples.${name}.title`, title).text,
    })),
  ];
  const content = async (upload: string) => {
    const answer = await fetch((await api.upload(upload)).url);
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.blob();
  };
  return (
    <div class="sketch-sources">
      {options.length > 0 && (
        <div class="field">
          <label for={id}>{t("sketch.from")}</label>
          <select
            id={id}
            value=""
            onChange={(event) => {
              const { value } = event.currentTarget;
              event.currentTarget.value = "";
              if (value) onLoad(() => content(value));
            }}
          >
            <option value="">{t("sketch.choose")}</option>
            {options.map((option) => (
              <option key={option.id} value={option.id}>
                {option.title}
              </option>
            ))}
          </select>
        </div>
      )}
      <input
        id={`${id}-file`}
        class="visually-hidden"
        type="file"
        accept="image/*"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (file) onLoad(async () => file);
        }}
      />
      <label class="button is-small" for={`${id}-file`}>
        <Icon of={FolderOpen} size={16} />
        {t("sketch.open")}
      </label>
    </div>
  );
}
