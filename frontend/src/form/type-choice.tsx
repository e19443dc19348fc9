import { t } from "../i18n";
import type { Value } from "./schema";

const TYPES = ["number", "category", "date", "text"] as const;
type ColumnType = (typeof TYPES)[number];

interface TypeChoiceProps {
  column: { name: string; type: string };
  types: Record<string, string>; // set by the user, by column
  onInput: (types: Value) => void;
}

/** The type of one column: detected, or set by the user. */
export function TypeChoice({ column: { name, type }, types, onInput }: TypeChoiceProps) {
  const chosen = types[name] ?? "";
  const choose = (next: string) => {
    const { [name]: _, ...others } = types;
    onInput(next ? { ...others, [name]: next } : others);
  };
  return (
    <select
      class="type-choice"
      aria-label={t("type.of", { name })}
      value={chosen}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">
        {chosen ? t("type.guess") : t("type.guessed", { type: t(`column.${type as ColumnType}`) })}
      </option>
      {TYPES.map((one) => (
        <option key={one} value={one}>
          {t(one === "text" ? "type.text" : `column.${one}`)}
        </option>
      ))}
    </select>
  );
}
