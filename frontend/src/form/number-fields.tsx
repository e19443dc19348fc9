import { Dices } from "lucide";
import { Icon } from "../components/controls/icon";
import { formatNumber, t } from "../i18n";
import type { Field, Value } from "./schema";

/** The props of every form control. */
export interface ControlProps {
  field: Field;
  value: Value;
  control: { id: string; name: string };
  onInput: (value: Value) => void;
}

/** A number without a slider. */
export function FreeNumber({ field, value, control, onInput }: ControlProps) {
  const isSeed = field.name === "seed";
  const highest = Math.min(field.maximum ?? 2 ** 31 - 1, 2 ** 31 - 1);
  return (
    <div class="with-button">
      <input
        {...control}
        type="number"
        min={field.minimum ?? undefined}
        max={field.maximum ?? undefined}
        step={field.isInteger ? field.step : "any"}
        placeholder={field.isOptional ? t("form.auto") : undefined}
        value={value === null ? "" : Number(value)}
        onInput={(event) => onInput(typed(event.currentTarget, field))}
      />
      {isSeed && (
        <button
          type="button"
          class="tool"
          aria-label={t("form.dice")}
          title={t("form.dice")}
          onClick={() => onInput(Math.floor(Math.random() * highest))}
        >
          <Icon of={Dices} />
        </button>
      )}
    </div>
  );
}

/** Beside a slider, for exact values. */
export function NumberBox({
  field,
  value,
  label,
  onInput,
}: {
  field: Field;
  value: Value;
  label: string;
  onInput: (value: Value) => void;
}) {
  return (
    <input
      class="number-box"
      type="number"
      aria-label={t("form.exact", { title: label })}
      min={field.minimum ?? undefined}
      max={field.maximum ?? undefined}
      step={field.isInteger ? field.step : "any"}
      value={Number(value)}
      title={t("form.range", {
        from: formatNumber(field.minimum ?? 0),
        to: formatNumber(field.maximum ?? 0),
      })}
      onInput={(event) => {
        const next = typed(event.currentTarget, field);
        if (next !== null) onInput(next);
      }}
    />
  );
}

function typed(input: HTMLInputElement, field: Field): Value {
  if (input.value === "") return field.isOptional ? null : field.default;
  return Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : field.default;
}
