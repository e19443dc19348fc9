import { useId, useState } from "preact/hooks";
import { Explained } from "../components/glossary/explained";
import { type Translation, t } from "../i18n";
import type { Field, Value } from "./schema";
import { TypeChoice } from "./type-choice";

export interface KnownColumn {
  name: string;
  type: string;
}

const SEARCHED = 12; // with more columns, a search field is shown

interface ColumnChoiceProps {
  value: Value;
  empty: Field["empty"];
  control: { id: string; name: string };
  columns: KnownColumn[];
  onInput: (value: Value) => void;
}

const EMPTY = { last: "form.lastColumn", none: "form.noColumn", automatic: "form.auto" } as const;

/** One column of the table. */
export function ColumnChoice({ value, empty, control, columns, onInput }: ColumnChoiceProps) {
  const name = String(value ?? "");
  const isStrange = name !== "" && !columns.some((column) => column.name === name);
  return (
    <select {...control} value={name} onChange={(event) => onInput(event.currentTarget.value)}>
      <option value="">{t(EMPTY[empty], { name: columns.at(-1)?.name ?? "" })}</option>
      {columns.map((column) => (
        <option key={column.name} value={column.name}>
          {column.name} ({t(`column.${column.type}` as "column.number")})
        </option>
      ))}
      {isStrange && <option value={name}>{t("form.strange", { name })}</option>}
    </select>
  );
}

interface ColumnsFieldProps {
  title: Translation;
  description: Translation;
  value: Value;
  error: string | undefined;
  columns: KnownColumn[] | null;
  types: Record<string, string>; // of the columns whose type the user has set
  onTypes: ((types: Value) => void) | null; // null: they cannot be
  onInput: (value: Value) => void;
}

/** Any number of columns of the table; the description of the field explains an empty choice. */
export function ColumnsField({
  title,
  description,
  value,
  error,
  columns,
  types,
  onTypes,
  onInput,
}: ColumnsFieldProps) {
  const id = useId();
  const [query, setQuery] = useState("");
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const strange = chosen.filter((name) => !columns?.some((column) => column.name === name));
  const known: KnownColumn[] = [...(columns ?? []), ...strange.map((name) => ({ name, type: "" }))];
  const shown = known.filter(({ name }) => name.toLowerCase().includes(query.trim().toLowerCase()));
  const toggle = (name: string, isOn: boolean) =>
    // in the table's order, whatever the order of the clicks
    onInput(known.map((column) => column.name).filter((one) => (one === name ? isOn : chosen.includes(one))));
  const described = [`${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <fieldset class={`field columns${error ? " has-error" : ""}`} aria-describedby={described}>
      <legend lang={title.lang}>{title.text}</legend>
      {columns && (
        <div class="field-head">
          <span class="hint" role="status">
            {chosen.length === 0
              ? t("form.noColumns")
              : t("form.someColumns", { n: chosen.length, total: columns.length })}
          </span>
          {chosen.length > 0 && (
            <button type="button" class="button is-quiet is-small" onClick={() => onInput([])}>
              {t("form.clear")}
            </button>
          )}
        </div>
      )}
      {known.length > SEARCHED && (
        <input
          type="search"
          aria-label={t("form.findColumn")}
          placeholder={t("form.findColumn")}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      {known.length > 0 && (
        <ul class="column-list">
          {shown.map(({ name, type }) => (
            <li key={name}>
              <label class="inline">
                <input
                  type="checkbox"
                  checked={chosen.includes(name)}
                  onChange={(event) => toggle(name, event.currentTarget.checked)}
                />
                <span>
                  {type ? name : t("form.strange", { name })}{" "}
                  {type && !onTypes && <small>{t(`column.${type}` as "column.number")}</small>}
                </span>
              </label>
              {type && onTypes && <TypeChoice column={{ name, type }} types={types} onInput={onTypes} />}
            </li>
          ))}
        </ul>
      )}
      <p id={`${id}-hint`} class="hint">
        <span lang={description.lang}>
          <Explained text={description.text} />
        </span>{" "}
        {!columns && t("form.columnsLater")}
      </p>
      {error && (
        <p id={`${id}-error`} class="error">
          {error}
        </p>
      )}
    </fieldset>
  );
}
