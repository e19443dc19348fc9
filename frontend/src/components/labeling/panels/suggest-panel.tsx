import { CheckCheck, Sparkles } from "lucide";
import { useId } from "preact/hooks";
import { label, t } from "../../../i18n";
import { Icon } from "../../controls/icon";
import { nameOf } from "../predictions";
import type { Session } from "../session";
import type { SavedLabels } from "../use-saver";
import type { SuggestionsState } from "../use-suggestions";

interface SuggestPanelProps {
  labels: SavedLabels;
  session: Session;
  suggestions: SuggestionsState;
  onAcceptAll: () => void;
}

/** A model that labels the picture as far as it can; nothing is a label until it is accepted. */
export function SuggestPanel({ labels, session, suggestions, onAcceptAll }: SuggestPanelProps) {
  const id = useId();
  const { models, model, isRunning, error, isDone, suggest } = suggestions;
  const { state, dispatch } = labels;
  const waiting = state.now.suggestions;
  const isOfPicture = state.suggestedLabels.length > 0; // shown beside the classes
  const unknown = waiting.filter(({ label }) => !session.classes.includes(label)).length;
  if (!model) return null;
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("labeling.suggestTitle")}</h2>
      <div class="field">
        <label for={id}>{t("labeling.model")}</label>
        <select
          id={id}
          value={nameOf(model)}
          onChange={(event) => session.change({ model: event.currentTarget.value })}
        >
          {models.map((one) => (
            <option key={one.id} value={nameOf(one)}>
              {label(`${one.capability}.models.${one.name}.title`, one.title).text}
              {one.version > 1 && ` (${one.version})`}
            </option>
          ))}
        </select>
      </div>
      <div class="actions">
        <button type="button" class="button is-small" aria-busy={isRunning} onClick={suggest}>
          <Icon of={Sparkles} size={16} />
          {t(isRunning ? "labeling.suggesting" : "labeling.suggest")} <kbd>S</kbd>
        </button>
        {waiting.length > 0 && (
          <>
            <button type="button" class="button is-small" onClick={onAcceptAll}>
              <Icon of={CheckCheck} size={16} />
              {t("labeling.acceptAll")} <kbd>⇧⏎</kbd>
            </button>
            <button
              type="button"
              class="button is-small is-quiet"
              onClick={() => dispatch({ type: "dismiss" })}
            >
              {t("labeling.dismiss")}
            </button>
          </>
        )}
      </div>
      <label class="inline">
        <input
          type="checkbox"
          checked={session.suggestsAlways}
          onChange={(event) => session.change({ suggestsAlways: event.currentTarget.checked })}
        />
        {t("labeling.suggestAlways")}
      </label>
      <p class="hint" role="status">
        {isDone && !isRunning && !isOfPicture && t("labeling.suggested", { n: waiting.length })}
        {unknown > 0 && ` ${t("labeling.unknown", { n: unknown })}`}
      </p>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </section>
  );
}
