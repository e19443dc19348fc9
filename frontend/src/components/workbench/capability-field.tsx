import { useId } from "preact/hooks";
import type { Capability } from "../../api/types";
import { label, t } from "../../i18n";

interface CapabilityFieldProps {
  capabilities: readonly Capability[];
  chosen: Capability;
  onChoose: (name: string) => void;
}

/** The choice of a capability by its title. */
export function CapabilityField({ capabilities, chosen, onChoose }: CapabilityFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("train.capability")}</label>
      <select id={id} value={chosen.name} onChange={(event) => onChoose(event.currentTarget.value)}>
        {capabilities.map(({ name, title }) => (
          <option key={name} value={name}>
            {label(`${name}.title`, title).text}
          </option>
        ))}
      </select>
    </div>
  );
}
