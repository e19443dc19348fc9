import { Dices } from "lucide";
import { useId } from "preact/hooks";
import { formatNumber, type Key, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { type Choice, type GanSettings, OPTIONS } from "./settings";

const GROUPS: Choice[][] = [
  ["shape", "noise"],
  ["rateD", "rateG", "stepsD", "batch"],
  ["loss", "optimizer", "hidden", "activation"],
];
const SEEDS = 10_000;

interface SettingsFormProps {
  settings: GanSettings;
  onChange: (changed: Partial<GanSettings>) => void;
}

/** Every setting as a native choice. */
export function SettingsForm({ settings, onChange }: SettingsFormProps) {
  const id = useId();
  return (
    <form class="gan-settings" onSubmit={(event) => event.preventDefault()}>
      {GROUPS.map((group) => (
        <div key={group[0]} class="gan-group">
          {group.map((name) => (
            <div key={name} class="field">
              <label for={`${id}-${name}`}>{t(`gan.${name}`)}</label>
              <select
                id={`${id}-${name}`}
                value={String(settings[name])}
                onChange={(event) => onChange({ [name]: OPTIONS[name][event.currentTarget.selectedIndex] })}
              >
                {OPTIONS[name].map((option) => (
                  <option key={option} value={String(option)}>
                    {typeof option === "number" ? formatNumber(option) : t(`gan.option.${option}` as Key)}
                  </option>
                ))}
              </select>
            </div>
          ))}
        </div>
      ))}
      <div class="field">
        <label for={`${id}-seed`}>{t("gan.seed")}</label>
        <div class="with-button">
          <input
            id={`${id}-seed`}
            type="number"
            min={0}
            max={2 ** 31 - 1}
            step={1}
            value={settings.seed}
            onChange={(event) => {
              const { value, validity } = event.currentTarget;
              if (value !== "" && validity.valid) onChange({ seed: Number(value) });
            }}
          />
          <button
            type="button"
            class="tool"
            aria-label={t("form.dice")}
            title={t("form.dice")}
            onClick={() => onChange({ seed: Math.floor(Math.random() * SEEDS) })}
          >
            <Icon of={Dices} />
          </button>
        </div>
      </div>
    </form>
  );
}
