import { Dices } from "lucide";
import { useId, useState } from "preact/hooks";
import { Icon } from "../components/icon";
import { formatNumber, t } from "../i18n";
import { ColumnChoice, ColumnsField, type KnownColumn } from "./column-fields";
import {
  defaultsOf,
  type Field,
  fieldsOf,
  hasSlider,
  isMeantBy,
  isSame,
  listOf,
  presetsOf,
  type Value,
  type Values,
  writtenList,
} from "./schema";

interface SchemaFormProps {
  schema: Record<string, unknown>;
  values: Values;
  errors: Record<string, string>;
  /** Those of the table that is worked on; null while there is none. */
  columns?: KnownColumn[] | null;
  onChange: (values: Values) => void;
}

/** A form drawn from a card's JSON schema: a new capability needs no code here. */
export function SchemaForm({ schema, values, errors, columns = null, onChange }: SchemaFormProps) {
  const presets = presetsOf(schema);
  const all = { ...defaultsOf(schema), ...values };
  const fields = fieldsOf(schema).filter((field) => isMeantBy(field, all) || field.name in errors);
  return (
    <>
      {presets.length > 0 && (
        <fieldset class="presets">
          <legend>{t("form.presets")}</legend>
          {presets.map((preset, index) => (
            <button
              key={preset.title ?? index}
              type="button"
              class="button is-small"
              aria-pressed={Object.entries(preset.values).every(([name, value]) =>
                isSame(values[name], value),
              )}
              onClick={() => onChange({ ...values, ...preset.values })}
            >
              {preset.title ?? t("form.preset", { n: index + 1 })}
            </button>
          ))}
        </fieldset>
      )}
      {fields.map((field) => (
        <FieldRow
          key={field.name}
          field={field}
          value={field.name in values ? values[field.name] : field.default}
          error={errors[field.name]}
          columns={columns}
          onInput={(value) => onChange({ ...values, [field.name]: value })}
        />
      ))}
    </>
  );
}

interface FieldRowProps {
  field: Field;
  value: Value;
  error: string | undefined;
  columns: KnownColumn[] | null;
  onInput: (value: Value) => void;
}

function FieldRow({ field, value, error, columns, onInput }: FieldRowProps) {
  const id = useId();
  const described = [field.description && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const control = {
    id,
    name: field.name,
    "aria-describedby": described || undefined,
    "aria-invalid": error ? true : undefined,
  };
  const isCheck = field.type === "boolean";
  if (field.type === "columns")
    return <ColumnsField field={field} value={value} error={error} columns={columns} onInput={onInput} />;
  return (
    <div class={`field${error ? " has-error" : ""}`}>
      <div class={isCheck ? "field-check" : "field-head"}>
        {isCheck && (
          <input
            {...control}
            type="checkbox"
            checked={value === true}
            onChange={(event) => onInput(event.currentTarget.checked)}
          />
        )}
        <label for={id} lang="en">
          {field.title}
        </label>
        {hasSlider(field) && <NumberBox field={field} value={value} label={field.title} onInput={onInput} />}
      </div>
      {field.type === "column" && columns ? (
        <ColumnChoice value={value} control={control} columns={columns} onInput={onInput} />
      ) : (
        !isCheck && <Control field={field} value={value} control={control} onInput={onInput} />
      )}
      {field.description && (
        <p id={`${id}-hint`} class="hint" lang="en">
          {field.description}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="error">
          {error}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  field: Field;
  value: Value;
  control: { id: string; name: string };
  onInput: (value: Value) => void;
}

function Control({ field, value, control, onInput }: ControlProps) {
  if (field.type === "choice")
    return (
      <select
        {...control}
        value={String(field.options.indexOf(value))}
        onChange={(event) => onInput(field.options[Number(event.currentTarget.value)] ?? null)}
      >
        {field.isOptional && <option value="-1">{t("form.auto")}</option>}
        {field.options.map((option, index) => (
          <option key={String(option)} value={String(index)}>
            {String(option)}
          </option>
        ))}
      </select>
    );
  if (hasSlider(field))
    return (
      <input
        {...control}
        type="range"
        min={field.minimum ?? 0}
        max={field.maximum ?? 1}
        step={field.step}
        value={Number(value)}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
    );
  if (field.type === "number")
    return <FreeNumber field={field} value={value} control={control} onInput={onInput} />;
  if (field.type === "list") return <List field={field} value={value} control={control} onInput={onInput} />;
  return (
    <input
      {...control}
      type="text"
      value={value === null ? "" : String(value)}
      onInput={(event) => onInput(event.currentTarget.value || (field.isOptional ? null : ""))}
    />
  );
}

/** Several values with commas between; what is being typed stays as it is typed. */
function List({ field, value, control, onInput }: ControlProps) {
  const [text, setText] = useState(writtenList(value));
  const isCurrent = isSame(listOf(text, field.isOfNumbers), value);
  return (
    <input
      {...control}
      type="text"
      inputMode={field.isOfNumbers ? "decimal" : undefined}
      value={isCurrent ? text : writtenList(value)}
      onInput={(event) => {
        setText(event.currentTarget.value);
        onInput(listOf(event.currentTarget.value, field.isOfNumbers));
      }}
    />
  );
}

function FreeNumber({ field, value, control, onInput }: ControlProps) {
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
function NumberBox({
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
