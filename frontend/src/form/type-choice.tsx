import { t } from "../i18n";
import type { Value } from "./schema";

const TYPES = ["number", "category", "date", "text"] as const;
type ColumnType = (typeof TYPES)[number];

interface TypeChoiceProps {
  column: { name: string; type: string };
  types: Record<string, string>; // what is told of all columns
  onInput: (types: Value) => void;
}

/** The type of one column: as it was guessed, or as it is told. */
export function TypeChoice({ column: { name, type }, types, onInput }: TypeChoiceProps) {
  const told = types[name] ?? "";
  const choose = (next: string) => {
    const { [name]: _, ...others } = types;
    onInput(next ? { ...others, [name]: next } : others);
  };
  return (
    <select
      class="type-choice"
      aria-label={t("type.of", { name })}
      value={told}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">
        {told ? t("type.guess") : t("type.guessed", { type: t(`column.${type as ColumnType}`) })}
      </option>
      {TYPES.map((one) => (
        <option key={one} value={one}>
          {t(one === "text" ? "type.text" : `column.${one}`)}
        </option>
      ))}
    </select>
  );
}
