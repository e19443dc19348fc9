import { useId } from "preact/hooks";
import { useCatalog } from "../../api/catalog";
import type { Model } from "../../api/types";
import { label, t } from "../../i18n";
import "./topic";

const PATTERN = "[a-z0-9][a-z0-9._\\-]{0,63}";

/** Models of the users of this server, which a training may give a next version. */
export const isOwn = ({ source }: Pick<Model, "source">): boolean =>
  source !== "shipped" && source !== "pretrained" && source !== "built-in";

interface ModelNameFieldProps {
  capability: string;
  value: string;
  error: string | undefined; // of the server
  onChange: (name: string) => void;
}

/** The name of the model that a training makes; a name that exists gets its next version. */
export function ModelNameField({ capability, value, error, onChange }: ModelNameFieldProps) {
  const id = useId();
  const models = useCatalog().items?.flatMap((item) => item.models) ?? [];
  const own = models.filter((model) => model.capability === capability && isOwn(model));
  const outcome = outcomeOf(value, capability, models);
  const problem = error ?? (outcome.isRefused ? outcome.text : undefined);
  return (
    <div class={`field${problem ? " has-error" : ""}`}>
      <label for={id}>{t("runs.modelName")}</label>
      <input
        id={id}
        type="text"
        list={`${id}-names`}
        value={value}
        pattern={PATTERN}
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-hint`}
        aria-invalid={problem ? true : undefined}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={`${id}-names`}>
        {own.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p id={`${id}-hint`} class={problem ? "error" : "hint"} role="status">
        {problem ?? outcome.text}
      </p>
    </div>
  );
}

function outcomeOf(name: string, capability: string, models: Model[]): { text: string; isRefused?: boolean } {
  if (!name || !new RegExp(`^${PATTERN}$`).test(name)) return { text: t("runs.modelNameHint") };
  const model = models.find((one) => one.name === name);
  if (!model) return { text: t("runs.first") };
  if (!isOwn(model)) return { text: t("runs.ofGlassbox", { name }), isRefused: true };
  if (model.capability === capability) return { text: t("runs.next", { name, n: model.version }) };
  const title = label(`${model.capability}.title`, model.capability).text;
  return { text: t("runs.taken", { name, capability: title }), isRefused: true };
}
