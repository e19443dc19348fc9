import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Explained } from "../components/glossary/explained";
import { label, type Translation, t } from "../i18n";
import { ColumnChoice, ColumnsField, type KnownColumn } from "./column-fields";
import { type ControlProps, FreeNumber, NumberBox } from "./number-fields";
import {
  defaultsOf,
  type Field,
  fieldsOf,
  hasSlider,
  isMeantBy,
  isSame,
  listOf,
  presetsOf,
  typesIn,
  type Value,
  type Values,
  writtenList,
} from "./schema";
import { choiceText, fieldText } from "./texts";

interface SchemaFormProps {
  /** Where the ids of the form's texts begin: `<capability>.<task>`. */
  textsOf: string;
  schema: Record<string, unknown>;
  values: Values;
  errors: Record<string, string>;
  /** Those of the table that is worked on; null while there is none. */
  columns?: KnownColumn[] | null;
  onChange: (values: Values) => void;
}

/** A form generated from a card's JSON Schema: a new capability needs no code here. */
export function SchemaForm({ textsOf, schema, values, errors, columns = null, onChange }: SchemaFormProps) {
  const presets = presetsOf(schema);
  const all = { ...defaultsOf(schema), ...values };
  const fields = fieldsOf(schema).filter((field) => isMeantBy(field, all) || field.name in errors);
  // types are set where the columns are listed
  const types = fields.find((field) => field.type === "types");
  const groups = new Set(fields.map((field) => field.group).filter(Boolean));
  const row = (field: Field) => (
    <FieldRow
      key={field.name}
      textsOf={textsOf}
      field={field}
      value={field.name in values ? values[field.name] : field.default}
      error={errors[field.name]}
      columns={columns}
      types={types ? typesIn(all[types.name]) : {}}
      onTypes={types ? (value) => onChange({ ...values, [types.name]: value }) : null}
      onInput={(value) => onChange({ ...values, [field.name]: value })}
    />
  );
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
              {preset.title
                ? label(`${textsOf}.presets.${index}`, preset.title).text
                : t("form.preset", { n: index + 1 })}
            </button>
          ))}
        </fieldset>
      )}
      {fields.filter((field) => !field.group && field !== types).map(row)}
      {types && errors[types.name] && <p class="error">{errors[types.name]}</p>}
      {[...groups].map((group) => {
        const own = fields.filter((field) => field.group === group);
        const isOpen = own.some(({ name, default: usual }) => name in errors || !isSame(all[name], usual));
        return (
          <Group key={group} title={fieldText(textsOf, own[0], "group")} isOpen={isOpen}>
            {own.map(row)}
          </Group>
        );
      })}
    </>
  );
}

interface GroupProps {
  title: Translation;
  isOpen: boolean;
  children: ComponentChildren;
}

/** Fields that are seldom needed; once open, the group stays open. */
function Group({ title, isOpen, children }: GroupProps) {
  const [isShown, show] = useState(false);
  return (
    <details
      class="field-group"
      open={isShown || isOpen}
      onToggle={(event) => show(event.currentTarget.open)}
    >
      <summary lang={title.lang}>{title.text}</summary>
      {children}
    </details>
  );
}

interface FieldRowProps {
  textsOf: string;
  field: Field;
  value: Value;
  error: string | undefined;
  columns: KnownColumn[] | null;
  types: Record<string, string>;
  onTypes: ((types: Value) => void) | null;
  onInput: (value: Value) => void;
}

function FieldRow({ textsOf, field, value, error, columns, types, onTypes, onInput }: FieldRowProps) {
  const id = useId();
  const described = [field.description && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const control = {
    id,
    name: field.name,
    "aria-describedby": described || undefined,
    "aria-invalid": error ? true : undefined,
  };
  const isCheck = field.type === "boolean";
  const title = fieldText(textsOf, field, "title");
  const description = fieldText(textsOf, field, "description");
  if (field.type === "columns")
    return (
      <ColumnsField
        title={title}
        description={description}
        value={value}
        error={error}
        columns={columns}
        types={types}
        onTypes={onTypes}
        onInput={onInput}
      />
    );
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
        <label for={id} lang={title.lang}>
          <Explained text={title.text} />
        </label>
        {hasSlider(field) && <NumberBox field={field} value={value} label={title.text} onInput={onInput} />}
      </div>
      {field.type === "column" && columns ? (
        <ColumnChoice
          value={value}
          empty={field.empty}
          control={control}
          columns={columns}
          onInput={onInput}
        />
      ) : (
        !isCheck && (
          <Control
            field={field}
            value={value}
            control={control}
            choiceText={(choice) => choiceText(textsOf, field, choice)}
            onInput={onInput}
          />
        )
      )}
      {field.description && (
        <p id={`${id}-hint`} class="hint" lang={description.lang}>
          <Explained text={description.text} />
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

interface ChoosingProps extends ControlProps {
  choiceText: (choice: string) => string;
}

function Control({ field, value, control, choiceText, onInput }: ChoosingProps) {
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
            {choiceText(String(option))}
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

/** Values separated by commas; text stays as typed. */
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
