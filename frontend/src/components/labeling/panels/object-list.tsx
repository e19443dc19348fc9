import { Check, Eye, EyeOff, Trash2 } from "lucide";
import { formatPercent, t } from "../../../i18n";
import { isSuggestion, itemsOf, type Shape } from "../../../labeling/state";
import { Icon, Swatch } from "../../controls/icon";
import { classPaint } from "../scene";
import type { Session } from "../session";
import type { SavedLabels } from "../use-saver";

interface ObjectListProps {
  labels: SavedLabels;
  session: Session;
  onRelabel: (shape: Shape, label: string) => void;
}

/** Every object of the picture, and what a model suggests: the same as on the canvas, as a list. */
export function ObjectList({ labels, session, onRelabel }: ObjectListProps) {
  const { state, dispatch } = labels;
  const items = itemsOf(state.now);
  if (items.length === 0)
    return <p class="hint">{t(state.now.isEmpty ? "labeling.confirmedEmpty" : "labeling.noObjects")}</p>;
  return (
    <ol class="label-list">
      {items.map((shape, index) => (
        <li key={shape.id} class={rowClass(shape, state.selected)}>
          <button
            type="button"
            class="label-number"
            aria-pressed={shape.id === state.selected}
            aria-label={t("labeling.select", { n: index + 1, label: shape.label })}
            onClick={() => dispatch({ type: "select", id: shape.id })}
          >
            <Swatch color={classPaint(session.classes, shape.label).line} />
            {index + 1}
          </button>
          <ClassSelect
            title={t("labeling.classOf", { n: index + 1 })}
            value={shape.label}
            classes={session.classes}
            onChoose={(label) => onRelabel(shape, label)}
          />
          {isSuggestion(shape) ? (
            <Suggested shape={shape} labels={labels} />
          ) : (
            <Act
              icon={state.hidden.includes(shape.id) ? EyeOff : Eye}
              title={t(state.hidden.includes(shape.id) ? "labeling.show" : "labeling.hide", { n: index + 1 })}
              onClick={() => dispatch({ type: "hide", id: shape.id })}
            />
          )}
          <Act
            icon={Trash2}
            title={t("labeling.delete", { n: index + 1 })}
            onClick={() => dispatch({ type: "remove", id: shape.id })}
          />
        </li>
      ))}
    </ol>
  );
}

const rowClass = (shape: Shape, selected: number | null): string =>
  [shape.id === selected && "is-chosen", isSuggestion(shape) && "is-suggested"].filter(Boolean).join(" ");

function Suggested({ shape, labels }: { shape: Shape; labels: SavedLabels }) {
  return (
    <>
      <small>{isSuggestion(shape) && formatPercent(shape.score)}</small>
      <Act
        icon={Check}
        title={t("labeling.accept", { label: shape.label })}
        onClick={() => labels.dispatch({ type: "accept", ids: [shape.id] })}
      />
    </>
  );
}

interface ClassSelectProps {
  title: string;
  value: string;
  classes: string[];
  onChoose: (label: string) => void;
}

/** The dataset's classes; a label that is none of them yet is marked as new. */
function ClassSelect({ title, value, classes, onChoose }: ClassSelectProps) {
  return (
    <select aria-label={title} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      {!classes.includes(value) && <option value={value}>{t("labeling.newClass", { label: value })}</option>}
      {classes.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Act({ icon, title, onClick }: { icon: typeof Eye; title: string; onClick: () => void }) {
  return (
    <button type="button" class="tool is-bare" aria-label={title} title={title} onClick={onClick}>
      <Icon of={icon} size={16} />
    </button>
  );
}
