import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import type { Dataset, DatasetPicture } from "../../api/types";
import { language, t } from "../../i18n";
import { TOOLS } from "../../labeling/gestures";
import { isSuggestion, itemsOf, type Shape, selectedOf } from "../../labeling/state";
import { areHotkeysOn, isWanted } from "../shell/hotkeys";
import { Canvas, CURSORS, type Zoom } from "./canvas";
import { type Keyboard, pressCanvas, pressLetter, pressUndo, used } from "./keys";
import { layersOf } from "./layers";
import { ClassPicker } from "./panels/class-picker";
import { ObjectList } from "./panels/object-list";
import { SaveProblem, SaveState } from "./panels/save-state";
import { SuggestPanel } from "./panels/suggest-panel";
import type { Session } from "./session";
import { Toolbar } from "./toolbar";
import { useSavedLabels } from "./use-saver";
import { useSuggestions } from "./use-suggestions";
import { useTools } from "./use-tools";

interface LabelerProps {
  dataset: Dataset;
  picture: DatasetPicture;
  /** The next picture is on its way: what is typed meanwhile is not meant for this one. */
  isLeaving: boolean;
  session: Session;
  onSaved: () => void;
  /** `saving`: ends when this picture's labels are saved, which its successor may depend on. */
  onNext: (saving: () => Promise<void>) => void;
  onFollowing: () => void;
  onPrevious: () => void;
}

/** One picture with everything that labels it. */
export function Labeler(props: LabelerProps) {
  const { dataset, picture, isLeaving, session, onSaved, onNext, onFollowing, onPrevious } = props;
  const { kind } = dataset;
  const size = { width: picture.width, height: picture.height };
  const hintId = useId();
  const zoom = useRef<Zoom>(null);
  const firstClass = useRef<HTMLButtonElement>(null);
  const labels = useSavedLabels(dataset.id, picture, onSaved);
  const { state, dispatch } = labels;
  const tools = useTools(labels, session, zoom, size);
  const suggestions = useSuggestions(dataset, picture, session, labels);
  const selected = selectedOf(state);
  const isOfPicture = !(kind in TOOLS);

  const next = () => onNext(() => labels.saver.flush());
  const relabel = (shape: Shape, label: string) => {
    if (isSuggestion(shape) && !session.classes.includes(shape.label))
      session.change({ assigned: { ...session.assigned, [shape.label]: label } });
    dispatch({ type: "relabel", id: shape.id, label });
  };
  const choose = (label: string) => {
    session.addClass(label);
    if (isOfPicture) {
      dispatch({ type: "class", label });
      if (session.goesOn) next();
      return;
    }
    session.change({ active: label });
    if (selected) relabel(selected, label);
  };
  const accept = (isAll: boolean): boolean => {
    const [best] = state.suggestedLabels;
    if (isOfPicture) {
      if (!best || state.now.label !== null) return false;
      choose(best.label);
      return true;
    }
    const known = state.now.suggestions.filter(({ label }) => session.classes.includes(label));
    const all = known.length > 0 ? known : state.now.suggestions;
    const chosen = isAll ? all : state.now.suggestions.filter(({ id }) => id === state.selected);
    for (const { label } of chosen) session.addClass(label);
    dispatch({ type: "accept", ids: chosen.map(({ id }) => id) });
    return chosen.length > 0;
  };
  const keyboard: Keyboard = {
    labels,
    session,
    tools,
    zoom,
    size,
    kind,
    acts: {
      chooseClass: (place) => place < session.classes.length && choose(session.classes[place]),
      accept,
      suggest: suggestions.suggest,
      next,
      following: onFollowing,
      previous: onPrevious,
      focusClasses: () => firstClass.current?.focus(),
    },
  };
  useKeys(keyboard, isLeaving);

  const layers = layersOf(labels, session, tools, size);
  // a gesture changes none of its rows
  const list = useMemo(
    () => <ObjectList labels={labels} session={session} onRelabel={relabel} />,
    [state.now, state.selected, state.hidden, session.classes.join("\n"), session.assigned, language.value],
  );
  const named = t("labeling.canvas", { name: picture.name, objects: countText(state.now.objects.length) });
  return (
    <div class="label">
      <div class="label-main">
        <Toolbar labels={labels} session={session} tools={tools} kind={kind} />
        <Canvas
          url={picture.picture_url ?? picture.url}
          name={picture.name}
          size={size}
          label={isOfPicture ? picture.name : named}
          hintId={hintId}
          layers={layers}
          pointing={tools.pointing}
          cursor={isOfPicture ? "default" : CURSORS[session.tool]}
          onKeyDown={(event) => used(event, isLeaving ? event.key !== "Tab" : pressCanvas(event, keyboard))}
          zoom={zoom}
        />
        <p class="hint" id={hintId}>
          {t(isOfPicture ? "labeling.hintClass" : "labeling.hint")}
        </p>
        <p class="visually-hidden" role="status">
          {selected &&
            t(isSuggestion(selected) ? "labeling.atSuggestion" : "labeling.at", {
              label: selected.label,
              n: itemsOf(state.now).indexOf(selected) + 1,
              total: itemsOf(state.now).length,
            })}
        </p>
      </div>
      <div class="label-side">
        <SaveProblem labels={labels} />
        <section class="card" aria-labelledby="label-classes">
          <div class="is-split">
            <h2 id="label-classes">{t(isOfPicture ? "labeling.classTitle" : "labeling.objectsTitle")}</h2>
            <SaveState status={labels.status} />
          </div>
          <ClassPicker
            session={session}
            chosen={isOfPicture ? state.now.label : (selected?.label ?? tools.label)}
            legend={t(
              isOfPicture
                ? "labeling.classLegend"
                : selected
                  ? "labeling.selectedLegend"
                  : "labeling.nextLegend",
            )}
            scores={isOfPicture ? state.suggestedLabels : []}
            onChoose={choose}
            first={firstClass}
          />
          {isOfPicture ? (
            <label class="inline">
              <input
                type="checkbox"
                checked={session.goesOn}
                onChange={(event) => session.change({ goesOn: event.currentTarget.checked })}
              />
              {t("labeling.goesOn")}
            </label>
          ) : (
            list
          )}
          {!isOfPicture && state.now.objects.length === 0 && !state.now.isEmpty && (
            <button type="button" class="button is-small" onClick={() => dispatch({ type: "empty" })}>
              {t("labeling.confirmEmpty")} <kbd>X</kbd>
            </button>
          )}
        </section>
        <SuggestPanel
          labels={labels}
          session={session}
          suggestions={suggestions}
          onAcceptAll={() => accept(true)}
        />
      </div>
    </div>
  );
}

const countText = (count: number): string => t("labeling.objects", { n: count });

/** Letters and digits wherever the focus is, as far as the reader allows single keys, and undo. */
function useKeys(keyboard: Keyboard, isOff: boolean): void {
  const latest = useRef({ keyboard, isOff });
  latest.current = { keyboard, isOff };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { keyboard: now, isOff: isIgnored } = latest.current;
      if (event.defaultPrevented || isIgnored) return;
      if (pressUndo(event, now.labels)) return event.preventDefault();
      const isModified = event.ctrlKey || event.metaKey || event.altKey;
      if (isModified || !areHotkeysOn.value || isWanted(event.target, event.key)) return;
      if (pressLetter(event, now)) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
