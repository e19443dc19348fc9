import { useId } from "preact/hooks";
import { type Audited, auditedModels } from "../../api/audits";
import type { Model } from "../../api/types";
import { label, t } from "../../i18n";
import { nameOf } from "../workbench/model-choice";
import { modelText } from "../workbench/model-text";

export interface AuditedModel {
  key: string; // name@version
  model: Model;
  capability: Audited;
}

/** Every model that can be audited, with the capability that audits it. */
export const modelsOf = (capabilities: Audited[]): AuditedModel[] =>
  capabilities.flatMap((capability) =>
    auditedModels(capability).map((model) => ({ key: nameOf(model), model, capability })),
  );

interface ModelFieldProps {
  models: AuditedModel[];
  chosen: string;
  error: string | undefined;
  onChoose: (key: string) => void;
}

/** Which model is audited, by its capability. */
export function ModelField({ models, chosen, error, onChoose }: ModelFieldProps) {
  const id = useId();
  const names = [...new Set(models.map(({ capability }) => capability.name))];
  return (
    <div class="field">
      <label for={id}>{t("model.model")}</label>
      <select
        id={id}
        value={chosen}
        aria-invalid={error ? true : undefined}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {names.map((name) => {
          const own = models.filter(({ capability }) => capability.name === name);
          return (
            <optgroup key={name} label={label(`${name}.title`, own[0].capability.title).text}>
              {own.map(({ key, model }) => (
                <option key={key} value={key}>
                  {modelText(model, "title").text}
                  {model.version > 1 ? ` (${t("model.version", { n: model.version })})` : ""}
                </option>
              ))}
            </optgroup>
          );
        })}
      </select>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
