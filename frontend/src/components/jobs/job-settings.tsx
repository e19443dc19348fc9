import { Fragment } from "preact";
import { useCapability } from "../../api/catalog";
import type { Job } from "../../api/types";
import {
  defaultsOf,
  type Field,
  fieldsOf,
  isMeantBy,
  isSame,
  type Value,
  type Values,
} from "../../form/schema";
import { choiceText, fieldText } from "../../form/texts";
import { formatNumber, t } from "../../i18n";

export interface JobSetting {
  name: string;
  title: string;
  text: string;
  isUsual: boolean;
}

/** The settings of a job by their titles, those that had an effect; where the card lacks one, by its name. */
export function useJobSettings(job: Job): JobSetting[] {
  const capability = useCapability(job.capability);
  const schema = (job.task === "train" ? capability?.train_params : capability?.predict_params) ?? {};
  const textsOf = `${job.capability}.${job.task === "train" ? "train" : "predict"}`;
  const values = { ...defaultsOf(schema), ...(job.params as Values) };
  return fieldsOf(schema)
    .filter((field) => field.name in job.params && isMeantBy(field, values))
    .map((field) => ({
      name: field.name,
      title: fieldText(textsOf, field, "title").text,
      text: settingText(textsOf, field, values[field.name]),
      isUsual: isSame(values[field.name], field.default),
    }));
}

function settingText(textsOf: string, field: Field, value: Value): string {
  if (value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0))
    return t("form.auto");
  if (typeof value === "boolean") return t(value ? "facts.yes" : "facts.no");
  if (typeof value === "number")
    return formatNumber(value, { maximumSignificantDigits: 6, useGrouping: false });
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "object")
    return Object.entries(value)
      .map((pair) => pair.join(": "))
      .join(", ");
  return field.type === "choice" ? choiceText(textsOf, field, value) : value;
}

/** All settings of a job as a list. */
export function JobSettings({ job }: { job: Job }) {
  const settings = useJobSettings(job);
  if (settings.length === 0) return null;
  return (
    <dl class="facts">
      {settings.map(({ name, title, text }) => (
        <Fragment key={name}>
          <dt>{title}</dt>
          <dd>{text}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
