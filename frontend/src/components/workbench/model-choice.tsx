import { useId } from "preact/hooks";
import type { Model } from "../../api/types";
import { t } from "../../i18n";
import { InstallModel } from "./install-model";
import { modelText } from "./model-text";

interface ModelChoiceProps {
  models: Model[];
  chosen: string | null;
  onChoose: (model: string | null) => void;
}

/** As jobs name it: name@version. */
export const nameOf = (model: Model): string => `${model.name}@${model.version}`;

/** The model that answers when none is chosen. */
const usualModel = (models: Model[]): Model | undefined =>
  models.find((model) => model.is_default && model.is_installed) ??
  models.find((model) => model.is_installed) ??
  models[0];

/** The model of a choice, which may be the name alone. */
export const chosenModel = (models: Model[], chosen: string | null): Model | undefined =>
  models.find((model) => nameOf(model) === chosen || model.name === chosen) ?? usualModel(models);

/** Which weights answer. Those that are not on the machine can be installed. */
export function ModelChoice({ models, chosen, onChoose }: ModelChoiceProps) {
  const id = useId();
  const usual = usualModel(models);
  const current = chosenModel(models, chosen);
  const missing = models.filter((model) => !model.is_installed);
  const preferred = missing.find((model) => model.is_preferred || model.is_default);
  const others = missing.filter((model) => model !== preferred);
  if (!current || !usual) return null;
  return (
    <div class="field">
      <label for={id}>{t("model.model")}</label>
      <select
        id={id}
        value={nameOf(current)}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {models.map((model) => (
          <option key={model.id} value={nameOf(model)} disabled={!model.is_installed}>
            {modelText(model, "title").text}
            {model.version > 1 ? ` (${t("model.version", { n: model.version })})` : ""}
            {model.is_installed ? "" : `, ${t("model.missing")}`}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} class="hint" lang={modelText(current, "summary").lang}>
        {modelText(current, "summary").text}
      </p>
      {preferred && (
        <div class="hint">
          <p>
            {t("model.standsIn", {
              name: modelText(preferred, "title").text,
              other: modelText(usual, "title").text,
            })}
          </p>
          <InstallModel model={preferred} />
        </div>
      )}
      {others.length > 0 && (
        <details class="missing">
          <summary>{t("model.more", { n: others.length })}</summary>
          <ul>
            {others.map((model) => (
              <li key={model.id}>
                <strong lang={modelText(model, "title").lang}>{modelText(model, "title").text}</strong>{" "}
                <span lang={modelText(model, "summary").lang}>{modelText(model, "summary").text}</span>
                <InstallModel model={model} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
