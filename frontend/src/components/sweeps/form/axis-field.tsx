import { X } from "lucide";
import { useId, useState } from "preact/hooks";
import type { Field } from "../../../form/schema";
import { choiceText, fieldText } from "../../../form/texts";
import { t } from "../../../i18n";
import { Choice } from "../../controls/choice";
import { Icon } from "../../controls/icon";
import { type Axis, choicesOf, problemOf, rangeValues, textOf, toggled, valuesOf } from "./values";

interface AxisFieldProps {
  axis: Axis;
  number: number;
  fields: Field[]; // that it may be of
  textsOf: string;
  error: string | undefined;
  onChange: (axis: Axis) => void;
  onRemove: (() => void) | null;
}

/** A setting that varies, and its values. */
export function AxisField({ axis, number, fields, textsOf, error, onChange, onRemove }: AxisFieldProps) {
  const id = useId();
  const field = fields.find(({ name }) => name === axis.param);
  const titleOf = (one: Field) => fieldText(textsOf, one, "title").text;
  const choose = (param: string) => {
    const next = fields.find(({ name }) => name === param);
    onChange({ param, text: next && choicesOf(next) ? textOf(next, choicesOf(next) ?? []) : "" });
  };
  return (
    <fieldset class="sweep-axis">
      <legend class="visually-hidden">{t("sweepForm.setting", { n: number })}</legend>
      <div class="field">
        <label for={id}>{t("sweepForm.setting", { n: number })}</label>
        <div class="with-button">
          <select id={id} value={axis.param} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">{t("sweepForm.choose")}</option>
            {fields.map((one) => (
              <option key={one.name} value={one.name}>
                {titleOf(one)}
              </option>
            ))}
          </select>
          {onRemove && (
            <button
              type="button"
              class="tool"
              aria-label={t("sweepForm.remove", { name: field ? titleOf(field) : String(number) })}
              onClick={onRemove}
            >
              <Icon of={X} />
            </button>
          )}
        </div>
      </div>
      {field && (
        <AxisValues
          field={field}
          title={titleOf(field)}
          textsOf={textsOf}
          text={axis.text}
          error={error}
          onChange={(text) => onChange({ ...axis, text })}
        />
      )}
    </fieldset>
  );
}

interface AxisValuesProps {
  field: Field;
  title: string;
  textsOf: string;
  text: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

function AxisValues({ field, title, textsOf, text, error, onChange }: AxisValuesProps) {
  const id = useId();
  const choices = choicesOf(field);
  const problem = problemOf(field, text);
  const shown = error ?? (problem && text && t(`sweepForm.${problem.kind}`, { value: "", ...problem }));
  if (choices)
    return (
      <fieldset class="chips">
        <legend>{t("sweepForm.values", { name: title })}</legend>
        {choices.map((choice) => (
          <label key={String(choice)} class="chip">
            <input
              type="checkbox"
              checked={valuesOf(field, text).includes(choice)}
              onChange={() => onChange(toggled(field, text, choice))}
            />
            {typeof choice === "boolean"
              ? t(choice ? "facts.yes" : "facts.no")
              : choiceText(textsOf, field, String(choice))}
          </label>
        ))}
      </fieldset>
    );
  return (
    <>
      <div class="field">
        <label for={id}>{t("sweepForm.values", { name: title })}</label>
        <input
          id={id}
          type="text"
          inputMode="text"
          value={text}
          aria-describedby={`${id}-hint`}
          aria-invalid={shown ? true : undefined}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        <p class="hint" id={`${id}-hint`}>
          {t(field.type === "list" ? "sweepForm.listsHint" : "sweepForm.valuesHint")}
        </p>
        {shown && (
          <p class="error" role="alert">
            {shown}
          </p>
        )}
      </div>
      {field.type === "number" && (
        <Range field={field} onFill={(values) => onChange(textOf(field, values))} />
      )}
    </>
  );
}

const USUAL_COUNT = 5;

/** Fills in values at equal distances or ratios. */
function Range({ field, onFill }: { field: Field; onFill: (values: number[]) => void }) {
  const id = useId();
  const usual = typeof field.default === "number" && field.default > 0 ? field.default : 1;
  const [ends, setEnds] = useState({
    from: field.isInteger ? Math.max(field.minimum ?? 1, 1) : Number((usual / 10).toPrecision(3)),
    to: field.isInteger ? usual * 2 : Math.min(usual * 10, field.maximum ?? Number.POSITIVE_INFINITY),
    count: USUAL_COUNT,
  });
  const [isLog, setLog] = useState(!field.isInteger);
  const values = rangeValues(ends.from, ends.to, ends.count, isLog, field.isInteger);
  const parts = [
    ["from", t("sweepForm.from")],
    ["to", t("sweepForm.to")],
    ["count", t("sweepForm.count")],
  ] as const;
  return (
    <details class="facts-more">
      <summary>{t("sweepForm.range")}</summary>
      <div class="sweep-range">
        {parts.map(([name, title]) => (
          <div key={name} class="field">
            <label for={`${id}-${name}`}>{title}</label>
            <input
              id={`${id}-${name}`}
              type="number"
              step={name === "count" || field.isInteger ? 1 : "any"}
              min={name === "count" ? 1 : undefined}
              value={ends[name]}
              onInput={(event) => setEnds({ ...ends, [name]: event.currentTarget.valueAsNumber })}
            />
          </div>
        ))}
      </div>
      <Choice
        legend={t("sweepForm.scale")}
        options={[{ name: t("sweepForm.linear") }, { name: t("sweepForm.log") }]}
        chosen={isLog ? 1 : 0}
        onChoose={(index) => setLog(index === 1)}
      />
      {values.length === 0 && isLog && <p class="error">{t("sweepForm.badRange")}</p>}
      <button
        type="button"
        class="button is-small"
        disabled={values.length === 0}
        onClick={() => onFill(values)}
      >
        {t("sweepForm.fill")}
      </button>
    </details>
  );
}
