import { useId } from "preact/hooks";
import type { Model } from "../../api/types";
import { langOf, said, t } from "../../i18n";

interface ModelChoiceProps {
  models: Model[];
  chosen: string | null;
  onChoose: (model: string | null) => void;
}

const nameOf = (model: Model): string => `${model.name}@${model.version}`;

/** Which weights answer. Those that are not on the machine are listed with the command that fetches them. */
export function ModelChoice({ models, chosen, onChoose }: ModelChoiceProps) {
  const id = useId();
  const usual = models.find((model) => model.is_default) ?? models[0];
  const current = models.find((model) => nameOf(model) === chosen || model.name === chosen) ?? usual;
  const missing = models.filter((model) => !model.is_installed);
  if (!current) return null;
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
            {said(model.title)}
            {model.version > 1 ? ` (${t("model.version", { n: model.version })})` : ""}
            {model.is_installed ? "" : `, ${t("model.missing")}`}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} class="hint" lang={langOf(current.summary)}>
        {said(current.summary)}
      </p>
      {missing.length > 0 && (
        <details class="missing">
          <summary>{t("model.more", { n: missing.length })}</summary>
          <ul>
            {missing.map((model) => (
              <li key={model.id}>
                <strong lang={langOf(model.title)}>{said(model.title)}</strong>{" "}
                <span lang={langOf(model.summary)}>{said(model.summary)}</span>
                {model.install_command && <InstallCommand command={model.install_command} />}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

export function InstallCommand({ command }: { command: string }) {
  return (
    <span class="install">
      {t("model.install")} <code>{command}</code>
    </span>
  );
}
